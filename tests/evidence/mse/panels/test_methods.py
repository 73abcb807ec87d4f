"""Methods of the panel that have a closed form, and the intervals that noise and few resamples change."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import combinations
from typing import Any

import numpy as np
import pytest

from kerege.evidence.mse.covariates.fit import hierarchical_terms
from kerege.evidence.mse.lists import BadLists, Lists, build_unchecked_lists
from kerege.evidence.mse.loglinear.bootstrap_intervals import Bootstrap
from kerege.evidence.mse.panels import methods
from kerege.evidence.mse.panels.method_result import Method
from kerege.evidence.mse.panels.methods import Options, chapman, widen_for_noise
from kerege.evidence.mse.panels.sensitivity import estimates_by_odds_ratio

# 100 people on the first list, 80 on the second, 20 on both
TWO = build_unchecked_lists(("A", "B"), np.array([1, 2, 3]), np.array([80, 60, 20]))
NOISY = Lists([1, 2, 3, 4, 5, 6, 7], [60, 49, 14, 247, 112, 142, 12], noise=2.0)


def test_chapmans_limits_are_those_of_seber_and_chao_by_hand() -> None:
    """N = 101 * 81 / 21 - 1; the variance is 101 * 81 * 80 * 60 / (21^2 * 22) = 4047.495 (Seber 1970).

    Unobserved: 228.5714. C = exp(z sqrt(ln(1 + 4047.495 / 228.5714^2))) is 1.70811 for 95 % and 1.41917 for 80 %;
    the limits are 160 + 228.5714 / C and 160 + 228.5714 C (Chao 1987).
    """
    result = chapman(TWO)
    assert result.estimate == pytest.approx(388.5714, rel=1e-6)
    assert result.interval95 == pytest.approx((293.815, 550.425), rel=1e-4)
    assert result.interval80 == pytest.approx((321.060, 484.382), rel=1e-4)
    assert result.about == {"on_both": 20}


def test_the_spread_of_noise_is_measured_on_the_middle_80_percent(monkeypatch: pytest.MonkeyPatch) -> None:
    """Forty tables with log unobserved numbers 5.00, 5.01, ..., 5.39, and two of them far off.

    Their 10 % and 90 % quantiles are 31.2 steps apart, so that the standard deviation is 0.312 / (2 * 1.281552).
    """
    steps: Iterator[float] = iter([-90.0, *(5 + 0.01 * k for k in range(1, 39)), 90.0])
    monkeypatch.setitem(methods.POINT_ESTIMATES, "decomposable", lambda lists: lists.people + math.exp(next(steps)))
    people, unobserved = NOISY.people, 200.0
    method = Method(
        "decomposable",
        people + unobserved,
        interval80=(people + 150.0, people + 260.0),
        interval95=(people + 120.0, people + 330.0),
    )
    widened = widen_for_noise(method, NOISY, Options(seed=3))
    spread = 0.312 / (2 * 1.281552)
    assert widened.about["noise_spread"] == pytest.approx(spread, rel=1e-5)
    for limits, exact, z in (
        (widened.interval80, method.interval80, 1.281552),
        (widened.interval95, method.interval95, 1.959964),
    ):
        assert limits is not None
        assert exact is not None
        lower, upper = (math.sqrt(math.log((limit - people) / unobserved) ** 2 + (z * spread) ** 2) for limit in exact)
        expected = (people + unobserved * math.exp(-lower), people + unobserved * math.exp(upper))
        assert limits == pytest.approx(expected, rel=1e-5)


def test_without_noise_an_interval_stays_as_it_is() -> None:
    method = Method("decomposable", 900.0, interval80=(800.0, 1000.0), interval95=(700.0, 1200.0))
    exact = Lists(NOISY.histories, NOISY.counts)
    assert widen_for_noise(method, exact, Options()) is method
    assert widen_for_noise(Method("decomposable", None), NOISY, Options()).interval95 is None


@pytest.mark.parametrize(("resamples", "is_warned"), [(39, True), (40, False), (41, False)])
def test_a_limit_with_ten_resamples_beyond_it_has_no_warning(resamples: int, is_warned: bool) -> None:
    """A quarter of the resamples lies beyond each limit of a 50 % interval."""
    replicates = np.arange(resamples, dtype=float)
    result = Bootstrap(
        lists=NOISY,
        method="independence",
        estimate=20.0,
        chosen=0,
        replicates=replicates,
        failed=0,
        models={0: 1.0},
        jackknife=np.full(7, 20.0),
        seed=1,
        names=str,
    )
    assert ("fewer than 10 resamples" in result.percentile(0.5).warning) is is_warned


@pytest.mark.parametrize("ratio", [0.0, -1.0, math.inf, math.nan])
def test_an_odds_ratio_is_above_0_and_finite(ratio: float) -> None:
    with pytest.raises(BadLists, match="an odds ratio is not above 0"):
        estimates_by_odds_ratio(300, 500, (1.0, ratio))


def test_an_estimate_of_the_seen_people_leaves_nobody_to_multiply() -> None:
    assert estimates_by_odds_ratio(300, 300, (0.5, 2.0)) == {0.5: 300, 2.0: 300}
    assert estimates_by_odds_ratio(300, 500, (0.5, 2.0)) == {0.5: 400, 2.0: 700}


@pytest.mark.parametrize("terms", [[], [(0, 1)], [(2, 0, 1)], [(0, 1), (1, 3)], [(3, 1, 2, 0)]])
def test_a_hierarchical_model_has_every_part_of_its_terms(terms: list[tuple[int, ...]]) -> None:
    parts = {frozenset(part) for term in terms for size in range(len(term) + 1) for part in combinations(term, size)}
    parts |= {frozenset(), *(frozenset({v}) for v in range(4))}
    model = hierarchical_terms(4, terms)
    assert {frozenset(term) for term in model} == parts
    assert len(model) == len(parts)
    assert list(model) == sorted(model, key=lambda term: (len(term), term))


# -- results of a bootstrap ------------------------------------------------------------------------------------------


def bootstrap_result(replicates: np.ndarray, estimate: float = 400.0, **more: Any) -> Bootstrap:
    fields: dict[str, Any] = {"failed": 0, "models": {0: 0.9, 1: 0.1}, "chosen": 0, "jackknife": FLAT} | more
    return Bootstrap(
        lists=NOISY,
        method="bic",
        estimate=estimate,
        replicates=np.sort(replicates),
        seed=1,
        names="m{}".format,
        **fields,
    )


FLAT = np.array([399.0, 400.0, 400.0, 401.0, 400.0, 400.0, 400.0])
NORMAL = np.random.default_rng(1).normal(400, 50, 2000)


def test_a_bootstrap_becomes_a_result_with_all_its_intervals() -> None:
    result = bootstrap_result(NORMAL)
    method = methods.method_from_bootstrap("bic", result)
    for level, percentile, bca in ((0.8, method.interval80, method.bca80), (0.95, method.interval95, method.bca95)):
        assert percentile == (result.percentile(level).lower, result.percentile(level).upper)
        assert bca == (result.bca(level).lower, result.bca(level).upper)
    assert method.monte_carlo["bca95"] == (result.bca(0.95).lower_error, result.bca(0.95).upper_error)
    assert list(method.monte_carlo) == ["interval80", "interval95", "bca80", "bca95"]
    assert (method.key, method.estimate, method.model, method.recurrence) == ("bic", 400.0, "m0", 0.9)
    assert method.about["models_in_resamples"] == 2
    assert method.about["bca80_levels"] == list(result.bca_levels(0.8))
    assert (method.about["bias_z0"], method.about["acceleration"]) == (result.bias, result.acceleration)
    assert method.warnings == ()


def test_resamples_without_an_estimate_are_counted_and_warned_of() -> None:
    method = methods.method_from_bootstrap("bic", bootstrap_result(NORMAL, failed=30))
    assert (method.about["resamples"], method.about["resamples_without_estimate"]) == (2030, 30)
    assert method.warnings == ("30 resamples have no estimate and are left out",)


def test_an_undefined_bca_is_no_interval_and_a_warning_for_each_level() -> None:
    method = methods.method_from_bootstrap("bic", bootstrap_result(NORMAL, estimate=1000.0))
    assert method.bca80 is method.bca95 is None
    assert method.interval80 is not None
    reason = "BCa is not defined: all resamples lie on one side of the estimate"
    assert method.warnings == (f"BCa 80%: {reason}", f"BCa 95%: {reason}")


def test_a_warning_names_its_interval() -> None:
    resamples = NORMAL[:120]  # 12 lie beyond a limit of 80 %, 3 beyond one of 95 %
    method = methods.method_from_bootstrap("bic", bootstrap_result(resamples, estimate=float(np.median(resamples))))
    few = "fewer than 10 resamples lie beyond a limit"
    assert f"percentile 95%: {few}" in method.warnings
    assert f"BCa 95%: {few}" in method.warnings
    assert not any("80%" in warning for warning in method.warnings)


def test_an_infinite_estimate_is_none_with_its_reason() -> None:
    method = methods.method_from_bootstrap("stepwise", bootstrap_result(NORMAL, estimate=math.inf))
    assert (method.estimate, method.no_estimate) == (None, "nothing bounds the estimate: it is infinite")


# -- reasons ---------------------------------------------------------------------------------------------------------

NO_OVERLAP, NESTED = Lists([1, 2, 4], [50, 60, 70]), Lists([1, 3, 5, 7], [50, 20, 30, 9])


@pytest.mark.parametrize("key", ["stepwise", "bic", "independence", "lcmcr", "thresholding"])
def test_lists_without_information_give_the_reason_of_the_lists(key: str) -> None:
    for lists, reason in ((NO_OVERLAP, "nobody is on two lists"), (NESTED, "everybody is on list A")):
        assert methods.run_method(key, lists, Options(times=100)) == Method(key, None, no_estimate=reason)


def test_the_lower_bound_needs_people_on_exactly_two_lists() -> None:
    assert methods.run_method("lower_bound", NO_OVERLAP, Options()).no_estimate == "nobody is on exactly two lists"
    assert methods.run_method("lower_bound", NESTED, Options()).estimate is not None


def test_averages_over_graphs_take_six_lists_at_most() -> None:
    seven = Lists([*(1 << j for j in range(7)), 3, 6, 12], [20] * 10)
    result = methods.run_method("decomposable", seven, Options())
    assert (result.estimate, result.no_estimate) == (None, "averaging over graphs takes at most 6 lists")


def test_the_average_over_graphs_states_its_best_graph() -> None:
    """Spina bifida (Madigan and York 1997): the graph of the first two lists, and 731 people."""
    result = methods.run_method("decomposable", Lists(range(1, 8), [60, 49, 4, 247, 112, 142, 12]), Options())
    assert (result.estimate, result.model, result.warnings) == (731.0, "A:B", ())
    assert result.about["graphs"] == 8
    assert 0.5 < result.about["graph_probability"] < 1
    assert result.interval95 == (694.0, 787.0)


# -- two lists -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("counts", [(80, 60, 20), (5, 9, 1), (300, 2, 50)])
def test_chapmans_limits_lie_around_the_estimate_on_the_log_scale(counts: tuple[int, int, int]) -> None:
    """Log-normal limits: the estimate of the unobserved is the geometric mean of its limits."""
    result = chapman(build_unchecked_lists(("A", "B"), np.array([1, 2, 3]), np.array(counts)))
    people = sum(counts)
    assert result.estimate is not None
    for limits in (result.interval80, result.interval95):
        assert limits is not None
        assert math.sqrt((limits[0] - people) * (limits[1] - people)) == pytest.approx(result.estimate - people)
    assert result.interval95[0] < result.interval80[0] < result.interval80[1] < result.interval95[1]  # type: ignore[index]


@pytest.mark.parametrize("noise", [2.0, 6.0])
def test_the_spread_of_noise_grows_in_proportion_to_it(noise: float) -> None:
    """Chapman's estimate is nearly linear in small noise; the delta method gives the spread."""
    two = build_unchecked_lists(("A", "B"), np.array([1, 2, 3]), np.array([4000, 3000, 900]), noise)
    widened = widen_for_noise(chapman(two), two, Options(seed=3))
    # log (n10 n01 / n11): the deviations of the three logarithms add up in squares
    expected = noise * math.sqrt(1 / 4000**2 + 1 / 3000**2 + 1 / 900**2)
    assert widened.about["noise_spread"] == pytest.approx(expected, rel=0.35)
    assert widened.about["on_both"] == 900
