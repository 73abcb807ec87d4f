"""Intervals of a bootstrap with model selection, and the Monte Carlo error of their limits.

Report percentile limits first. With model selection |z0| is 0.4 to 1.1 on published lists, so BCa reads its 2.5 % limit
from very few extreme resamples. BCa limits are given too, because they were published (Efron and Tibshirani 1993, "An
Introduction to the Bootstrap", chapter 14; Chan, Silverman and Vincent 2021).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from kerege.evidence.mse.lists import Counts, Lists, check_setting

Floats = NDArray[np.float64]
FEW = 10  # with fewer resamples beyond a limit, the limit is an extreme value and has a warning
SHIFTED = 0.25  # with a larger |z0| BCa reads its limits far from the requested level


@dataclass(frozen=True)
class Interval:
    """Limits of the population size with the Monte Carlo standard error of each, and a warning or "".

    An error is inf if the limit is the smallest or largest resample, or within one standard error of it. For BCa the
    error includes the sampling error of z0, which comes from the same resamples.
    """

    level: float
    lower: float
    upper: float
    lower_error: float
    upper_error: float
    warning: str = ""


@dataclass(frozen=True)
class Bootstrap:
    """Estimates of resamples, and the estimate of the lists themselves.

    replicates: (B,) estimates that exist, ascending. failed: number of resamples without an estimate. models: model
    keys with the share of resamples that chose each, the most frequent first. chosen: model key of the lists
    themselves.
    """

    lists: Lists
    method: str
    estimate: float
    chosen: int
    replicates: Floats = field(repr=False)
    failed: int
    models: dict[int, float] = field(repr=False)
    jackknife: Floats = field(repr=False)  # (C,) estimates with one person less in each history
    seed: int
    names: Callable[[int], str] = field(repr=False, compare=False)

    @property
    def model(self) -> str:
        """Model chosen for the lists, such as `A:B, C:D`."""
        return self.names(self.chosen)

    @property
    def recurrence(self) -> float:
        """Share of resamples that chose the model of the lists again."""
        return self.models.get(self.chosen, 0.0)

    @property
    def frequencies(self) -> list[tuple[str, float]]:
        """Models chosen in the resamples with their shares, the most frequent first."""
        return [(self.names(key), share) for key, share in self.models.items()]

    @cached_property
    def acceleration(self) -> float:
        """Acceleration a of BCa, from leaving out one person at a time; NaN if an estimate is infinite."""
        return compute_acceleration(self.lists.counts, self.jackknife)

    @cached_property
    def bias(self) -> float:
        """Bias correction z0 of BCa: the normal quantile of the share of resamples below the estimate."""
        share = float(np.mean(self.replicates < self.estimate))
        return NormalDist().inv_cdf(share) if 0 < share < 1 else math.copysign(math.inf, share - 0.5)

    def percentile(self, level: float = 0.95) -> Interval:
        """Return the percentile interval; report this one first.

        Parameters
        ----------
        level : float
            Level of the interval, between 0 and 1.

        Returns
        -------
        Interval
            Limits in people, with their Monte Carlo errors.

        Raises
        ------
        BadLists
            If the level is not between 0 and 1.

        References
        ----------
        .. [1] Efron and Tibshirani 1993, "An Introduction to the Bootstrap", chapter 13.

        Examples
        --------
        >>> from kerege.evidence.mse import bootstrap
        >>> lists = Lists([1, 2, 3, 4, 5, 6, 7], [60, 49, 4, 247, 112, 142, 12])  # spina bifida, Madigan and York 1997
        >>> result = bootstrap(lists, times=200)
        >>> result.percentile(0.8).lower < result.estimate < result.percentile(0.8).upper
        True
        """
        check_setting("the level", level, 0, 1, exclusive=True)
        low, high = (1 - level) / 2, (1 + level) / 2
        return self._build_interval(level, low, high, self._warn_of_few(low, high))

    def bca(self, level: float = 0.95) -> Interval:
        """Return the bias-corrected and accelerated (BCa) interval; its limits are NaN if it is not defined.

        Parameters
        ----------
        level : float
            Level of the interval, between 0 and 1.

        Returns
        -------
        Interval
            Limits in people, with their Monte Carlo errors, and a warning if the correction is large.

        Raises
        ------
        BadLists
            If the level is not between 0 and 1.

        References
        ----------
        .. [1] Efron and Tibshirani 1993, "An Introduction to the Bootstrap", chapter 14.

        Examples
        --------
        >>> from kerege.evidence.mse import bootstrap
        >>> lists = Lists([1, 2, 3, 4, 5, 6, 7], [60, 49, 4, 247, 112, 142, 12])  # spina bifida, Madigan and York 1997
        >>> interval = bootstrap(lists, times=200).bca(0.8)
        >>> interval.lower < interval.upper
        True
        """
        low, high = self.bca_levels(level)
        if not (math.isfinite(low) and math.isfinite(high)):
            return Interval(
                level=level,
                lower=math.nan,
                upper=math.nan,
                lower_error=math.nan,
                upper_error=math.nan,
                warning=self._explain_undefined(),
            )
        warning = self._warn_of_few(low, high)
        if abs(self.bias) > SHIFTED:
            shifted = f"BCa reads its limits at {100 * low:.2g}% and {100 * high:.4g}% of the resamples"
            warning = f"{shifted}; {warning}" if warning else shifted
        return self._build_interval(level, low, high, warning, *self._level_slopes(level))

    def _level_slopes(self, level: float) -> tuple[float, float]:
        """Return the derivative of each BCa level with respect to the share of resamples below the estimate."""
        normal = NormalDist()
        slopes = []
        for nominal, bca_level in zip(((1 - level) / 2, (1 + level) / 2), self.bca_levels(level), strict=True):
            denominator = 1 - self.acceleration * (self.bias + normal.inv_cdf(nominal))
            z = normal.inv_cdf(bca_level) if 0 < bca_level < 1 else math.inf
            slopes.append(normal.pdf(z) * (1 + 1 / denominator**2) / normal.pdf(self.bias))
        return slopes[0], slopes[1]

    def _explain_undefined(self) -> str:
        """Return the reason why BCa is not defined."""
        if math.isinf(self.bias):
            return "BCa is not defined: all resamples lie on one side of the estimate"
        if math.isnan(self.acceleration):
            return "BCa is not defined: there is no estimate with one person less"
        return "BCa is not defined: its correction is too large"

    def bca_levels(self, level: float = 0.95) -> tuple[float, float]:
        """Return the quantile levels of the resamples at which BCa reads its limits."""
        check_setting("the level", level, 0, 1, exclusive=True)
        normal = NormalDist()
        levels = []
        for nominal in ((1 - level) / 2, (1 + level) / 2):
            shifted = self.bias + normal.inv_cdf(nominal)
            denominator = 1 - self.acceleration * shifted
            levels.append(
                normal.cdf(self.bias + shifted / denominator)
                if math.isfinite(shifted) and denominator > 0
                else math.nan
            )
        return levels[0], levels[1]

    def _warn_of_few(self, low: float, high: float) -> str:
        """Return a warning if few resamples lie beyond a limit; else ""."""
        beyond = min(low, 1 - high) * len(self.replicates)
        return f"fewer than {FEW} resamples lie beyond a limit" if beyond < FEW else ""

    def _build_interval(
        self, level: float, low: float, high: float, warning: str, low_slope: float = 0.0, high_slope: float = 0.0
    ) -> Interval:
        """Return the interval between two quantile levels of the resamples, with its Monte Carlo errors."""
        lower, upper = (compute_quantile(self.replicates, share) for share in (low, high))
        return Interval(
            level=level,
            lower=lower,
            upper=upper,
            lower_error=self._monte_carlo_error(low, low_slope),
            upper_error=self._monte_carlo_error(high, high_slope),
            warning=warning,
        )

    def _monte_carlo_error(self, share: float, slope: float = 0.0) -> float:
        """Return the Monte Carlo standard error of the quantile at `share`; inf at the extremes.

        It is half the distance between the quantiles one standard error of the share below and above. The share of
        resamples below a limit has a binomial error. The level of a BCa limit also varies with the share below the
        estimate, by `slope` (delta method); both shares come from the same resamples.
        """
        number = len(self.replicates)
        below = float(np.mean(self.replicates < self.estimate)) if slope else 0.0
        covariance = min(share, below) - share * below
        variance = share * (1 - share) + slope * (slope * below * (1 - below) - 2 * covariance)
        half_width = max(math.sqrt(max(variance, 0.0) / number), 1 / number)
        if share - half_width < 0 or share + half_width > 1:
            return math.inf
        upper, lower = (
            compute_quantile(self.replicates, share + half_width),
            compute_quantile(self.replicates, share - half_width),
        )
        return (upper - lower) / 2 if math.isfinite(upper) else math.inf


def compute_quantile(ordered: Floats, share: float) -> float:
    """Return a quantile of ascending, maybe infinite values.

    Parameters
    ----------
    ordered : (S,) float64
        Values in ascending order.
    share : float
        Level of the quantile, from 0 to 1.

    Returns
    -------
    float
        Type 8 of Hyndman and Fan: linear between the order statistics at (S + 1/3) share + 1/3. NaN without values.

    References
    ----------
    .. [1] Hyndman and Fan 1996, "Sample quantiles in statistical packages", American Statistician 50.

    Examples
    --------
    >>> compute_quantile(np.array([1.0, 2.0, 3.0]), 0.5)
    2.0
    """
    if not len(ordered):
        return math.nan
    position = min(max((len(ordered) + 1 / 3) * share + 1 / 3, 1.0), float(len(ordered)))
    below = int(position)
    low, high = float(ordered[below - 1]), float(ordered[min(below, len(ordered) - 1)])
    return low if position == below or low == high else low + (position - below) * (high - low)


def compute_acceleration(counts: Counts, left_out: Floats) -> float:
    """Return the acceleration a of BCa from jackknife estimates, weighted by the counts.

    Parameters
    ----------
    counts : (C,) int64
        Number of people with each history.
    left_out : (C,) float64
        Estimates, in people, with one person less in each history.

    Returns
    -------
    float
        sum(n d^3) / (6 (sum n d^2)^1.5), where d is the weighted mean of the estimates minus each estimate. NaN if an
        estimate is not finite.

    References
    ----------
    .. [1] Efron and Tibshirani 1993, "An Introduction to the Bootstrap", chapter 14.

    Examples
    --------
    >>> compute_acceleration(np.array([1, 1]), np.array([9.0, 11.0]))  # symmetric
    0.0
    """
    if not np.isfinite(left_out).all():
        return math.nan
    deviations = np.average(left_out, weights=counts) - left_out
    squares = float(np.sum(counts * deviations**2))
    return float(np.sum(counts * deviations**3)) / (6 * squares**1.5) if squares > 0 else 0.0
