"""The bootstrap with the model chosen anew in every resample, and what its limits are worth.

Percentile limits come first: where models are chosen, |z0| is 0.4 to 1.1 on published lists, so that BCa reads its 2.5%
limit among the smallest handful of resamples. BCa stands beside it because it is what was published.
Efron and Tibshirani 1993, "An Introduction to the Bootstrap", chapter 14; Chan, Silverman and Vincent 2021.

Where the counts have noise of their own, every resample gets noise of the same spread after the people are drawn, and
its negative counts are mended as theirs were (`kerege.base.geometric_noise`): limits then hold both.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cached_property
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from kerege.base.geometric_noise import drawn, of_histories
from kerege.evidence.mse.lists import Counts, Lists, check_number, check_setting, lists_error, unchecked
from kerege.evidence.mse.loglinear.bic_selection import bic_many, downhill, downhill_many, rank_by_bic
from kerege.evidence.mse.loglinear.hierarchical_models import from_pairs, model_name
from kerege.evidence.mse.loglinear.integer_tables import Undo
from kerege.evidence.mse.loglinear.stepwise_selection import THRESHOLD, check_threshold, searched

Floats = NDArray[np.float64]
Keys = NDArray[np.int64]
Estimator = Callable[[Counts], tuple[Floats, Keys]]  # counts (B, C) to estimates (B,) and keys of models (B,)
TIMES, SEED, TOP = 20_000, 1, 100
LEAST = 100  # resamples
FEW = 10  # resamples beyond a limit, below which it is one of the extremes
SHIFTED = 0.25  # |z0| beyond which BCa reads far from the level asked for
METHODS = ("stepwise", "independence", "bic", "downhill")


@dataclass(frozen=True)
class Interval:
    """Limits of people, seen or not, with the Monte Carlo standard error of each, and a warning or nothing.

    The error is inf where a limit is the smallest or largest resample, or within one error of it: more of them would
    move it by who knows what. Of BCa it has the doubt about z0 in it, which is a count of resamples as well.
    """

    level: float
    lower: float
    upper: float
    lower_error: float
    upper_error: float
    warning: str = ""


@dataclass(frozen=True)
class Bootstrap:
    """Estimates of resamples, beside that of the lists themselves.

    replicates: (B,) estimates that exist, ascending. failed: resamples without one. models: keys of the models chosen,
    the most frequent first, with the share of resamples that chose each. chosen: the key of the lists' own.
    """

    lists: Lists
    method: str
    estimate: float
    chosen: int
    replicates: Floats = field(repr=False)
    failed: int
    models: dict[int, float] = field(repr=False)
    jackknife: Floats = field(repr=False)  # (C,) estimates with one person less of each history
    seed: int
    names: Callable[[int], str] = field(repr=False, compare=False)

    @property
    def model(self) -> str:
        """The model chosen for the lists, in words such as `A:B, C:D`."""
        return self.names(self.chosen)

    @property
    def recurrence(self) -> float:
        """Share of resamples that chose the model of the lists again."""
        return self.models.get(self.chosen, 0.0)

    @property
    def frequencies(self) -> list[tuple[str, float]]:
        """Models chosen in resamples and how often, most frequent first."""
        return [(self.names(key), share) for key, share in self.models.items()]

    @cached_property
    def acceleration(self) -> float:
        """BCa's a, from leaving out one person at a time; NaN where an estimate is infinite."""
        return acceleration(self.lists.counts, self.jackknife)

    @cached_property
    def bias(self) -> float:
        """BCa's z0."""
        share = float(np.mean(self.replicates < self.estimate))
        return NormalDist().inv_cdf(share) if 0 < share < 1 else math.copysign(math.inf, share - 0.5)

    def percentile(self, level: float = 0.95) -> Interval:
        """The interval to show first."""
        check_setting("the level", level, 0, 1, exclusive=True)
        low, high = (1 - level) / 2, (1 + level) / 2
        return self._between(level, low, high, self._few(low, high))

    def bca(self, level: float = 0.95) -> Interval:
        """Bias-corrected and accelerated, as published; NaN limits where it is not defined."""
        low, high = self.bca_levels(level)
        if not (math.isfinite(low) and math.isfinite(high)):
            return Interval(level, math.nan, math.nan, math.nan, math.nan, self._undefined())
        warning = self._few(low, high)
        if abs(self.bias) > SHIFTED:
            shifted = f"BCa reads its limits at {100 * low:.2g}% and {100 * high:.4g}% of the resamples"
            warning = f"{shifted}; {warning}" if warning else shifted
        return self._between(level, low, high, warning, *self._slopes(level))

    def _slopes(self, level: float) -> tuple[float, float]:
        """By how much the shares at which BCa reads its limits move with the share of resamples below the estimate."""
        normal = NormalDist()
        found = []
        for wanted, share in zip(((1 - level) / 2, (1 + level) / 2), self.bca_levels(level), strict=True):
            shrunk = 1 - self.acceleration * (self.bias + normal.inv_cdf(wanted))
            reach = normal.inv_cdf(share) if 0 < share < 1 else math.inf
            found.append(normal.pdf(reach) * (1 + 1 / shrunk**2) / normal.pdf(self.bias))
        return found[0], found[1]

    def _undefined(self) -> str:
        if math.isinf(self.bias):
            return "BCa is not defined: all resamples lie on one side of the estimate"
        if math.isnan(self.acceleration):
            return "BCa is not defined: there is no estimate with one person less"
        return "BCa is not defined: its correction is too large"

    def bca_levels(self, level: float = 0.95) -> tuple[float, float]:
        """The shares of resamples at which BCa reads its limits."""
        check_setting("the level", level, 0, 1, exclusive=True)
        normal = NormalDist()
        found = []
        for wanted in ((1 - level) / 2, (1 + level) / 2):
            reach = self.bias + normal.inv_cdf(wanted)
            shrunk = 1 - self.acceleration * reach
            found.append(normal.cdf(self.bias + reach / shrunk) if math.isfinite(reach) and shrunk > 0 else math.nan)
        return found[0], found[1]

    def _few(self, low: float, high: float) -> str:
        beyond = min(low, 1 - high) * len(self.replicates)
        return f"fewer than {FEW} resamples lie beyond a limit" if beyond < FEW else ""

    def _between(
        self, level: float, low: float, high: float, warning: str, low_slope: float = 0.0, high_slope: float = 0.0
    ) -> Interval:
        lower, upper = (quantile(self.replicates, share) for share in (low, high))
        return Interval(level, lower, upper, self._error(low, low_slope), self._error(high, high_slope), warning)

    def _error(self, share: float, slope: float = 0.0) -> float:
        """Half the distance of the quantiles one standard error of the share to either side; inf at the very extreme.

        The share of resamples below a limit has a binomial error. Where the share that is read moves with that below
        the estimate, by `slope`, so does its error (delta method); both are counts of the same resamples.
        """
        number = len(self.replicates)
        below = float(np.mean(self.replicates < self.estimate)) if slope else 0.0
        together = min(share, below) - share * below
        variance = share * (1 - share) + slope * (slope * below * (1 - below) - 2 * together)
        reach = max(math.sqrt(max(variance, 0.0) / number), 1 / number)
        if share - reach < 0 or share + reach > 1:
            return math.inf
        above, below_it = quantile(self.replicates, share + reach), quantile(self.replicates, share - reach)
        return (above - below_it) / 2 if math.isfinite(above) else math.inf


