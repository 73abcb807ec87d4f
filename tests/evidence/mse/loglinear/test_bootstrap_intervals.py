"""Intervals of given resamples: quantiles of SciPy, BCa by its formula, and the error of each limit."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import stats

from kerege.evidence.mse.lists import BadLists, Lists
from kerege.evidence.mse.loglinear.bootstrap_intervals import Bootstrap, compute_acceleration, compute_quantile

LISTS = Lists([1, 2, 4, 7], [40, 30, 20, 10])
FLAT = np.full(4, 100.0)  # estimates with one person less in each history: no acceleration


def bootstrap_of(replicates: NDArray[np.float64], estimate: float, **more: Any) -> Bootstrap:
    """Return a bootstrap with given replicates and estimate."""
    fields: dict[str, Any] = {"models": {3: 0.75, 5: 0.25}, "chosen": 5, "failed": 0, "jackknife": FLAT} | more
    return Bootstrap(
        lists=LISTS,
        method="stepwise",
        estimate=estimate,
        replicates=np.sort(replicates),
        seed=1,
        names=lambda key: f"model {key}",
        **fields,
    )


def skewed_replicates(number: int = 2000) -> NDArray[np.float64]:
    return np.random.default_rng(6).gamma(4.0, 100.0, number) + 200


# -- quantiles -------------------------------------------------------------------------------------------------------


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(-50, 50), min_size=1, max_size=12), st.floats(0, 1))
def test_a_quantile_is_of_type_8_of_hyndman_and_fan(values: list[int], share: float) -> None:
    ordered = np.sort(np.array(values, float))
    expected = float(np.quantile(ordered, share, method="median_unbiased"))
    assert compute_quantile(ordered, share) == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize(
    ("values", "share", "expected"),
    [
        ([1.0, math.inf, math.inf], 0.01, 1.0),
        ([1.0, 2.0, math.inf], 0.5, 2.0),
        ([1.0, 2.0, math.inf], 0.6, math.inf),  # between 2 and infinity
        ([math.inf, math.inf], 0.5, math.inf),  # not NaN, as infinity less infinity would be
    ],
)
def test_an_infinite_resample_counts_as_larger_than_all_others(
    values: list[float], share: float, expected: float
) -> None:
    assert compute_quantile(np.array(values), share) == expected


# -- percentile ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("level", [0.5, 0.8, 0.95])
def test_percentile_limits_are_the_quantiles_at_both_ends(level: float) -> None:
    replicates = skewed_replicates()
    interval = bootstrap_of(replicates, 600.0).percentile(level)
    shares = [(1 - level) / 2, (1 + level) / 2]
    assert (interval.lower, interval.upper) == pytest.approx(
        tuple(np.quantile(replicates, shares, method="median_unbiased"))
    )
    assert interval.level == level
    assert interval.warning == ""


@pytest.mark.parametrize("level", [0.0, 1.0, 95, math.nan])
def test_a_level_lies_between_0_and_1(level: float) -> None:
    result = bootstrap_of(skewed_replicates(100), 600.0)
    for limits in (result.percentile, result.bca, result.bca_levels):
        with pytest.raises(BadLists, match=r"the level is .*, give a number above 0 and below 1"):
            limits(level)


# -- BCa -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("level", [0.5, 0.8, 0.95])
@pytest.mark.parametrize("estimate", [450.0, 570.0, 640.0])
def test_bca_reads_its_limits_at_the_levels_of_efron_and_tibshirani(estimate: float, level: float) -> None:
    """Equation 14.10 of the book: Phi(z0 + (z0 + z) / (1 - a (z0 + z)))."""
    replicates, jackknife = skewed_replicates(), np.array([100.0, 140.0, 90.0, 30.0])
    result = bootstrap_of(replicates, estimate, jackknife=jackknife)
    z0 = stats.norm.ppf((replicates < estimate).mean())
    a = compute_acceleration(LISTS.counts, jackknife)
    assert abs(a) > 0.01
    levels = []
    for share in ((1 - level) / 2, (1 + level) / 2):
        shifted = z0 + stats.norm.ppf(share)
        levels.append(stats.norm.cdf(z0 + shifted / (1 - a * shifted)))
    assert result.bca_levels(level) == pytest.approx(tuple(levels))
    interval = result.bca(level)
    expected = np.quantile(replicates, levels, method="median_unbiased")
    assert (interval.lower, interval.upper) == pytest.approx(tuple(expected))


def test_without_bias_and_acceleration_bca_is_the_percentile_interval() -> None:
    replicates = np.arange(1, 1001, dtype=float)
    result = bootstrap_of(replicates, 500.5)
    assert result.bias == pytest.approx(0)
    assert result.acceleration == pytest.approx(0, abs=1e-12)
    percentile, bca = result.percentile(0.9), result.bca(0.9)
    assert (bca.lower, bca.upper) == pytest.approx((percentile.lower, percentile.upper))
    assert bca.warning == ""


def test_the_acceleration_is_that_of_leaving_out_each_person() -> None:
    """Equation 14.15 of the book, with a jackknife value for each of the 100 people."""
    left_out = np.array([210.0, 190.0, 205.0, 400.0])
    values = np.repeat(left_out, LISTS.counts)
    deviations = values.mean() - values
    expected = (deviations**3).sum() / (6 * (deviations**2).sum() ** 1.5)
    assert compute_acceleration(LISTS.counts, left_out) == pytest.approx(expected)
    assert compute_acceleration(LISTS.counts, np.full(4, 7.0)) == 0
    assert math.isnan(compute_acceleration(LISTS.counts, np.array([1.0, 2.0, math.inf, 3.0])))


@pytest.mark.parametrize(
    ("replicates", "jackknife", "reason"),
    [
        (np.arange(100.0) + 1000, FLAT, "all resamples lie on one side of the estimate"),
        (np.arange(100.0) - 1000, FLAT, "all resamples lie on one side of the estimate"),
        (skewed_replicates(100), np.array([1.0, np.inf, 1.0, 1.0]), "there is no estimate with one person less"),
    ],
)
def test_an_undefined_bca_has_no_limits_and_its_reason(
    replicates: NDArray[np.float64], jackknife: NDArray[np.float64], reason: str
) -> None:
    estimate = 600.0
    interval = bootstrap_of(replicates, estimate, jackknife=jackknife).bca(0.999)
    assert interval.warning == f"BCa is not defined: {reason}"
    numbers = interval.lower, interval.upper, interval.lower_error, interval.upper_error
    assert all(math.isnan(number) for number in numbers)


def test_a_correction_beyond_all_levels_is_undefined() -> None:
    """One person of 301 decides the acceleration, close to its largest value of 1/6, and z0 is 3.7.

    The denominator 1 - a (z0 + z) is then below 0 for the upper limit.
    """
    lists = Lists([1, 2, 4, 7], [100, 100, 100, 1])
    jackknife = np.array([500.0, 500.0, 500.0, 100.0])
    result = replace(bootstrap_of(np.arange(10_000.0), 9998.5, jackknife=jackknife), lists=lists)
    assert result.acceleration == pytest.approx(1 / 6, rel=0.01)
    assert result.bca(0.99999).warning == "BCa is not defined: its correction is too large"
    assert math.isnan(result.bca_levels(0.99999)[1])
    assert math.isfinite(result.bca_levels(0.5)[1])


def test_resamples_below_or_above_the_estimate_give_an_infinite_bias() -> None:
    assert bootstrap_of(np.arange(10.0), 100.0).bias == math.inf
    assert bootstrap_of(np.arange(10.0), -1.0).bias == -math.inf
    assert bootstrap_of(np.full(10, 5.0), 5.0).bias == -math.inf  # none is below the estimate


@pytest.mark.parametrize(("share", "is_warned"), [(0.45, False), (0.58, False), (0.62, True), (0.38, True)])
def test_bca_warns_if_z0_is_beyond_a_quarter(share: float, is_warned: bool) -> None:
    """The share 0.5987 of resamples below the estimate is at z0 = 0.25."""
    replicates = np.arange(10_000, dtype=float)
    result = bootstrap_of(replicates, 10_000 * share)
    assert ("BCa reads its limits at" in result.bca(0.8).warning) is is_warned


def test_the_warning_states_the_levels_in_per_cent() -> None:
    result = bootstrap_of(np.arange(20_000, dtype=float), 16_000.0)
    low, high = result.bca_levels(0.8)
    warning = result.bca(0.8).warning
    assert warning == f"BCa reads its limits at {100 * low:.2g}% and {100 * high:.4g}% of the resamples"
    assert "fewer than 10 resamples lie beyond a limit" in bootstrap_of(np.arange(200.0), 160.0).bca(0.95).warning


# -- Monte Carlo errors ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("share", [0.05, 0.25])
def test_the_error_of_a_limit_is_binomial_on_the_scale_of_the_resamples(share: float) -> None:
    """Resamples evenly spread over 0 to 1: the error of a quantile is sqrt(p (1 - p) / B)."""
    number = 20_000
    interval = bootstrap_of((np.arange(number) + 0.5) / number, 0.5).percentile(1 - 2 * share)
    expected = math.sqrt(share * (1 - share) / number)
    assert interval.lower_error == pytest.approx(expected, rel=1e-3)
    assert interval.upper_error == pytest.approx(expected, rel=1e-3)


def test_a_limit_at_the_last_resamples_has_an_infinite_error() -> None:
    interval = bootstrap_of(np.arange(100.0), 50.0).percentile(0.995)
    assert (interval.lower_error, interval.upper_error) == (math.inf, math.inf)
    assert interval.warning == "fewer than 10 resamples lie beyond a limit"
    half_infinite = bootstrap_of(np.r_[np.arange(900.0), np.full(100, np.inf)], 400.0).percentile(0.8)
    assert math.isfinite(half_infinite.lower_error)
    assert half_infinite.upper_error == math.inf


def test_the_error_of_bca_equals_its_deviation_over_samples() -> None:
    """Draw resamples of known distribution 300 times, and compare the error with the spread of the limit.

    One person of 301 makes the acceleration large: it moves the levels, and so their error.
    """
    rng, lists = np.random.default_rng(2), Lists([1, 2, 4, 7], [100, 100, 100, 1])
    jackknife = np.array([500.0, 500.0, 500.0, 100.0])
    results = [bootstrap_of(rng.exponential(1.0, 1000), 0.6, jackknife=jackknife) for _ in range(300)]
    intervals = [replace(result, lists=lists).bca(0.8) for result in results]
    for end in ("lower", "upper"):
        spread = float(np.std([getattr(interval, end) for interval in intervals]))
        errors = [getattr(interval, f"{end}_error") for interval in intervals]
        assert np.median(errors) == pytest.approx(spread, rel=0.12)


# -- models ----------------------------------------------------------------------------------------------------------


def test_the_recurrence_is_the_share_of_the_model_of_the_lists() -> None:
    result = bootstrap_of(np.arange(10.0), 5.0)
    assert (result.model, result.recurrence) == ("model 5", 0.25)
    assert result.frequencies == [("model 3", 0.75), ("model 5", 0.25)]
    assert bootstrap_of(np.arange(10.0), 5.0, chosen=4).recurrence == 0
