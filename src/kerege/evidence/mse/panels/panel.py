"""Panel of all methods, with the sensitivity analysis and the headline.

`panel` makes it. `Panel.as_dict` is the JSON that docs/howto/estimate.md documents.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from types import MappingProxyType
from typing import Any

from kerege import __version__
from kerege.evidence.mse.headline.headline import Headline, HeadlineSettings, make_headline, make_pair_headline
from kerege.evidence.mse.headline.outlook import Outlook, foresee_overlaps
from kerege.evidence.mse.linkage_errors.correct_panel import LinkageFacts, correct_for_linkage
from kerege.evidence.mse.linkage_errors.corrected_lists import check_error_rates
from kerege.evidence.mse.linkage_errors.error_rates import LinkageRates
from kerege.evidence.mse.lists import Lists, check_setting, lists_error
from kerege.evidence.mse.loglinear.bootstrap import LEAST, SEED, TIMES
from kerege.evidence.mse.nonparametric_bounds import coverage
from kerege.evidence.mse.panels.further_methods import FURTHER_METHODS, with_profile
from kerege.evidence.mse.panels.method_result import Limits, Method, Options, finite_or_none, limits_as_list
from kerege.evidence.mse.panels.methods import METHODS, chapman, run_method, widen_for_noise
from kerege.evidence.mse.panels.notebook_display import PanelDisplay
from kerege.evidence.mse.panels.publication_rules import (
    IN_HEADLINE,
    LEAST_LISTS,
    LEAST_REPEATED,
    AppliedRule,
    compute_envelope,
    find_applied_rules,
    find_remarks,
)
from kerege.evidence.mse.panels.sensitivity import (
    Variant,
    estimate_point,
    estimates_by_odds_ratio,
    leave_one_out,
    merge_pairs,
)

Progress = Callable[[float, str], None]
MOST_TIMES = 1_000_000
NOTHING_ANSWERED = HeadlineSettings()
# relative run times, for a progress bar
WEIGHTS = {
    "stepwise": 2,
    "bic": 25,
    "decomposable": 1,
    "lcmcr": 30,
    "independence": 1,
    "lower_bound": 1,
    "thresholding": 8,
    **dict.fromkeys(FURTHER_METHODS, 1),
}


@dataclass(frozen=True)
class Sensitivity:
    """Sensitivity of the estimate to untestable assumptions and to the lists.

    odds_ratios: population size by the factor of the interaction of all lists, for the stepwise estimate and for the
    limits of the envelope. without, merged: the stepwise estimate from changed lists. recurrence: share of resamples
    that choose the same stepwise model, of `models` different ones. coverage: sample coverage (Good-Turing).
    repeated_share: share of observed people on two lists or more.
    """

    odds_ratios: Mapping[float, tuple[float, tuple[float, float] | None]]
    without: Sequence[Variant]
    merged: Sequence[Variant]
    recurrence: float | None
    models: int | None
    coverage: float
    repeated_share: float

    def as_dict(self) -> dict[str, Any]:
        """Return the analysis for JSON."""
        return {
            "odds_ratios": [
                {"odds_ratio": ratio, "stepwise": finite_or_none(estimate), "envelope": limits_as_list(limits)}
                for ratio, (estimate, limits) in self.odds_ratios.items()
            ],
            "leave_one_out": [_convert_variant(variant) for variant in self.without],
            "merged_pairs": [_convert_variant(variant) for variant in self.merged],
            "recurrence": finite_or_none(self.recurrence),
            "models_in_resamples": self.models,
            "coverage": self.coverage,
            "repeated_share": self.repeated_share,
        }


@dataclass(frozen=True)
class Panel(PanelDisplay):
    """Results of all methods on some lists.

    given: the lists as they were counted. lists: the same, or corrected for linkage errors. headline: the answer, whose
    `kind` comes first. stops: rules under which the headline is only the detected people. remarks: facts that make an
    interval less certain than it looks. settings: answers and settings of the operator.

    `plot` draws it, `to_frame` returns the methods as a data frame, and a notebook shows the answer and the methods.
    """

    given: Lists
    lists: Lists
    methods: Mapping[str, Method]
    sensitivity: Sensitivity | None
    headline: Headline
    stops: Sequence[AppliedRule]
    options: Options
    remarks: Sequence[AppliedRule] = ()
    linkage: Mapping[str, Any] = field(default_factory=dict)
    settings: HeadlineSettings = NOTHING_ANSWERED

    @property
    def detected(self) -> int:
        """People on the lists as they were counted."""
        return self.given.people

    @property
    def envelope(self) -> tuple[float, float] | None:
        """Unrounded range of the 80% intervals of the methods that bound the headline; None without intervals."""
        return compute_envelope(self.methods)

    @property
    def outlook(self) -> Outlook | None:
        """Additional people until enough are on two lists; None if enough are."""
        return foresee_overlaps(self.lists, LEAST_REPEATED) if self.lists.repeated < LEAST_REPEATED else None

    def as_dict(self, reason: str, assumptions: Sequence[str]) -> dict[str, Any]:
        """Return the panel for JSON, with the reason of no estimate and the assumptions in one language."""
        result: dict[str, Any] = {
            "detected": self.detected,
            "lists": list(self.given.names),
            "repeated": self.given.repeated,
            "headline": self.headline.as_dict() | {"intervals": self._intervals()},
            "no_estimate": reason or None,
            "stop_rules": [stop.rule for stop in self.stops],
            "remarks": [remark.rule for remark in self.remarks],
            "methods": {key: method.as_dict() for key, method in self.methods.items()},
            "sensitivity": None if self.sensitivity is None else self.sensitivity.as_dict(),
            "assumptions": list(assumptions),
            "settings": asdict(self.settings),
            "bootstrap": self.options.times,
            "seed": self.options.seed,
            "version": __version__,
        }
        if self.outlook:
            result["outlook"] = self.outlook.as_dict()
        if self.given.noise:
            result["noise"] = self.given.noise
        if self.linkage:
            result["linkage"] = dict(self.linkage) | {"people_after_correction": self.lists.people}
        return result

    def _intervals(self) -> dict[str, str]:
        """Return the kind of the 80% interval with which each method bounds the headline."""
        return {key: IN_HEADLINE[key] for key, m in self.methods.items() if m.estimate and key in IN_HEADLINE}


def sensitivity(lists: Lists) -> Sensitivity:
    """Analyse the sensitivity of the stepwise estimate to an untestable assumption and to each list.

    Parameters
    ----------
    lists : Lists
        Four to ten lists. With three, each variant with changed lists has the reason why there is no estimate.

    Returns
    -------
    Sensitivity
        `odds_ratios`: people, observed and unobserved, by the factor of the interaction of all lists. `without`,
        `merged`: the estimate without each list, and with each two lists merged. `coverage` and `repeated_share`: from
        0 to 1. `recurrence` and `models` are None, because they need a bootstrap; `panel` returns them.

    Raises
    ------
    BadLists
        If the stepwise search has no finite estimate on these lists.

    References
    ----------
    .. [1] Aleshin-Guendel, Sadinle and Wakefield 2024, "The central role of the identifying assumption in population
       size estimation", Biometrics 80.

    Examples
    --------
    >>> histories = [1, 2, 4, 8, 3, 5, 9, 6, 10, 12, 7, 11, 13, 14, 15]  # killings in Kosovo, Ball and others 2002
    >>> counts = [1131, 845, 936, 306, 177, 228, 106, 217, 31, 123, 181, 18, 42, 32, 27]
    >>> analysis = sensitivity(Lists(histories, counts, ["EXH", "ABA", "OSCE", "HRW"]))
    >>> {ratio: round(people) for ratio, (people, _) in analysis.odds_ratios.items()}
    {0.5: 9371, 1.0: 14342, 2.0: 24283}
    >>> [(variant.what, round(variant.estimate)) for variant in analysis.without]
    [('without EXH', 6044), ('without ABA', 7129), ('without OSCE', 7297), ('without HRW', 22301)]
    """
    estimate, _ = estimate_point(lists)
    if not math.isfinite(estimate):
        raise lists_error("the stepwise search has no estimate on these lists", "join lists until they overlap")
    return _assess(lists, estimate, None, None, None)


def panel(
    lists: Lists,
    methods: Sequence[str] = (),
    *,
    times: int = TIMES,
    seed: int = SEED,
    sweeps: int = 100_000,
    miss: Mapping[str, float] = MappingProxyType({}),
    false_link: float = 0.0,
    rates: LinkageRates | None = None,
    draws: Sequence[Lists] = (),
    settings: HeadlineSettings = NOTHING_ANSWERED,
    progress: Progress = lambda _share, _what: None,
) -> Panel:
    """Run all methods, or those named, and make the headline of the lists.

    Parameters
    ----------
    lists : Lists
        One to ten lists. An estimate needs three; two lists give Chapman's estimate and no headline.
    methods : sequence of str
        Some of stepwise, bic, decomposable, lcmcr, independence, lower_bound, thresholding, aic, mth_chao, mth_poisson,
        mth_darroch, mth_gamma, marginal_pairs, marginal_triples; all if empty. A headline needs the first four.
    times : int, default 20,000
        Resamples of each bootstrap, 100 to 1,000,000.
    seed : int, default 1
        Seed of all random draws.
    sweeps : int, default 100,000
        Sweeps of each of the 20 chains of the latent classes.
    miss : mapping of str to float
        Missed link rates to correct for, 0 to 0.9: by name of a list, or of all pairs of records under the name "".
    false_link : float, default 0.0
        False link rate to correct for, 0 to 0.9; see `correct_linkage_errors`.
    rates : LinkageRates, optional
        Rates with intervals, instead of `miss` and `false_link`. All methods include their uncertainty.
    draws : sequence of Lists
        Draws of the linkage itself, instead of rates. All methods include the uncertainty of the links.
    settings : HeadlineSettings
        Answers of the operator about referrals and linkage, and settings of the headline. Without the answers the
        headline has no upper figure.
    progress : function of float and str
        Called with the completed share (0 to 1) and the next method.

    Returns
    -------
    Panel
        Results of all methods, and the headline: a range, at least the floor, or only the detected people.

    Raises
    ------
    BadLists
        If a setting is out of range, a method does not exist, or two lists hold the same people.

    Examples
    --------
    >>> lists = Lists([1, 2, 3, 4, 5, 6, 7], [60, 49, 4, 247, 112, 142, 12])  # spina bifida, Madigan and York 1997
    >>> result = panel(lists, ["stepwise", "independence", "lower_bound"], times=200)
    >>> {key: round(method.estimate) for key, method in result.methods.items()}
    {'stepwise': 731, 'independence': 764, 'lower_bound': 742}
    >>> result.headline.kind, result.headline.reason  # not all methods of the headline were run
    ('none', 'partial')
    """
    _check_arguments(methods, times, seed)
    linkage = LinkageFacts.of(miss, false_link, rates, draws)
    check_error_rates(lists, linkage.miss, linkage.false_link)
    settings.check()
    if lists.same:
        raise lists_error(f"lists {lists.same[0]} and {lists.same[1]} hold the same people", "give one of them")
    correction = correct_for_linkage(lists, linkage, seed)
    corrected = correction.lists
    options = Options(times, seed, sweeps, correction.undo)
    requested = [key for key in METHODS if key in methods or not methods]
    if corrected.number < LEAST_LISTS:
        results = {"chapman": widen_for_noise(chapman(corrected), corrected, options)} if corrected.number == 2 else {}
        analysis = None
    else:
        results = _run_methods(requested, corrected, options, progress)
        progress(0.95, "sensitivity")
        analysis = _analyse_stepwise(corrected, results)
    return Panel(
        given=lists,
        lists=corrected,
        methods=results,
        sensitivity=analysis,
        headline=_make_panel_headline(lists, corrected, results, settings, options),
        stops=[] if _has_pair_headline(corrected, settings) else _find_applied(corrected, results),
        remarks=find_remarks(results),
        options=options,
        linkage=correction.facts,
        settings=settings,
    )


def _is_complete(methods: Mapping[str, Method]) -> bool:
    """Return whether all methods that bound a headline were run."""
    return set(IN_HEADLINE) <= set(methods)


def _find_applied(lists: Lists, methods: Mapping[str, Method]) -> list[AppliedRule]:
    """Return the rules under which there is no headline; those about methods only if all of them were run."""
    rules = find_applied_rules(lists, methods)
    return rules if _is_complete(methods) else [rule for rule in rules if rule.rule != "no_model"]


def _make_panel_headline(
    given: Lists, lists: Lists, methods: Mapping[str, Method], settings: HeadlineSettings, options: Options
) -> Headline:
    """Return the headline of lists, as counted and as corrected."""
    detected = max(given.people, lists.people)  # a correction may change the number of people
    if _has_pair_headline(lists, settings):
        return make_pair_headline(lists, settings, times=options.times, seed=options.seed, undo=options.undo)
    rules = _find_applied(lists, methods)
    limits = compute_envelope(methods)
    if rules or limits is None or not _is_complete(methods):
        reason = rules[0].rule if rules else "no_model" if _is_complete(methods) else "partial"
        return Headline("none", given.people, reason)
    headline = make_headline(
        lists,
        limits,
        settings,
        detected=detected,
        times=options.times,
        seed=options.seed,
        undo=options.undo,
    )
    return replace(headline, detected=given.people)


def _has_pair_headline(lists: Lists, settings: HeadlineSettings) -> bool:
    """Return whether there are two lists with enough overlap, and answers that make their floor true."""
    return lists.number == 2 and settings.allows_pair and lists.repeated >= LEAST_REPEATED


def _check_arguments(methods: Sequence[str], times: int, seed: int) -> None:
    """Raise BadLists if a method does not exist, or the number of resamples or the seed is out of range."""
    for key in methods:
        if key not in METHODS:
            raise lists_error(f"there is no method {key!r}", f"choose from {', '.join(METHODS)}")
    check_setting("the number of resamples", times, LEAST, MOST_TIMES, integer=True)
    check_setting("the seed", seed, 0, integer=True)


def _run_methods(requested: Sequence[str], lists: Lists, options: Options, progress: Progress) -> dict[str, Method]:
    """Run the requested methods, and report the progress."""
    total, done = 1.06 * sum(WEIGHTS[key] for key in requested), 0
    results = {}
    for key in requested:
        progress(done / total, key)
        results[key] = with_profile(run_method(key, lists, options), lists)
        done += WEIGHTS[key]
    return results


def _analyse_stepwise(lists: Lists, methods: Mapping[str, Method]) -> Sensitivity | None:
    """Return the sensitivity of the stepwise estimate; None if it was not requested or does not exist.

    The stepwise estimate is used because it is defined for any number of lists.
    """
    stepwise = methods.get("stepwise")
    if stepwise is None or stepwise.estimate is None:
        return None
    models = stepwise.about.get("models_in_resamples")
    return _assess(lists, stepwise.estimate, compute_envelope(methods), stepwise.recurrence, models)


def _assess(
    lists: Lists, estimate: float, limits: Limits | None, recurrence: float | None, models: int | None
) -> Sensitivity:
    """Return the sensitivity analysis of an estimate and of the limits of the envelope."""
    estimates = estimates_by_odds_ratio(lists.people, estimate)
    # draws of a linkage may have fewer people than the lists
    bounds = [max(limit, lists.people) for limit in limits or ()]
    limit_estimates = [estimates_by_odds_ratio(lists.people, bound) for bound in bounds]
    ratios = {
        ratio: (figure, (limit_estimates[0][ratio], limit_estimates[1][ratio]) if limit_estimates else None)
        for ratio, figure in estimates.items()
    }
    return Sensitivity(
        odds_ratios=ratios,
        without=leave_one_out(lists),
        merged=merge_pairs(lists),
        recurrence=recurrence,
        models=models,
        coverage=coverage(lists),
        repeated_share=lists.repeated / lists.people,
    )


def _convert_variant(variant: Variant) -> dict[str, Any]:
    """Return a variant for JSON."""
    return {
        "what": variant.what,
        "detected": variant.people if variant.model else None,
        "estimate": finite_or_none(variant.estimate),
        "model": variant.model or None,
        "no_estimate": variant.why_not or None,
    }