def quantile(ordered: Floats, share: float) -> float:
    """Quantile of ascending values, type 8 of Hyndman and Fan 1996 (R's SparseMSE); infinite values are allowed."""
    if not len(ordered):
        return math.nan
    place = min(max((len(ordered) + 1 / 3) * share + 1 / 3, 1.0), float(len(ordered)))
    below = int(place)
    low, high = float(ordered[below - 1]), float(ordered[min(below, len(ordered) - 1)])
    return low if place == below or low == high else low + (place - below) * (high - low)


def acceleration(counts: Counts, left_out: Floats) -> float:
    """BCa's a from estimates (C,) with one person less of each history (C,), each weighing as many as it has people."""
    if not np.isfinite(left_out).all():
        return math.nan
    apart = np.average(left_out, weights=counts) - left_out
    squares = float(np.sum(counts * apart**2))
    return float(np.sum(counts * apart**3)) / (6 * squares**1.5) if squares > 0 else 0.0


def estimator(
    lists: Lists,
    method: str = "stepwise",
    *,
    threshold: float = THRESHOLD,
    order: int | None = None,
    ntop: int | None = TOP,
    threads: int | None = None,
) -> tuple[Estimator, Callable[[int], str]]:
    """How a method estimates many tables of the histories of some lists, and the names of the models it may choose."""
    check_number(lists.number)
    check_options(method, threshold=threshold, order=order, ntop=ntop)
    if method in ("stepwise", "independence"):
        below = threshold if method == "stepwise" else 0.0
        return (
            lambda counts: tuple(searched(lists.histories, counts, below, threads)),  # type: ignore[return-value]
            lambda key: model_name(from_pairs(lists.number, key), lists.names),
        )
    if method == "bic":
        ranking = rank_by_bic(lists, order).top(ntop)
        return (
            lambda counts: bic_many(ranking, counts, threads=threads)[:2],
            lambda key: model_name(ranking.models[key], lists.names) if key >= 0 else "no estimate",
        )
    found = downhill(lists, order)
    return (
        lambda counts: (downhill_many(lists, counts, order), np.zeros(len(counts), np.int64)),
        lambda key: model_name(found.best, lists.names),
    )


