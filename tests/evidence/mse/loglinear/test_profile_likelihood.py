"""Profile-likelihood intervals are those of Rcapture, and of a direct maximisation."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import minimize
from scipy.special import digamma, gammaln
from scipy.stats import chi2

from kerege.evidence.mse import BadLists, Lists, fit
from kerege.evidence.mse.loglinear.heterogeneity import fit_heterogeneity
from kerege.evidence.mse.loglinear.profile_likelihood import _digamma, _find_root, _find_upper, profile_interval
from tests.evidence.mse.loglinear.test_heterogeneity import lists_of
from tests.evidence.mse.tables import table

# Cormack, Chang and Smith 2000, table 3b, as the tests of Rcapture 1.3 repeat it: deaths at work on three lists
DEATHS = lists_of([72, 5, 29, 54, 24, 3, 14])


def test_the_interval_of_the_hares_is_that_of_rcapture() -> None:
    """`closedpCI.t(hare, m = "Mth", h = "Poisson")` in the output of the examples of Rcapture 1.3."""
    interval = profile_interval(table("hare"), form="poisson", stirling=True)
    assert [f"{people:.1f}" for people in interval] == ["80.1", "71.8", "93.8"]


# `closedpCI.t(HIV, ...)` in the output of the examples of Rcapture 1.3 (Baillargeon and Rivest 2007, section 2.2):
# interactions, then abundance, standard error, deviance, degrees of freedom, AIC; then the profile likelihood
ALL_PAIRS = (0b0011, 0b0101, 0b1001, 0b0110, 0b1010, 0b1100)
HIV = [
    (ALL_PAIRS, "23443.5 9594.9 3.037 4 92.073", "23269.8 10027.6 50046.3"),
    ((0b0011,), "12318.5 1188.7 7.614 9 86.650", "12308.0 10266.0 14992.3"),
]


@pytest.mark.parametrize(("model", "fitted", "interval"), HIV)
def test_people_with_hiv_are_those_of_rcapture(model: tuple[int, ...], fitted: str, interval: str) -> None:
    result = fit_heterogeneity(table("HIV"), "none", model)
    figures = f"{result.estimate:.1f} {result.error:.1f} {result.deviance:.3f} {result.degrees} {result.aic:.3f}"
    assert figures == fitted
    limits = profile_interval(table("HIV"), model, stirling=True)
    assert " ".join(f"{people:.1f}" for people in limits) == interval


def test_the_intervals_of_deaths_at_work_are_those_of_cormack() -> None:
    assert [round(people) for people in profile_interval(DEATHS)[1:]] == [203, 217]
    assert round(profile_interval(DEATHS, (0b110,)).lower) == 210
    assert round(profile_interval(DEATHS, (0b101, 0b110)).lower) == 204


def log_likelihood(counts: np.ndarray, design: np.ndarray, people: float) -> float:
    """Return the multinomial log-likelihood of a number of people, maximised by BFGS."""
    unobserved = people - counts.sum()

    def loss(parameters: np.ndarray) -> float:
        logs = np.append(design @ parameters, 0.0)  # relative to the unobserved cell
        return float(people * np.logaddexp.reduce(logs) - counts @ logs[:-1])

    def slope(parameters: np.ndarray) -> np.ndarray:
        logs = np.append(design @ parameters, 0.0)
        shares = np.exp(logs - np.logaddexp.reduce(logs))
        return np.asarray(design.T @ (people * shares[:-1] - counts))

    best = minimize(loss, np.full(design.shape[1], -1.0), jac=slope, method="BFGS", options={"gtol": 1e-7})
    return float(gammaln(people + 1) - gammaln(unobserved + 1) - best.fun)


@pytest.mark.parametrize("level", [0.8, 0.95])
def test_limits_are_where_the_likelihood_has_fallen_by_the_quantile(level: float) -> None:
    lists = table("Korea")
    counts = lists.dense[1:].astype(float)
    cells = np.arange(1, 8)
    columns = [(cells >> 0) & 1, (cells >> 1) & 1, (cells >> 2) & 1, (cells & 3) == 3]
    design = np.column_stack(columns).astype(float)
    interval = profile_interval(lists, (0b011,), level)
    top = log_likelihood(counts, design, interval.estimate)
    for limit in (interval.lower, interval.upper):
        assert top - log_likelihood(counts, design, limit) == pytest.approx(chi2.ppf(level, 1) / 2, abs=1e-4)
    for neighbour in (interval.estimate - 1, interval.estimate + 1):
        assert log_likelihood(counts, design, neighbour) < top


def test_the_multinomial_estimate_is_a_little_below_the_poisson_one() -> None:
    for name in ("UKdat", "Kosovo", "NewOrl_5"):
        poisson = fit(table(name)).estimate
        assert 0.99 * poisson < profile_interval(table(name)).estimate < poisson


def test_a_higher_level_has_wider_limits() -> None:
    narrow, wide = (profile_interval(table("UKdat_5"), level=level) for level in (0.5, 0.99))
    assert wide.lower < narrow.lower < narrow.estimate < narrow.upper < wide.upper
    assert wide.estimate == narrow.estimate


def test_stirlings_formula_moves_the_limits_by_less_than_a_person() -> None:
    exact, rough = (profile_interval(table("NewOrl_5"), stirling=stirling) for stirling in (False, True))
    assert all(0 < abs(a - b) < 1 for a, b in zip(exact, rough, strict=True))


def test_the_observed_people_are_a_limit() -> None:
    """Nearly everybody is on several lists: the likelihood is largest if nobody is unobserved."""
    nearly_all = Lists([1, 2, 3, 4, 5, 6, 7], [1, 1, 20, 1, 20, 20, 90])
    multinomial = profile_interval(nearly_all, level=0.999)
    assert multinomial.lower == multinomial.estimate == nearly_all.people < multinomial.upper
    poisson = profile_interval(nearly_all, level=0.999, likelihood="poisson")
    assert nearly_all.people < poisson.lower < poisson.estimate < poisson.upper < multinomial.upper


def test_models_without_an_estimate_are_refused() -> None:
    with pytest.raises(BadLists, match="one of its parameters diverges"):
        profile_interval(Lists([1, 2, 4], [5, 6, 7]))
    with pytest.raises(BadLists, match="there is no likelihood 'normal'"):
        profile_interval(table("Korea"), likelihood="normal")
    with pytest.raises(BadLists, match="the level is 1"):
        profile_interval(table("Korea"), level=1.0)


@given(st.floats(-4.9, 3.9), st.sampled_from(["line", "cube", "exponential", "step"]), st.sampled_from([-1, 1]))
def test_a_root_is_found_to_half_its_width(root: float, kind: str, sign: int) -> None:
    shapes: dict[str, Callable[[float], float]] = {
        "line": lambda x: 1e-9 * (x - root),
        "cube": lambda x: (x - root) ** 3,
        "exponential": lambda x: math.expm1(3 * (x - root)),
        "step": lambda x: math.atan(50 * (x - root)),
    }
    assert _find_root(lambda x: sign * shapes[kind](x), -5.0, 4.0, 1e-6) == pytest.approx(root, abs=1e-6)


def test_a_likelihood_that_never_falls_has_no_upper_limit() -> None:
    assert _find_upper(lambda _people: 1.0, 100, 150.0) == math.inf


@given(st.floats(1, 1e9))
def test_the_digamma_function_is_that_of_scipy(value: float) -> None:
    assert _digamma(value) == pytest.approx(float(digamma(value)), abs=1e-13, rel=1e-14)
