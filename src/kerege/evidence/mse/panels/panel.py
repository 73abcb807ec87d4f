"""Every method beside the others, how far each rests on what cannot be tested, and the one honest answer.

`panel` makes it, `Panel.as_dict` is the JSON that docs/howto/estimate.md documents.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from kerege import __version__
from kerege.evidence.mse.linkage_errors.corrected_lists import check, without_errors
from kerege.evidence.mse.lists import Lists, check_setting, lists_error
from kerege.evidence.mse.loglinear.bootstrap import LEAST, SEED, TIMES
from kerege.evidence.mse.nonparametric_bounds import coverage
from kerege.evidence.mse.panels.method_result import Limits, Method, finite, pair
from kerege.evidence.mse.panels.methods import METHODS, Options, answer, chapman, widened
from kerege.evidence.mse.panels.publication_rules import IN_HEADLINE, LEAST_LISTS, Stop, envelope, headline, stops
from kerege.evidence.mse.panels.sensitivity import Variant, dark_figures, leave_one_out, merge_pairs, point

OF_LISTS = ("few_lists", "few_overlaps")  # rules that hold whatever methods were asked for
Progress = Callable[[float, str], None]
MOST_TIMES = 1_000_000
# about how long each takes, for a progress bar
WEIGHTS = {
    "stepwise": 2,
    "bic": 25,
    "decomposable": 1,
    "lcmcr": 30,
    "independence": 1,
    "lower_bound": 1,
    "thresholding": 8,
}


@dataclass(frozen=True)
class Sensitivity:
    """How far the answer rests on what cannot be tested.

    odds_ratios: people by the interaction of all lists at once, which is an odds ratio of odds ratios, of the stepwise
    estimate and of the envelope.
    without, merged: the stepwise estimate of other lists. recurrence: share of resamples that choose the same stepwise
    model, of `models` different ones. coverage: Good-Turing. repeated_share: of people on two lists or more.
    """

    odds_ratios: Mapping[float, tuple[float, tuple[float, float] | None]]
    without: Sequence[Variant]
    merged: Sequence[Variant]
    recurrence: float | None
    models: int | None
    coverage: float
    repeated_share: float

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "odds_ratios": [
                {"odds_ratio": ratio, "stepwise": finite(estimate), "envelope": pair(reach)}
                for ratio, (estimate, reach) in self.odds_ratios.items()
            ],
            "leave_one_out": [_variant(each) for each in self.without],
            "merged_pairs": [_variant(each) for each in self.merged],
            "recurrence": finite(self.recurrence),
            "models_in_resamples": self.models,
            "coverage": self.coverage,
            "repeated_share": self.repeated_share,
        }


@dataclass(frozen=True)
class Panel:
    """What all methods say of some lists.

    given: the lists as they were counted; lists: the same, or corrected for errors of linkage. stops: rules under which
    no estimate is published; where there are none, `headline` is the range to publish. complete: whether all methods of
    the headline were asked for.
    """

    given: Lists
    lists: Lists
    methods: Mapping[str, Method]
    sensitivity: Sensitivity | None
    stops: Sequence[Stop]
    complete: bool
    options: Options
    linkage: Mapping[str, Any] = field(default_factory=dict)

    @property
    def detected(self) -> int:
        """People on the lists as they were counted."""
        return self.given.people

    @property
    def envelope(self) -> tuple[float, float] | None:
        """The range of the 80% intervals of the methods of the headline, not rounded."""
        return envelope(self.methods)

    @property
    def headline(self) -> tuple[int, int] | None:
        """The range to publish, in two significant digits or as many as it takes; None where a rule forbids it."""
        reach = self.envelope
        if self.stops or not self.complete or reach is None:
            return None
        # a correction may leave fewer people than were counted, or more
        return headline(max(self.detected, self.lists.people), reach)

    def as_dict(self, reason: str, assumptions: Sequence[str]) -> dict[str, Any]:
        """For JSON, with the sentences of a language: why there is no estimate, and the assumptions."""
        found = self.headline
        told: dict[str, Any] = {
            "detected": self.detected,
            "lists": list(self.given.names),
            "repeated": self.given.repeated,
            "headline": None if found is None else self._headline(found),
            "no_estimate": reason or None,
            "stop_rules": [stop.rule for stop in self.stops],
            "methods": {key: method.as_dict() for key, method in self.methods.items()},
            "sensitivity": None if self.sensitivity is None else self.sensitivity.as_dict(),
            "assumptions": list(assumptions),
            "bootstrap": self.options.times,
            "seed": self.options.seed,
            "version": __version__,
        }
        if self.given.noise:
            told["noise"] = self.given.noise
        if self.linkage:
            told["linkage"] = dict(self.linkage) | {"people_after_correction": self.lists.people}
        return told

    def _headline(self, found: tuple[int, int]) -> dict[str, Any]:
        counted = {key: IN_HEADLINE[key] for key, m in self.methods.items() if m.estimate and key in IN_HEADLINE}
        return {"lower": found[0], "upper": found[1], "envelope": pair(self.envelope), "intervals": counted}


def sensitivity(lists: Lists) -> Sensitivity:
    """Measure how far the stepwise estimate rests on what no data can test, and on each of the lists.

    Parameters
    ----------
    lists : Lists
        Four to ten; of three, every variant with other lists says why it has no estimate.

    Returns
    -------
    Sensitivity
        `odds_ratios`: people, seen or not, by the factor of the interaction of all lists; `without` and `merged`: the
        estimate without each list, and with every two lists as one; `coverage` and `repeated_share` from 0 to 1.
        `recurrence` and `models` are None: they need a bootstrap, as `panel` makes it.

    Raises
    ------
    BadLists
        For lists of which the stepwise search has no finite estimate.

    Notes
    -----
    Aleshin-Guendel, Sadinle and Wakefield 2024, "The central role of the identifying assumption in population size
    estimation", Biometrics 80.

    Examples
    --------
    >>> histories = [1, 2, 4, 8, 3, 5, 9, 6, 10, 12, 7, 11, 13, 14, 15]  # killings in Kosovo, Ball and others 2002
    >>> counts = [1131, 845, 936, 306, 177, 228, 106, 217, 31, 123, 181, 18, 42, 32, 27]
    >>> found = sensitivity(Lists(histories, counts, ["EXH", "ABA", "OSCE", "HRW"]))
    >>> {ratio: round(people) for ratio, (people, _) in found.odds_ratios.items()}
    {0.5: 9371, 1.0: 14342, 2.0: 24283}
    >>> [(each.what, round(each.estimate)) for each in found.without]
    [('without EXH', 6044), ('without ABA', 7129), ('without OSCE', 7297), ('without HRW', 22301)]
    """
    estimate, _ = point(lists)
    if not math.isfinite(estimate):
        raise lists_error("the stepwise search has no estimate on these lists", "join lists until they overlap")
    return _assessed(lists, estimate, None, None, None)


def panel(
    lists: Lists,
    methods: Sequence[str] = (),
    *,
    times: int = TIMES,
    seed: int = SEED,
    sweeps: int = 100_000,
    miss: Mapping[str, float] = MappingProxyType({}),
    false_link: float = 0.0,
    progress: Progress = lambda _share, _what: None,
) -> Panel:
    """Ask every method, or those named; and draw the conclusion.

    Parameters
    ----------
    lists : Lists
        One to ten: three at least for an estimate, two give Chapman's and no headline.
    methods : sequence of str
        Of stepwise, bic, decomposable, lcmcr, independence, lower_bound, thresholding; all if empty. A headline needs
        the first four.
    times, seed : int
        Resamples of each bootstrap, and the seed of everything that is random.
    sweeps : int
        Of each of 20 chains of the latent classes.
    miss : mapping of str to float
        Share of missed links to correct for, by name of a list, or of all pairs under the name "".
    false_link : float
        Rate of false links to correct for: see `correct_linkage_errors`.
    progress : function of float and str
        Called with the share that is done and the method that is asked next.

    Returns
    -------
    Panel

    Raises
    ------
    BadLists
        For settings outside their range, or lists that no method can read.

    Examples
    --------
    >>> lists = Lists([1, 2, 3, 4, 5, 6, 7], [60, 49, 4, 247, 112, 142, 12])  # spina bifida, Madigan and York 1997
    >>> found = panel(lists, ["stepwise", "independence", "lower_bound"], times=200)
    >>> {key: round(method.estimate) for key, method in found.methods.items()}
    {'stepwise': 731, 'independence': 764, 'lower_bound': 742}
    >>> found.headline is None  # not all methods that a headline needs were asked
    True
    """
    _check(methods, times, seed)
    check(lists, miss, false_link)
    if lists.same:
        raise lists_error(f"lists {lists.same[0]} and {lists.same[1]} hold the same people", "give one of them")
    linkage: dict[str, Any] = {}
    used, undo = lists, None
    if any(miss.values()) or false_link:
        if lists.number < LEAST_LISTS:
            raise lists_error("errors of linkage are corrected only with three lists or more", "leave their rates out")
        used, _, removed, undo = without_errors(lists, miss, false_link)
        linkage = {"miss": dict(miss), "false_link": false_link, "removed": removed}
    options = Options(times, seed, sweeps, undo)
    wanted = [key for key in METHODS if key in methods or not methods]
    complete = set(IN_HEADLINE) <= set(wanted)
    if used.number < LEAST_LISTS:
        few = {"chapman": widened(chapman(used), used, options)} if used.number == 2 else {}
        return Panel(lists, used, few, None, stops(used, {}), True, options, linkage)
    found = _asked(wanted, used, options, progress)
    progress(0.95, "sensitivity")
    rules = [stop for stop in stops(used, found) if complete or stop.rule in OF_LISTS]
    return Panel(lists, used, found, _sensitivity(used, found), rules, complete, options, linkage)


def _check(methods: Sequence[str], times: int, seed: int) -> None:
    for key in methods:
        if key not in METHODS:
            raise lists_error(f"no method {key!r}", f"choose of {', '.join(METHODS)}")
    check_setting("the number of resamples", times, LEAST, MOST_TIMES, integer=True)
    check_setting("the seed", seed, 0, integer=True)


def _asked(wanted: Sequence[str], lists: Lists, options: Options, progress: Progress) -> dict[str, Method]:
    total, done = 1.06 * sum(WEIGHTS[key] for key in wanted), 0
    found = {}
    for key in wanted:
        progress(done / total, key)
        found[key] = answer(key, lists, options)
        done += WEIGHTS[key]
    return found


def _sensitivity(lists: Lists, methods: Mapping[str, Method]) -> Sensitivity | None:
    """Of the stepwise estimate, which every number of lists has; None where it was not asked for or has none."""
    chosen = methods.get("stepwise")
    if chosen is None or chosen.estimate is None:
        return None
    models = chosen.about.get("models_in_resamples")
    return _assessed(lists, chosen.estimate, envelope(methods), chosen.recurrence, models)


def _assessed(
    lists: Lists, estimate: float, reach: Limits | None, recurrence: float | None, models: int | None
) -> Sensitivity:
    figures = dark_figures(lists.people, estimate)
    ends = [dark_figures(lists.people, limit) for limit in reach] if reach else []
    ratios = {ratio: (figure, (ends[0][ratio], ends[1][ratio]) if ends else None) for ratio, figure in figures.items()}
    return Sensitivity(
        ratios,
        leave_one_out(lists),
        merge_pairs(lists),
        recurrence,
        models,
        coverage(lists),
        lists.repeated / lists.people,
    )


def _variant(each: Variant) -> dict[str, Any]:
    return {
        "what": each.what,
        "detected": each.people if each.model else None,
        "estimate": finite(each.estimate),
        "model": each.model or None,
        "no_estimate": each.why_not or None,
    }
