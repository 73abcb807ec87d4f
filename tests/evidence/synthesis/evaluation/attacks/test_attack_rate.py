"""Rates of attacks have valid intervals, and the risk is the share of safe people who are exposed."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.stats import binom, norm

from kerege.evidence.synthesis.evaluation.attacks.attack_rate import (
    NORMAL95,
    Rate,
    clopper_pearson,
    rate,
    risk,
    wilson,
)

SHARE = st.floats(0, 1)


def test_the_quantile_is_that_of_the_normal_distribution() -> None:
    assert pytest.approx(norm.ppf(0.975), abs=1e-12) == NORMAL95


@settings(deadline=None, max_examples=50)
@given(SHARE, st.floats(0.5, 1e6))
def test_wilsons_limits_are_the_shares_that_a_score_test_accepts(share: float, attempts: float) -> None:
    """At a limit p the score (share - p) / sqrt(p (1 - p) / n) is 1.96 in absolute value."""
    for limit in wilson(share, attempts):
        if 1e-6 < limit < 1 - 1e-6:
            score = (share - limit) / math.sqrt(limit * (1 - limit) / attempts)
            assert abs(score) == pytest.approx(NORMAL95, rel=1e-4)


@pytest.mark.parametrize("attempts", [0, -3.0])
def test_without_attempts_any_share_is_possible(attempts: float) -> None:
    assert wilson(0.4, attempts) == (0.0, 1.0)


@settings(deadline=None, max_examples=50)
@given(SHARE, st.floats(1, 1e5), st.floats(1.01, 100))
def test_more_attempts_narrow_the_interval(share: float, attempts: float, factor: float) -> None:
    few, many = wilson(share, attempts), wilson(share, attempts * factor)
    assert many[1] - many[0] < few[1] - few[0]
    assert few[0] - 1e-12 <= share <= few[1] + 1e-12


def test_a_rate_holds_its_share_attempts_and_interval() -> None:
    assert rate(0.25, 40) == Rate(40, 0.25, *wilson(0.25, 40))


@settings(deadline=None, max_examples=50)
@given(st.integers(1, 60), st.data())
def test_exact_limits_leave_two_and_a_half_per_cent_on_each_side(attempts: int, data: st.DataObject) -> None:
    successes = data.draw(st.integers(0, attempts))
    low, high = clopper_pearson(successes, attempts)
    if successes:
        assert binom.sf(successes - 1, attempts, low) == pytest.approx(0.025, rel=1e-6)
    else:
        assert low == 0.0
    if successes < attempts:
        assert binom.cdf(successes, attempts, high) == pytest.approx(0.025, rel=1e-6)
    else:
        assert high == 1.0


@settings(deadline=None, max_examples=50)
@given(SHARE, SHARE)
def test_the_risk_is_zero_at_the_control_and_one_at_certainty(attack: float, control: float) -> None:
    assume(control < 0.999)
    measured = risk(rate(attack, 500), rate(control, 500))
    assert measured.risk == pytest.approx((attack - control) / (1 - control))
    assert risk(rate(control, 500), rate(control, 500)).risk == 0
    assert risk(rate(1.0, 500), rate(control, 500)).risk == pytest.approx(1)
    assert measured.low <= measured.risk <= max(measured.high, measured.risk)
    assert measured.high <= 1


def test_if_the_control_always_succeeds_nobody_was_safe() -> None:
    measured = risk(rate(1.0, 50), rate(1.0, 50))
    assert (measured.risk, measured.low, measured.high) == (0.0, 0.0, 0.0)


def test_each_limit_comes_from_the_attack_and_the_opposite_limit_of_the_control() -> None:
    """With an exact control only the interval of the attack counts, and the other way round."""
    attack, control = Rate(100, 0.6, 0.5, 0.65), Rate(100, 0.2, 0.1, 0.4)
    exact_attack, exact_control = Rate(100, 0.6, 0.6, 0.6), Rate(100, 0.2, 0.2, 0.2)
    of_attack = risk(attack, exact_control)
    assert (of_attack.risk - of_attack.low, of_attack.high - of_attack.risk) == pytest.approx((0.1 / 0.8, 0.05 / 0.8))
    of_control = risk(exact_attack, control)
    slope = 0.4 / 0.64
    assert (of_control.risk - of_control.low, of_control.high - of_control.risk) == pytest.approx(
        (slope * 0.2, slope * 0.1)
    )
    both = risk(attack, control)
    assert both.risk - both.low == pytest.approx(math.hypot(0.1 / 0.8, slope * 0.2))


@pytest.mark.parametrize(("attack", "control"), [(0.3, 0.3), (0.55, 0.3), (0.9, 0.2), (0.05, 0.02)])
def test_the_interval_contains_the_true_risk_in_19_of_20_samples(attack: float, control: float) -> None:
    rng = np.random.default_rng(3)
    hits = rng.binomial(800, [attack, control], size=(400, 2)) / 800
    true = (attack - control) / (1 - control)
    inside = [
        measured.low <= true <= measured.high
        for measured in (risk(rate(one, 800), rate(other, 800)) for one, other in hits.tolist())
    ]
    assert 0.92 <= np.mean(inside) <= 0.985


def test_a_risk_is_written_with_both_rates() -> None:
    tree = risk(rate(0.5, 10), rate(0.1, 20)).as_dict()
    assert tree["attack"]["attempts"] == 10
    assert tree["control"]["share"] == 0.1
    assert set(tree) == {"attack", "control", "risk", "low", "high"}