def check_options(
    method: str, *, threshold: float = THRESHOLD, order: int | None = None, ntop: int | None = TOP
) -> None:
    """Raise BadLists unless there is such a method and it can be asked so, whatever the lists."""
    if method not in METHODS:
        raise lists_error(f"no method {method!r}", f"choose one of {', '.join(METHODS)}")
    check_threshold(threshold)
    if order is not None:
        check_setting("the order", order, 1, integer=True)
    if ntop is not None:
        check_setting("the number of best models", ntop, 1, integer=True)


def resampled(lists: Lists, times: int, rng: np.random.Generator) -> Counts:
    """Tables (times, C) of as many people, drawn with the shares that the histories have; and with their noise."""
    people: Counts = rng.multinomial(lists.people, lists.counts / lists.people, size=times)
    return noised(lists, people, rng)


def noised(lists: Lists, tables: Counts, rng: np.random.Generator) -> Counts:
    """Tables (B, C) with the noise that the counts of these lists have; where there is any, C is every history."""
    return of_histories(tables + drawn(lists.noise, tables.shape, rng)) if lists.noise else tables


def bootstrap(
    lists: Lists,
    method: str = "stepwise",
    *,
    times: int = TIMES,
    seed: int = SEED,
    threshold: float = THRESHOLD,
    order: int | None = None,
    ntop: int | None = TOP,
    threads: int | None = None,
    undo: Undo | None = None,
) -> Bootstrap:
    """Resample the people, choose the model anew each time, and keep what it comes to.

    Parameters
    ----------
    lists : Lists
        Three to ten.
    method : {"stepwise", "independence", "bic", "downhill"}
        Stepwise by p-value; independence; best BIC of all models; BIC by a search downhill.
    times, seed : int
        Resamples, and the seed they are drawn from by one generator: the same with any number of threads.
    threshold : float
        Of the p-value, for "stepwise".
    order : int, optional
        Most lists that a term ties together, for "bic" and "downhill".
    ntop : int or None
        For "bic": only among so many models that are best on the lists themselves; None for all.
    threads : int, optional
        At most so many; the result does not depend on it.
    undo : Undo, optional
        Where the lists are corrected for errors of linkage: resamples are drawn of the people as they were counted, and
        each is corrected. (Leaving out one person, for BCa's a, is of the corrected lists: a resample of one person
        less would be lost in the rounding.)

    Returns
    -------
    Bootstrap
        Estimates in people, seen or not.

    Raises
    ------
    BadLists
        For lists or options that allow no estimate.

    Examples
    --------
    >>> lists = Lists([1, 2, 3, 4, 5, 6, 7], [60, 49, 4, 247, 112, 142, 12])  # spina bifida, Madigan and York 1997
    >>> resampled = bootstrap(lists, "bic", times=1000, seed=1)
    >>> interval = resampled.percentile(0.95)
    >>> resampled.model, round(resampled.estimate), round(interval.lower), round(interval.upper)
    ('A:B', 731, 694, 808)
    """
    check_setting("the number of resamples", times, LEAST, integer=True)
    check_setting("the seed", seed, 0, integer=True)
    given = lists if undo is None else undo.given
    if given.noise:
        given = given.with_empty()
        undo = undo and replace(undo, given=given)
    # histories that the correction or the noise emptied may have people in a resample
    wide = unchecked(lists.names, given.histories, lists.dense[given.histories])
    work, names = estimator(wide, method, threshold=threshold, order=order, ntop=ntop, threads=threads)
    own, key = work(wide.counts[None])
    if math.isnan(own[0]):
        raise lists_error("the method has no estimate on these lists", "take another one")
    tables = resampled(given, times, np.random.default_rng(seed))
    estimates, keys = work(tables if undo is None else undo(tables))
    one_less = wide.counts - np.eye(len(given.counts), dtype=np.int64)
    left_out, _ = work(one_less[np.isin(given.histories, lists.histories)])
    return summed(lists, method, (float(own[0]), int(key[0])), (estimates, keys), left_out, seed, names)


def summed(
    lists: Lists,
    method: str,
    own: tuple[float, int],
    found: tuple[Floats, Keys],
    left_out: Floats,
    seed: int,
    names: Callable[[int], str],
) -> Bootstrap:
    """A `Bootstrap` of estimates and keys of models, in any order."""
    estimates, keys = found
    there = ~np.isnan(estimates)
    if not there.any():
        raise lists_error("no resample has an estimate", "join lists until they overlap")
    values, times = np.unique(keys[there], return_counts=True)
    ranked = np.argsort(-times, kind="stable")
    shares = {int(values[k]): float(times[k]) / len(keys) for k in ranked}
    replicates = np.sort(estimates[there])
    return Bootstrap(lists, method, own[0], own[1], replicates, int((~there).sum()), shares, left_out, seed, names)
