"""Methods of the panel that have a closed form, and the intervals that noise and few resamples change."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import combinations

import numpy as np
import pytest

from kerege.evidence.mse.covariates.fit import hierarchical_terms
from kerege.evidence.mse.lists import BadLists, Lists, unchecked
from kerege.evidence.mse.loglinear.bootstrap_intervals import Bootstrap
from kerege.evidence.mse.panels import methods
from kerege.evidence.mse.panels.method_result import Method
from kerege.evidence.mse.panels.methods import Options, chapman, widen_for_noise
from kerege.evidence.mse.panels.sensitivity import estimates_by_odds_ratio

# 100 people on the first list, 80 on the second, 20 on both
TWO = unchecked(("A", "B"), np.array([1, 2, 3]), np.array([80, 60, 20]))
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
