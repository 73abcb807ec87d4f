"""Privacy accounting equals that of OpenDP, and the published values."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kerege.evidence.dp.zcdp import compose, epsilon_to_rho, rho_to_epsilon
from tests.evidence.dp.made import gaussian, opendp


@pytest.mark.parametrize(("epsilon", "rho"), [(1, 0.0142), (4, 0.197), (12, 1.449)])
def test_the_optimal_conversion_has_the_known_values(epsilon: float, rho: float) -> None:
    """n = 50,000 and delta = 1/n^2. The simple conversion would return 0.0115, 0.166 and 1.297."""
    converted = epsilon_to_rho(epsilon, 4e-10)
    assert converted == pytest.approx(rho, rel=0.004)
    assert rho_to_epsilon(converted, 4e-10) <= epsilon
    assert rho_to_epsilon(converted * 1.0001, 4e-10) > epsilon


@pytest.mark.parametrize("sigma", [0.3, 1.0, 5.0, 40.0, 3000.0])
@pytest.mark.parametrize("delta", [1e-12, 4e-10, 1e-6, 0.01])
def test_epsilon_equals_that_of_opendp(sigma: float, delta: float) -> None:
    expected = opendp().c.make_zCDP_to_approxDP(gaussian(sigma)).map(1.0).epsilon(delta)
    assert rho_to_epsilon(1 / (2 * sigma**2), delta) == pytest.approx(expected, rel=1e-6, abs=1e-9)


def test_ten_releases_cost_less_than_ten_epsilons() -> None:
    rho = epsilon_to_rho(1, 4e-10)
    assert rho_to_epsilon(10 * rho, 4e-10) == pytest.approx(3.4, abs=0.05)
    assert rho_to_epsilon(0) == 0


@pytest.mark.parametrize("wrong", [(-1.0, 1e-9), (math.nan, 1e-9), (1.0, 0.0), (1.0, 1.0), (1e9, 1e-9)])
def test_a_loss_out_of_range_is_refused(wrong: tuple[float, float]) -> None:
    with pytest.raises(ValueError, match="number"):
        rho_to_epsilon(*wrong)
    with pytest.raises(ValueError, match="number"):
        epsilon_to_rho(0)


def delta_of(rho: float, epsilon: float) -> float:
    """Return the least delta of Proposition 12 of Canonne, Kamath and Steinke 2020 on a grid of orders."""
    order_minus_1 = np.exp(np.linspace(-12, 12, 100_001))
    order = 1 + order_minus_1
    logs = order_minus_1 * (order * rho - epsilon) - np.log(order_minus_1) + order * np.log1p(-1 / order)
    return float(np.exp(logs.min()))


@pytest.mark.parametrize(("rho", "delta"), [(0.001, 1e-9), (0.1, 1e-6), (0.5, 1e-3), (3.0, 1e-9), (40.0, 1e-4)])
def test_the_published_formula_returns_delta_at_this_epsilon(rho: float, delta: float) -> None:
    assert delta_of(rho, rho_to_epsilon(rho, delta)) == pytest.approx(delta, rel=1e-5)


@settings(max_examples=50, deadline=None)
@given(st.floats(1e-5, 500), st.floats(1e-12, 0.05))
def test_epsilon_is_below_the_simple_conversion_and_above_rho(rho: float, delta: float) -> None:
    """Bun and Steinke 2016, proposition 1.3: epsilon = rho + 2 sqrt(rho log(1 / delta))."""
    assert rho_to_epsilon(rho, delta) < rho + 2 * math.sqrt(rho * math.log(1 / delta))
    assert rho_to_epsilon(rho * 1.01, delta) > rho_to_epsilon(rho, delta) or rho_to_epsilon(rho * 1.01, delta) == 0
    assert rho_to_epsilon(rho, delta / 2) > rho_to_epsilon(rho, delta) or rho_to_epsilon(rho, delta / 2) == 0


def test_epsilon_is_never_negative() -> None:
    """With a delta of one half a tiny loss needs no epsilon; the formula itself falls below 0."""
    assert rho_to_epsilon(1e-6, 0.5) == 0


@settings(max_examples=25, deadline=None)
@given(st.floats(0.01, 60), st.sampled_from([1e-12, 1e-9, 1e-4]))
def test_the_budget_of_an_epsilon_is_the_largest_that_stays_below_it(epsilon: float, delta: float) -> None:
    rho = epsilon_to_rho(epsilon, delta)
    assert rho_to_epsilon(rho, delta) <= epsilon < rho_to_epsilon(rho * (1 + 1e-6), delta)
    assert rho < epsilon


@pytest.mark.parametrize("epsilon", [0.0, -1.0, math.inf, math.nan])
def test_an_epsilon_is_a_finite_number_above_0(epsilon: float) -> None:
    with pytest.raises(ValueError, match=r"^epsilon is a number above 0$"):
        epsilon_to_rho(epsilon)


@pytest.mark.parametrize(("delta", "is_valid"), [(0.0, False), (1e-300, True), (0.999, True), (1.0, False)])
def test_delta_lies_between_0_and_1(delta: float, is_valid: bool) -> None:
    if is_valid:
        assert rho_to_epsilon(0.1, delta) >= 0
        assert epsilon_to_rho(1.0, delta) > 0
        return
    for convert in (rho_to_epsilon, epsilon_to_rho):
        with pytest.raises(ValueError, match=r"^delta is a number between 0 and 1$"):
            convert(0.1, delta)


def test_a_loss_is_at_most_10_000() -> None:
    assert rho_to_epsilon(10_000) > 10_000
    assert compose([10_000]) == 10_000
    for call in (lambda: rho_to_epsilon(10_000.1), lambda: compose([0.1, 10_000.1]), lambda: compose([-0.1])):
        with pytest.raises(ValueError, match=r"^rho is a number from 0 to 10000$"):
            call()


@given(st.lists(st.integers(0, 2**20), max_size=30))
def test_losses_add_up_without_rounding(eighths: list[int]) -> None:
    """Bun and Steinke 2016, lemma 2.3. The losses are binary fractions, so that their sum is exact."""
    assert compose(number / 1024 for number in eighths) == sum(eighths) / 1024


def test_many_small_losses_are_not_lost_beside_a_large_one() -> None:
    """Adding them one by one to 4096 would drop each of them."""
    assert compose([4096.0, *[2.0**-42] * 2**11]) == 4096.0 + 2.0**-31
