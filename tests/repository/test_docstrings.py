"""Statistical functions document parameters, result, errors and source, and their examples run.

They are the public functions of each part, and the functions behind them that another part, a release or a page uses.
"""

from __future__ import annotations

import ast
import doctest
import inspect
import re
import runpy
import textwrap
from collections.abc import Callable
from functools import lru_cache
from importlib import import_module
from operator import attrgetter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PARTS: dict[str, str] = runpy.run_path(str(ROOT / "scripts" / "public_api.py"))["PARTS"]
SECTIONS = ("Parameters", "Returns", "Yields", "Raises", "Notes", "References", "Examples")  # in their order
UNDERLINED = re.compile(rf"^({'|'.join(SECTIONS)})\n(-+)$", re.M)
STARS = {inspect.Parameter.VAR_POSITIONAL: "*", inspect.Parameter.VAR_KEYWORD: "**"}
CONTRADICTIONS = {"AssertionError", "RuntimeError"}  # faults of the code or its data, not of the caller
PARAMETER = re.compile(r"^[\w*][\w*, ]*(?= : |$)", re.M)
BEHIND = {
    "charts": "alt_text csv_of draw_svg ranked table_of",
    "charts.agreement_charts": "agreement draw_bars draw_shares draw_interval",
    "charts.table_marks": "draw_weight draw_parts draw_course draw_spark draw_whisker whisker_top",
    "charts.waterfall": "draw_waterfall",
    "base.geometric_noise": "deviation drawn of_histories none_negative",
    "evidence.counting.crosstab": "axis marginals",
    "evidence.counting.frequency_table": (
        "Table.from_csv Table.from_frame Table.keys Table.tally tabulate to_csv cells_from_csv"
    ),
    "evidence.counting.marginal_counts": (
        "list_column_choices Marginals.not_reported Marginals.tables Marginals.existing Marginals.combinations"
    ),
    "evidence.counting.marginals": "all_marginals chosen_counts",
    "evidence.counting.row_filter": "select_rows",
    "evidence.counting.row_weights": "check_weights",
    "evidence.counting.selection": "part",
    "evidence.data.content_hash": "hash_rows",
    "evidence.data.periods": "list_years",
    "evidence.data.publication_threshold": "check_threshold",
    "evidence.data.snapshot": "Snapshot.from_frame Snapshot.read Snapshot.list_of write read",
    "evidence.dp.column_domains": "public_axes clip_rows",
    "evidence.dp.consistency": "list_levels compute_precision compute_variances find_nearest_feasible",
    "evidence.dp.gaussian_noise": "repeatable",
    "evidence.dp.tables": "measurement_plan plan_loss",
    "evidence.ledger.budgets": (
        "BudgetLedger.set_budget BudgetLedger.approve_budget BudgetLedger.budget BudgetLedger.reserve "
        "BudgetLedger.spent BudgetLedger.held BudgetLedger.left BudgetLedger.check"
    ),
    "evidence.ledger.composition": "privacy_loss undrawn_reserve",
    "evidence.ledger.entry": "digest",
    "evidence.ledger.entry_chain": "EntryChain.entries",
    "evidence.ledger.ledger": "Ledger.stored Ledger.output Ledger.keep Ledger.append Ledger.fingerprint Ledger.state",
    "evidence.mse.bayes.convergence": "convergence",
    "evidence.mse.bayes.decomposable_graphs": "Average.quantile dga_grid list_graphs",
    "evidence.mse.bayes.posterior": "weighted_quantiles",
    "evidence.mse.bayes.thresholded_model": "model_posterior",
    "evidence.mse.covariates.fit": "hierarchical_terms",
    "evidence.mse.covariates.strata": "Strata.by Strata.benchmarked",
    "evidence.mse.headline.floor": "least_split",
    "evidence.mse.headline.headline": "round_digits",
    "evidence.mse.headline.known_lists": "check_known_lists",
    "evidence.mse.headline.ladder": "most_people heterogeneity_score",
    "evidence.mse.headline.tipping_point": "doubling_share",
    "evidence.mse.linkage_errors.corrected_lists": "without_errors",
    "evidence.mse.linkage_errors.correction": "build_transition_matrix simulate_linkage_errors bootstrap_linked_tables",
    "evidence.mse.lists": "Lists.of_people Lists.on Lists.with_empty Lists.resampled",
    "evidence.mse.loglinear.bic_selection": "bic_many search_downhill search_downhill_many",
    "evidence.mse.loglinear.bootstrap_intervals": (
        "Bootstrap.percentile Bootstrap.bca compute_quantile compute_acceleration"
    ),
    "evidence.mse.loglinear.existence": "existence",
    "evidence.mse.loglinear.fit": "Fit.interval",
    "evidence.mse.loglinear.hierarchical_models": "close_model list_generators model_name all_models list_neighbours",
    "evidence.mse.loglinear.integer_tables": "round_to_people",
    "evidence.mse.loglinear.stepwise_selection": "stepwise_models",
    "evidence.mse.nonparametric_bounds": "pairwise",
    "evidence.mse.panels.chart": "chart",
    "evidence.mse.panels.headline_chart": "headline_chart",
    "evidence.mse.panels.sensitivity": (
        "estimates_by_odds_ratio without_list merge_two_lists leave_one_out merge_pairs estimate_point"
    ),
    "evidence.release.prevalence.chart": "answer_chart methods_chart",
    "evidence.release.prevalence.published_figures": "range_figures",
    "evidence.release.prevalence.rounding": "step near limits outward",
    "evidence.sdc.composition.derivable_groups": "find_derivable_groups",
    "evidence.sdc.composition.table_rings": "find_rings",
    "evidence.synthesis.evaluation.attacks.attack_rate": "wilson rate clopper_pearson risk",
    "evidence.synthesis.evaluation.attacks.attribute_inference": "inference clustered",
    "evidence.synthesis.evaluation.attacks.encoded_rows": "coded",
    "evidence.synthesis.evaluation.attacks.membership_inference": "membership unique_records area bound bets",
    "evidence.synthesis.evaluation.attacks.singling_out": "measure_singling_out unique_values descriptions expected",
    "evidence.synthesis.evaluation.count_spread": "spread pair_counts",
    "evidence.synthesis.evaluation.risk_ratings": "rate_interval",
    "evidence.synthesis.measurement.combined_counts": "combine_measurements",
    "evidence.synthesis.measurement.measure": "plan compute_losses compute_spreads clip_for choose_clip",
    "evidence.synthesis.measurement.noisy_counts": "find_standing_out find_value_threshold weights",
    "evidence.synthesis.pipeline": "compute_loss spreads",
    "linkage.matching.batch_scorer": "probability score_levels",
    "linkage.matching.clusters": "clusters",
    "linkage.matching.model_file": "Model.load Model.as_dict Model.for_spark Model.only prior_weight",
    "linkage.matching.train": "train",
    "linkage.matching.uninformative_values": "blank_shared_values add_namesakes",
    "linkage.matching.waterfall_chart": "chart_steps chart",
    "linkage.names.folding": "stem",
    "linkage.names.language": "detect_language",
    "linkage.names.name_parts": "parts diminutives",
    "linkage.names.search_keys": "name_keys agreement",
    "linkage.register_guards": "find_conflict_flags",
    "linkage.register_matching": "blocking_keys share prior",
    "linkage.tokens.estimate_overlap": "overlap",
    "linkage.tokens.known_pairs": "count_by_document count_sample",
    "linkage.tokens.link_error_rates": "rates",
    "linkage.tokens.match_lists": "match_lists",
    "linkage.tokens.overlap_counts": "count_shared counts_of_lists overlap_table",
    "linkage.tokens.published_counts": "draw_noise noise_bound deviation rate_epsilon noisy_counts",
    "linkage.tokens.study_log": "StudyLog.entries StudyLog.append StudyLog.first",
    "vocabulary.codes": "values",
    "vocabulary.ctdc": "age_broad aggregate",
    "vocabulary.dates": "age_band age_limits quarter half add_months add_business_days",
    "vocabulary.population": "populations_of read",
    "vocabulary.screening": "positive combine",
    "vocabulary.sdg": "series series_of",
}
NAMES_OF_PARTS = [
    f"{package}:{name}" for package in PARTS.values() for name in import_module(package).__all__ if name.islower()
]
NAMES_BEHIND = [f"kerege.{module}:{name}" for module, names in BEHIND.items() for name in names.split()]
NAMES = [*NAMES_OF_PARTS, *NAMES_BEHIND]


