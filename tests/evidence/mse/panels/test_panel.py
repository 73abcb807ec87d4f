"""The panel returns the results of its methods, depends on its seed, and has stable keys."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from kerege.evidence.mse import BadLists, Lists, bootstrap, correct_linkage_errors
from kerege.evidence.mse.headline.headline import HeadlineSettings
from kerege.evidence.mse.linkage_errors.corrected_lists import without_errors
from kerege.evidence.mse.lists import build_unchecked_lists
from kerege.evidence.mse.loglinear.bootstrap import draw_corrected
from kerege.evidence.mse.nonparametric_bounds import lower_bound
from kerege.evidence.mse.panels.answer import answer_lines, explain_no_estimate
from kerege.evidence.mse.panels.messages import assumptions, errors, notes, read_messages
from kerege.evidence.mse.panels.methods import chapman
from kerege.evidence.mse.panels.panel import Panel, panel
from kerege.evidence.mse.panels.sensitivity import leave_one_out, merge_two_lists
from tests.evidence.mse.tables import table

KEYS = {"detected", "lists", "repeated", "headline", "no_estimate", "stop_rules", "remarks", "methods", "sensitivity",
        "assumptions", "settings", "bootstrap", "seed", "version"}  # fmt: skip
HEADLINE_KEYS = (
    "kind reason floor top least_chance allowed panel estimate differ score share_listed doubles_at "
    "missed_links_allowed known_lists intervals"
)
ANSWERED = HeadlineSettings(referrals_out=True, linkage_reviewed=True)
METHOD_KEYS = {"estimate", "model", "interval80", "interval95", "bca80", "bca95", "monte_carlo", "recurrence",
               "warnings", "no_estimate"}  # fmt: skip
LANGUAGES = ("kk", "ru", "en")


@pytest.fixture(scope="module")
def kosovo() -> Panel:
    return panel(table("Kosovo"), times=1000, sweeps=1000, settings=ANSWERED)


def as_dict(result: Panel) -> dict[str, object]:
    return result.as_dict(explain_no_estimate(result, "en"), assumptions("en"))


def test_the_panel_has_the_results_of_its_methods(kosovo: Panel) -> None:
    expected = bootstrap(table("Kosovo"), "stepwise", times=1000)
    stepwise = kosovo.methods["stepwise"]
    assert stepwise.estimate == pytest.approx(14341.6638, rel=1e-6)
    limits = expected.percentile(0.95), expected.percentile(0.8), expected.bca(0.95)
    assert [stepwise.interval95, stepwise.interval80, stepwise.bca95] == [(i.lower, i.upper) for i in limits]
    assert stepwise.monte_carlo["interval95"] == (limits[0].lower_error, limits[0].upper_error)
    assert kosovo.methods["bic"].estimate == pytest.approx(10356.52, abs=0.01)
    assert kosovo.methods["independence"].estimate == pytest.approx(7394.59, abs=0.01)
    assert kosovo.methods["lower_bound"].estimate == pytest.approx(8591, abs=1)
    assert kosovo.methods["decomposable"].estimate == pytest.approx(12_600, rel=0.01)


def test_bca_has_a_warning(kosovo: Panel) -> None:
    assert any(warning.startswith("BCa 80%: BCa reads its limits at") for warning in kosovo.methods["bic"].warnings)
    assert any(note.startswith("! BCa") for note in notes(kosovo, "en"))


def test_the_sensitivity_is_that_of_the_stepwise_estimate(kosovo: Panel) -> None:
    analysis = kosovo.sensitivity
    assert analysis is not None
    unobserved = 14341.6638 - 4400
    assert [figure for figure, _ in analysis.odds_ratios.values()] == pytest.approx(
        [4400 + unobserved / 2, 4400 + unobserved, 4400 + 2 * unobserved]
    )
    assert analysis.without == leave_one_out(table("Kosovo"))
    assert len(analysis.merged) == 6
    assert analysis.recurrence == pytest.approx(0.88, abs=0.03)
    assert (analysis.coverage, analysis.repeated_share) == pytest.approx((0.47, 0.269), abs=0.01)


def test_the_keys_of_the_json_are_stable(kosovo: Panel) -> None:
    result = as_dict(kosovo)
    assert set(result) == KEYS
    assert result["detected"] == 4400
    assert result["no_estimate"] is None
    assert isinstance(result["headline"], dict)
    assert isinstance(result["methods"], dict)
    assert " ".join(result["headline"]) == HEADLINE_KEYS
    assert result["headline"]["kind"] == "range"
    assert result["headline"]["intervals"]["bic"] == "bca80"
    names = (
        "stepwise bic decomposable lcmcr independence lower_bound thresholding "
        "aic mth_chao mth_poisson mth_darroch mth_gamma marginal_pairs marginal_triples"
    )
    assert list(result["methods"]) == names.split()
    for method in result["methods"].values():
        assert set(method) >= METHOD_KEYS
    json.dumps(result, allow_nan=False)


def test_results_depend_on_the_seed(kosovo: Panel) -> None:
    assert as_dict(panel(table("Kosovo"), times=1000, sweeps=1000, settings=ANSWERED)) == as_dict(kosovo)
    other_result = panel(table("Kosovo"), times=1000, sweeps=1000, seed=2)
    assert other_result.methods["stepwise"].interval95 != kosovo.methods["stepwise"].interval95


def test_one_method_has_no_headline() -> None:
    result = panel(table("Kosovo"), times=200, methods=["stepwise"])
    assert list(result.methods) == ["stepwise"]
    assert (result.headline.kind, result.headline.reason, result.headline.detected) == ("none", "partial", 4400)
    assert explain_no_estimate(result, "en").startswith("No headline: only some of the methods were asked for.")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_answer_has_the_floor_first_and_then_the_top(kosovo: Panel, lang: str) -> None:
    first, second, *_ = answer_lines(kosovo, lang)
    number = read_messages(lang).number
    assert number(4400) in first
    assert number(7000) in first
    assert number(28_000) in second
    assert len(assumptions(lang)) == 4


def test_all_languages_have_the_same_messages() -> None:
    keys = [{part: sorted(names) for part, names in read_messages(lang).texts.items()} for lang in LANGUAGES]
    assert keys[0] == keys[1] == keys[2]


def test_lists_without_overlap_have_no_estimate() -> None:
    result = panel(Lists([1, 2, 4], [5, 6, 7]), times=200, sweeps=1000)
    assert (result.headline.kind, result.headline.reason) == ("none", "few_overlaps")
    assert result.stops[0].rule == "few_overlaps"
    assert result.methods["stepwise"].estimate is None
    json.dumps(as_dict(result), allow_nan=False)
    assert "слишком мало людей есть в двух и более списках (0 из нужных 20)" in answer_lines(result, "ru")[1]


def test_two_lists_have_chapmans_estimate_with_a_warning() -> None:
    two = build_unchecked_lists(("A", "B"), LISTS.histories[:3], LISTS.counts[:3])
    result = panel(two)
    assert [*result.methods] == ["chapman"]
    method = result.methods["chapman"]
    assert method.estimate == pytest.approx(71 * 81 / 21 - 1)
    assert method.interval95 is not None
    assert 130 < method.interval95[0] < method.estimate < method.interval95[1]
    assert "two lists cannot show" in method.warnings[0]
    assert "fewer than three lists" in explain_no_estimate(result, "en")


def test_two_lists_of_the_same_people_are_refused_unless_merging_made_them() -> None:
    with pytest.raises(BadLists, match="lists B and C hold the same people, give one of them"):
        panel(Lists([1, 6, 7], [50, 60, 20]), times=200)
    given = Lists([5, 6, 8, 13, 14], [40, 50, 60, 20, 15])
    assert merge_two_lists(given, "A", "B").same == ("A+B", "C")
    analysis = panel(given, times=200, methods=["stepwise"]).sensitivity
    assert analysis is not None
    assert len(analysis.merged) == 6


def test_two_lists_of_the_same_people_have_no_unobserved_people() -> None:
    assert chapman(build_unchecked_lists(("A", "B"), LISTS.histories[2:3], LISTS.counts[2:3])).interval95 == (20, 20)


def test_one_list_has_no_estimate() -> None:
    result = panel(build_unchecked_lists(("A",), LISTS.histories[:1], LISTS.counts[:1]))
    assert (result.headline.kind, result.headline.reason, dict(result.methods)) == ("none", "few_lists", {})


def test_linkage_errors_are_corrected_and_reported() -> None:
    result = panel(table("UKdat_4"), times=200, methods=["stepwise", "independence"], miss={"": 0.1}, false_link=0.005)
    plain = panel(table("UKdat_4"), times=200, methods=["independence"])
    assert result.detected == plain.detected == 2428
    assert result.lists.people < 2428  # a person with a missed link was counted twice
    assert 0.8 < result.methods["independence"].estimate / plain.methods["independence"].estimate < 1.0  # type: ignore[operator]
    assert as_dict(result)["linkage"] == {
        "miss": {"": 0.1},
        "false_link": 0.005,
        "removed": pytest.approx(correct_linkage_errors(table("UKdat_4"), 0.1, 0.005).removed),
        "people_after_correction": result.lists.people,
    }
    assert "Corrected for errors of linkage (missed 10.0%, false 0.5%)" in answer_lines(result, "en")[1]


def test_a_correction_reports_removed_people_assumptions_and_short_intervals() -> None:
    result = panel(table("Ned_5"), times=200, methods=["stepwise", "decomposable"], false_link=0.02)
    linkage = as_dict(result)["linkage"]
    assert isinstance(linkage, dict)
    assert linkage["removed"] == pytest.approx(correct_linkage_errors(table("Ned_5"), 0, 0.02).removed)
    for lang, phrase in zip(LANGUAGES, ("нөлге теңестірілді", "приравнены к нулю", "are set to 0"), strict=True):
        assert any(phrase in note for note in notes(result, lang))
        assert read_messages(lang).say("warnings.as_counted") in notes(result, lang)
        assert assumptions(lang, corrected=True)[1] == read_messages(lang).say("assumptions.linkage_corrected")
        assert len(assumptions(lang, corrected=True)) == len(assumptions(lang))
    resampled_only = panel(table("Ned_5"), times=200, methods=["marginal_pairs"], false_link=0.001)
    assert read_messages("en").say("warnings.as_counted") not in notes(resampled_only, "en")


def test_resamples_of_a_corrected_table_are_drawn_from_the_counts() -> None:
    lists = table("UKdat_5")
    result = panel(lists, times=1000, methods=["independence"], miss={"": 0.3})
    expected = correct_linkage_errors(lists, 0.3, 0)
    with_undo = bootstrap(expected.lists, "independence", times=1000, undo=expected.undo).percentile(0.8)
    assert result.methods["independence"].interval80 == (with_undo.lower, with_undo.upper)


def test_a_headline_is_never_below_the_counted_people() -> None:
    result = panel(table("Korea"), times=200, sweeps=1000, miss={"b": 0.1}, settings=ANSWERED)
    assert result.lists.people < result.detected
    assert result.envelope is not None
    assert result.envelope[0] < result.detected
    assert result.headline.floor == result.headline.detected == result.detected == 123
    assert not result.headline.missed_links_allowed  # the rates are corrected


def test_notes_report_unusual_intervals_and_bounds(kosovo: Panel) -> None:
    bound, limits = kosovo.methods["lower_bound"].estimate, kosovo.envelope
    assert bound is not None
    assert limits is not None
    assert bound > limits[0]
    name = "if people differ on one scale"
    assert any(
        note.startswith(f"{name}: 8,591 is above the lowest limit of the methods") for note in notes(kosovo, "en")
    )
    limit = kosovo.methods["lower_bound"].about["limit10"]
    assert f"{name}: 10% quantile of the resamples: {limit:,.0f}" in notes(kosovo, "en")
    assert "smallest BIC: its interval that counts is marked !" in notes(kosovo, "en")
    sparse = panel(table("NewOrl"), times=500, sweeps=1000, methods=["bic"])
    method = sparse.methods["bic"]
    assert method.bca80 is not None
    assert method.estimate is not None
    assert not method.bca80[0] <= method.estimate <= method.bca80[1]
    assert "наименьший BIC: учитываемый интервал не содержит собственной оценки" in notes(sparse, "ru")
    assert not any("own estimate" in note for note in notes(kosovo, "en"))


def test_a_correction_of_two_lists_is_refused() -> None:
    two = build_unchecked_lists(("A", "B"), LISTS.histories[:3], LISTS.counts[:3])
    with pytest.raises(BadLists, match="corrected only with three lists or more"):
        panel(two, miss={"": 0.1})


def test_one_rate_for_all_lists_equals_the_common_model() -> None:
    lists = table("UKdat_4")
    expected, other_result = (
        correct_linkage_errors(lists, 0.1, 0.005).lists,
        without_errors(lists, {"": 0.1}, 0.005).lists,
    )
    assert expected.counts.tolist() == other_result.counts.tolist()
    one_sided = without_errors(lists, {"NG": 0.1}, 0.0).lists
    assert lists.people > one_sided.people > without_errors(lists, dict.fromkeys(lists.names, 0.1), 0.0).lists.people


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"times": 99}, "the number of resamples is 99"),
        ({"times": 1_000_001}, "the number of resamples is 1000001"),
        ({"seed": -1}, "the seed is -1"),
        ({"methods": ["magic"]}, "there is no method 'magic'"),
        ({"miss": {"": 1.0}}, "share of missed links"),
        ({"miss": {"police": 0.1}}, "no list is called police"),
        ({"false_link": -0.1}, "rate of false links"),
    ],
)
def test_settings_out_of_range_are_refused_by_the_panel(settings: dict[str, object], message: str) -> None:
    with pytest.raises(BadLists, match=message):
        panel(table("Kosovo"), **settings)  # type: ignore[arg-type]


LISTS = Lists([1, 2, 3, 4], [50, 60, 20, 1])


def test_rules_of_the_lists_apply_to_some_methods_too() -> None:
    few = Lists([1, 2, 3, 4, 6], [50, 60, 9, 40, 8])
    result = panel(few, methods=["stepwise"], times=200)
    assert [stop.rule for stop in result.stops] == ["few_overlaps"]
    assert "too few people are on two lists or more (17 of the 20 needed)" in answer_lines(result, "en")[1]
    assert as_dict(result)["stop_rules"] == ["few_overlaps"]
    assert panel(table("Kosovo"), methods=["stepwise"], times=200).stops == []


def test_a_method_without_bca_has_no_error_of_bca() -> None:
    result = panel(table("Kosovo"), methods=["stepwise"], times=200)
    without_bca = replace(result.methods["stepwise"], bca80=None, bca95=None)
    result = replace(result, methods={"stepwise": without_bca})
    assert [line.split(":")[0] for line in errors(result, "en")] == ["stepwise, p < 0.02"]


def test_noise_widens_the_intervals_of_all_methods() -> None:
    lists = table("UKdat_4")  # four lists have 113 models, five have 6,893
    methods = ["stepwise", "bic", "decomposable", "thresholding", "independence"]
    exact, noisy = (panel(replace(lists, noise=noise), methods=methods, times=400) for noise in (0.0, 6.0))
    for key in methods:
        widths = [method.interval95[1] - method.interval95[0] for method in (exact.methods[key], noisy.methods[key])]
        assert widths[1] > 1.1 * widths[0], key
        assert noisy.methods[key].estimate == exact.methods[key].estimate
    assert noisy.as_dict("", [])["noise"] == 6.0
    assert "noise" not in exact.as_dict("", [])
    assert "deviation 6.0 people" in " ".join(notes(noisy, "en"))
    assert "deviation" not in " ".join(notes(exact, "en"))


def test_noise_widens_the_intervals_of_two_lists_and_of_corrected_lists() -> None:
    two = build_unchecked_lists(("A", "B"), np.array([1, 2, 3]), np.array([400, 300, 60]))
    exact, noisy = (
        panel(build_unchecked_lists(two.names, two.histories, two.counts, noise)).methods["chapman"].interval95
        for noise in (0.0, 20.0)
    )
    assert noisy[0] < exact[0]
    assert noisy[1] > 1.05 * exact[1]
    lists = table("UKdat_5")
    exact, noisy = (
        panel(replace(lists, noise=noise), methods=["independence"], times=400, miss={"": 0.1})
        .methods["independence"]
        .interval95
        for noise in (0.0, 6.0)
    )
    assert noisy[1] - noisy[0] > 1.3 * (exact[1] - exact[0])


def test_the_bound_has_its_limit_over_resamples_of_the_counted_people() -> None:
    """It is the same as one bound at a time, and smaller resamples of corrected lists move it."""
    lists = table("Kosovo")
    method = panel(lists, ["lower_bound"], times=200).methods["lower_bound"]
    tables = lists.resampled(draw_corrected(lists, None, 200, 1))[:, lists.histories]
    bounds = [lower_bound(Lists(lists.histories, counts)) for counts in tables]
    assert method.about["limit10"] == pytest.approx(np.quantile(bounds, 0.1))
    assert method.as_dict()["limit10"] == method.about["limit10"]
    assert method.about["limit10"] < method.estimate
    corrected = panel(lists, ["lower_bound"], times=200, miss={"": 0.1}).methods["lower_bound"]
    assert corrected.about["limit10"] < 0.95 * method.about["limit10"]


def test_a_limit_is_never_below_the_observed_people() -> None:
    nearly_all = Lists([1, 2, 3, 4, 7], [1, 1, 300, 1, 300])
    assert panel(nearly_all, ["lower_bound"], times=200).methods["lower_bound"].about["limit10"] >= nearly_all.people
