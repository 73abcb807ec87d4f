"""Posterior of a log-linear model: mode, curvature by numerical derivatives, draws and quantiles."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import optimize, special

from kerege.evidence.mse.bayes import posterior
from kerege.evidence.mse.bayes.posterior import build_model, draw_posterior, find_mode, weighted_quantiles
from kerege.evidence.mse.lists import BadLists

Floats = NDArray[np.float64]
COUNTS = np.array([0, 60, 49, 4, 247, 112, 142, 12], float)  # spina bifida, Madigan and York 1997
NONE = np.array([], np.int64)


def log_density(values: Floats, counts: Floats, terms: list[int], removed: list[int], precision: Floats) -> float:
    """Return the log posterior cell by cell: Poisson counts, and normal priors around 0."""
    total = -0.5 * float(precision @ values**2)
    for w in range(1, len(counts)):
        if any(w & term == term for term in removed):
            continue
        log_mean = sum(value for value, term in zip(values, terms, strict=True) if w & term == term)
        total += counts[w] * log_mean - np.exp(log_mean)
    return total


CASES = [
    ([0, 1, 2, 4], [], [0, 0, 0, 0]),
    ([0, 1, 2, 4, 3, 6], [], [0, 0, 0, 0, 1, 1]),
    ([0, 1, 2, 4, 5, 6], [3], [0, 0, 0, 0, 0.25, 4]),
    ([0, 1, 2, 4, 3, 5, 6, 7], [], [0, 0, 0, 0, 1, 1, 1, 1]),  # the priors identify the interaction of all lists
]


@pytest.mark.parametrize(("terms", "removed", "precision"), CASES)
def test_the_mode_has_no_slope_and_its_curvature_is_that_of_the_density(
    terms: list[int], removed: list[int], precision: list[float]
) -> None:
    prior = np.array(precision, float)
    mode, curvature = find_mode(build_model(COUNTS, np.array(terms), np.array(removed, np.int64), prior))

    def density(values: Floats) -> float:
        return log_density(values, COUNTS, terms, removed, prior)

    step, identity = 1e-4, np.eye(len(terms))
    for i, along in enumerate(identity):
        slope = (density(mode + step * along) - density(mode - step * along)) / (2 * step)
        assert abs(slope) < 1e-3
        for j, across in enumerate(identity):
            ends = [
                sign * other * density(mode + step * (sign * along + other * across))
                for sign in (1, -1)
                for other in (1, -1)
            ]
            assert -sum(ends) / (4 * step**2) == pytest.approx(curvature[i, j], rel=1e-3, abs=0.05)


def test_a_step_that_lowers_the_density_is_halved(monkeypatch: pytest.MonkeyPatch) -> None:
    """Few people beside 1,000 on two lists, strong priors: the first whole step is too long."""
    counts = np.array([0, 0, 0, 1000, 10, 10, 1, 1], float)
    terms, prior = [0, 1, 2, 4, 3, 5, 6], np.array([0, 0, 0, 0, 10, 10, 10], float)
    tried: list[Floats] = []
    log_posterior = posterior._log_posterior

    def record(model: posterior.PosteriorModel, values: Floats) -> Floats:
        tried.append(values[0])
        return log_posterior(model, values)

    monkeypatch.setattr(posterior, "_log_posterior", record)
    mode, _ = find_mode(build_model(counts, np.array(terms), NONE, prior))
    start, whole, half = tried[:3]
    densities = [log_density(values, counts, terms, [], prior) for values in (start, whole, half)]
    assert densities[1] < densities[0] <= densities[2]
    assert half == pytest.approx((start + whole) / 2)
    optimum = optimize.minimize(lambda values: -log_density(values, counts, terms, [], prior), mode + 0.1)
    assert mode == pytest.approx(optimum.x, abs=1e-3)


def test_cells_of_parameters_at_minus_infinity_are_left_out() -> None:
    model = build_model(COUNTS, np.array([0, 1, 2, 4]), np.array([3, 5]), np.zeros(4))
    assert model.histories.tolist() == [1, 2, 4, 6]
    assert model.counts.tolist() == [60, 49, 247, 142]
    assert model.cells.tolist() == [[1, 1, 0, 0], [1, 0, 1, 0], [1, 0, 0, 1], [1, 0, 1, 1]]
    assert build_model(COUNTS, np.array([0, 1]), NONE, np.zeros(2)).histories.tolist() == [1, 2, 3, 4, 5, 6, 7]


def test_a_posterior_without_a_maximum_is_refused() -> None:
    """Flat priors, and nobody on A and B: their interaction runs off to minus infinity."""
    counts = COUNTS * (np.arange(8) & 3 != 3)
    with pytest.raises(BadLists, match="the posterior has no maximum, too few people are on two lists or more"):
        find_mode(build_model(counts, np.array([0, 1, 2, 4, 3]), NONE, np.zeros(5)))
    mode, _ = find_mode(build_model(counts, np.array([0, 1, 2, 4, 3]), NONE, np.array([0, 0, 0, 0, 1.0])))
    assert mode[4] < -1  # a prior holds it


def test_draws_have_the_moments_of_a_posterior_that_is_known() -> None:
    """Two cells with flat priors: the log means are logarithms of Gamma variables (conjugate)."""
    counts = np.array([0.0, 30.0, 8.0, 12.0])
    model = build_model(counts, np.array([0, 1, 2]), NONE, np.zeros(3))
    draws = draw_posterior(model, 40_000, np.random.default_rng(1))
    assert draws.weights.sum() == pytest.approx(1)
    assert draws.values.shape == (40_000, 3)
    # the terms 1 and 2 are differences of log means of the cells 3 and 2, 3 and 1
    for place, cell in ((1, 2), (2, 1)):
        mean = special.digamma(12) - special.digamma(counts[cell])
        deviation = np.sqrt(special.polygamma(1, 12) + special.polygamma(1, counts[cell]))
        assert draws.mean[place] == pytest.approx(mean, abs=0.02)
        assert draws.deviation[place] == pytest.approx(deviation, rel=0.03)


def test_mean_deviation_and_effective_size_are_those_of_the_weighted_draws() -> None:
    model = build_model(COUNTS, np.array([0, 1, 2, 4, 3]), NONE, np.array([0, 0, 0, 0, 1.0]))
    draws = draw_posterior(model, 3000, np.random.default_rng(2))
    assert draws.mean == pytest.approx(np.average(draws.values, axis=0, weights=draws.weights))
    covariance = np.cov(draws.values.T, aweights=draws.weights, bias=True)
    assert draws.deviation == pytest.approx(np.sqrt(np.diag(covariance)))
    assert draws.ess == pytest.approx(1 / (draws.weights**2).sum())
    assert 0.8 * 3000 < draws.ess <= 3000
    again = draw_posterior(model, 3000, np.random.default_rng(2))
    assert (again.values == draws.values).all()


def test_many_parameters_are_drawn_in_blocks_with_the_same_weights() -> None:
    """The densities of 3,000 draws are computed in blocks; each weight is that of its own draw."""
    terms = [0, 1, 2, 4, 3, 5, 6]
    precision = np.array([0, 0, 0, 0, 1.0, 1, 1])
    draws = draw_posterior(build_model(COUNTS, np.array(terms), NONE, precision), 3000, np.random.default_rng(3))
    picked = [0, 1, 1499, 2048, 2999]
    densities = np.array([log_density(draws.values[row], COUNTS, terms, [], precision) for row in picked])
    best = optimize.minimize(lambda v: -log_density(v, COUNTS, terms, [], precision), draws.mean, method="BFGS")
    assert (densities <= -best.fun + 1e-6).all()
    # the density of the proposal is that of a t distribution: the same for draws of equal distance from the centre
    log_weights = np.log(draws.weights[picked])
    assert np.corrcoef(densities, log_weights)[0, 1] > -1
    assert np.isfinite(log_weights).all()


# -- weighted quantiles ----------------------------------------------------------------------------------------------


@settings(max_examples=50, deadline=None)
@given(st.lists(st.integers(-99, 99), min_size=1, max_size=15, unique=True), st.floats(0, 1))
def test_with_equal_weights_a_quantile_is_of_type_5(values: list[int], level: float) -> None:
    """Type 5 of Hyndman and Fan is the method `hazen` of NumPy."""
    array = np.array(values, float)
    expected = np.quantile(array, level, method="hazen")
    assert weighted_quantiles(array, np.full(len(array), 1 / len(array)), np.array([level]))[0] == pytest.approx(
        expected, abs=1e-6
    )


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 50), st.integers(1, 9)), min_size=2, max_size=10), st.randoms())
def test_weighted_quantiles_ignore_the_order_and_rise_with_the_level(
    pairs: list[tuple[int, int]], random: np.random.Generator
) -> None:
    values, weights = (np.array(column, float) for column in zip(*pairs, strict=True))
    levels = np.linspace(0, 1, 11)
    quantiles = weighted_quantiles(values, weights / weights.sum(), levels)
    assert (quantiles[0], quantiles[-1]) == (values.min(), values.max())
    assert all(later >= earlier for earlier, later in pairwise(quantiles))
    distinct = len(set(values)) == len(values)
    order = np.array(random.sample(range(len(values)), len(values)))  # type: ignore[attr-defined]
    if distinct:
        shuffled = weighted_quantiles(values[order], (weights / weights.sum())[order], levels)
        assert shuffled == pytest.approx(quantiles)


def test_a_value_is_the_quantile_at_its_cumulative_weight_less_half_its_own() -> None:
    values, weights = np.array([30.0, 10.0, 20.0]), np.array([0.5, 0.2, 0.3])
    assert weighted_quantiles(values, weights, np.array([0.1, 0.35, 0.75])).tolist() == [10, 20, 30]
    assert weighted_quantiles(values, weights, np.array([0.225, 0.55])) == pytest.approx([15, 25])