@lru_cache
def find_function(name: str) -> Callable[..., object]:
    """Return the function or method of a name; its module loads only now."""
    module, _, path = name.partition(":")
    function: Callable[..., object] = attrgetter(path)(import_module(module))
    return function


def sections(name: str) -> dict[str, str]:
    """Return the sections of a docstring by heading; the summary has the key ''."""
    first, *parts = UNDERLINED.split(inspect.getdoc(find_function(name)) or "")
    return {"": first} | dict(zip(parts[::3], parts[2::3], strict=True))


def misplaced_sections(name: str) -> list[str]:
    """Return the headings that are out of order or underlined with another number of hyphens."""
    headings = [heading for heading in sections(name) if heading]
    underlined = UNDERLINED.findall(inspect.getdoc(find_function(name)) or "")
    wrong = [heading for heading, line in underlined if len(heading) != len(line)]
    return wrong or ([] if headings == [row for row in SECTIONS if row in headings] else headings)


def undocumented_parameters(name: str) -> set[str]:
    """Return the parameters without an entry, and `Returns` where the result has none."""
    signature, documented = inspect.signature(find_function(name)), sections(name)
    parameters = {STARS.get(row.kind, "") + row.name for row in signature.parameters.values()} - {"self"}
    lines = PARAMETER.findall(documented.get("Parameters", ""))
    is_documented = signature.return_annotation == "None" or {"Returns", "Yields"} & set(documented)
    missing = set() if is_documented else {"Returns"}
    return (parameters - {parameter for line in lines for parameter in line.split(", ")}) | missing


def undocumented_errors(name: str) -> set[str]:
    """Return the errors that the body raises and that the section Raises does not name."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(inspect.unwrap(find_function(name)))))
    raised = [node.exc for node in ast.walk(tree) if isinstance(node, ast.Raise)]
    errors = {call.func.id for call in raised if isinstance(call, ast.Call) and isinstance(call.func, ast.Name)}
    errors = {"BadLists" if error == "lists_error" else error for error in errors} - CONTRADICTIONS
    return {error for error in errors if error[0].isupper() and error not in sections(name).get("Raises", "")}


def test_more_than_120_functions_are_checked() -> None:
    assert len(set(NAMES)) == len(NAMES) > 120


def test_sections_are_underlined_and_in_the_order_of_numpydoc() -> None:
    assert {name: headings for name in NAMES if (headings := misplaced_sections(name))} == {}


def test_every_parameter_and_result_is_documented() -> None:
    assert {name: missing for name in NAMES if (missing := undocumented_parameters(name))} == {}


def test_every_error_that_a_body_raises_is_documented() -> None:
    assert {name: missing for name in NAMES if (missing := undocumented_errors(name))} == {}


def test_every_function_has_an_example() -> None:
    assert [name for name in NAMES if ">>> " not in sections(name).get("Examples", "")] == []


@pytest.mark.parametrize("name", NAMES_BEHIND)  # tests/scripts/test_public_api.py runs those of the parts
def test_the_example_runs(name: str) -> None:
    known = dict(vars(inspect.getmodule(inspect.unwrap(find_function(name)))))
    example = doctest.DocTestParser().get_doctest(sections(name)["Examples"], known, name, None, None)
    assert doctest.DocTestRunner().run(example).failed == 0


@pytest.mark.parametrize("folder", ["base", "vocabulary", "linkage", "evidence"])
def test_no_underline_of_a_section_is_joined_with_its_text(folder: str) -> None:
    files = sorted((ROOT / "src" / "kerege" / folder).rglob("*.py"))
    assert [path.name for path in files if re.search(r"^ *-{4,} \S", path.read_text("utf-8"), re.M)] == []
