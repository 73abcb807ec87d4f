"""The compiled core against SciPy and NumPy: Poisson tails, ranks, and fits of many models."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize
from scipy.stats import poisson

from kerege.evidence.mse.loglinear import kernels
from kerege.evidence.mse.loglinear.existence import existence_code, support_key
from kerege.evidence.mse.loglinear.hierarchical_models import Model, all_models, close_model, pairs_of
from tests.evidence.mse.tables import table

RATES = st.floats(-6, 5).map(lambda exponent: 10.0**exponent)  # beyond, SciPy loses digits of the upper tail


# -- Poisson tails ---------------------------------------------------------------------------------------------------


@settings(max_examples=120, deadline=None)
@given(RATES, st.floats(-9, 9))
def test_the_probability_of_a_count_is_that_of_scipy(rate: float, deviations: float) -> None:
    count = max(1.0, math.floor(rate + deviations * math.sqrt(rate)))
    assert math.log(kernels._poisson_pmf(count, rate)) == pytest.approx(poisson.logpmf(count, rate), rel=1e-9, abs=1e-9)


@pytest.mark.parametrize("count", [1.0, 15.0, 16.0, 17.0, 900.0])
@pytest.mark.parametrize("ratio", [0.81, 0.82, 1.0, 1.22, 1.23])
def test_both_forms_of_the_probability_meet(count: float, ratio: float) -> None:
    """Stirling's series begins above 15, and the series of the deviance within a tenth of n + rate."""
    rate = count / ratio
    assert kernels._poisson_pmf(count, rate) == pytest.approx(float(poisson.pmf(count, rate)), rel=1e-12)


@settings(max_examples=120, deadline=None)
@given(RATES, st.floats(-9, 9), st.sampled_from([0.001, 0.02, 0.3, 1.0]))
def test_a_p_value_is_exact_or_certainly_above_the_threshold(rate: float, deviations: float, enough: float) -> None:
    count = float(max(0, math.floor(rate + deviations * math.sqrt(rate))))
    exact = min(poisson.cdf(count, rate), poisson.sf(count - 1, rate))
    value = kernels._p_value(count, rate, enough)
    if exact <= enough or enough >= 0.4:
        assert value == pytest.approx(exact, rel=1e-9, abs=1e-300)
    else:
        assert value > enough


@pytest.mark.parametrize(("count", "rate", "expected"), [(0.0, 0.0, 1.0), (0.0, 3.0, math.exp(-3)), (4.0, 0.0, 0.0)])
def test_a_p_value_of_nobody_or_of_no_rate_has_its_limit(count: float, rate: float, expected: float) -> None:
    assert kernels._p_value(count, rate, 1.0) == pytest.approx(expected)


# -- rank ------------------------------------------------------------------------------------------------------------


def test_the_modulus_is_prime_and_inverses_are_exact() -> None:
    prime = kernels.PRIME
    assert all(prime % divisor for divisor in range(2, math.isqrt(prime) + 1))
    assert prime < 2**31  # a product of two residues fits into 63 bits
    for value in (1, 2, 97, prime - 1, 1_234_567_890):
        assert value * kernels._modular_inverse(value) % prime == 1
        assert kernels._modular_inverse(value) == pow(value, -1, prime)


def design_of(lists: int, terms: list[int], boundary: list[int]) -> np.ndarray:
    cells = [w for w in range(1, 1 << lists) if all(w & term != term for term in boundary)]
    return np.array([[float(w & term == term) for term in terms] for w in cells]).reshape(len(cells), len(terms))


@settings(max_examples=60, deadline=None)
@given(st.sets(st.integers(1, 15), max_size=10), st.sets(st.sampled_from([3, 5, 6, 7, 9, 10, 12]), max_size=3))
def test_full_rank_is_that_of_the_design_matrix(interactions: set[int], boundary: set[int]) -> None:
    """Four lists; the cells of parameters on the boundary are removed, and those parameters too."""
    terms = [
        term
        for term in close_model(4, interactions | boundary)
        if all(term & removed != removed for removed in boundary)
    ]
    factor = np.ones(16)
    factor[list(boundary)] = 0.0
    design = design_of(4, terms, sorted(boundary))
    expected = np.linalg.matrix_rank(design) == len(terms)
    assert kernels.has_full_rank(4, np.array(terms, np.int64), len(terms), factor) == expected


# -- fits ------------------------------------------------------------------------------------------------------------


def fit_together(counts: np.ndarray, lists: int, models: list[Model]) -> tuple[list[np.ndarray], np.ndarray]:
    """Return the parameters and the summaries of the compiled fits."""
    starts = np.r_[0, np.cumsum([len(model) for model in models])].astype(np.int64)
    terms = np.array([term for model in models for term in model], np.int64)
    alphas, summaries = np.zeros(len(terms)), np.zeros((len(models), 3))
    no_parents = np.full(len(models), -1, np.int64)
    kernels.fit_models(counts.astype(float), lists, starts, terms, no_parents, np.zeros(0), alphas, summaries)
    return np.split(alphas, starts[1:-1]), summaries


@pytest.mark.parametrize("name", ["Kosovo", "UKdat_4"])
def test_a_fit_matches_the_sufficient_statistics(name: str) -> None:
    """At the maximum each finite parameter has as many expected as observed people; others have none."""
    lists = table(name)
    models = list(all_models(4))[::11]
    parameters, summaries = fit_together(lists.dense, 4, models)
    for model, alphas, summary in zip(models, parameters, summaries, strict=True):
        if summary[2] != kernels.EXISTS:
            continue
        means = [
            math.exp(sum(alpha for term, alpha in zip(model, alphas, strict=True) if w & term == term))
            for w in range(1, 16)
        ]
        for term, alpha in zip(model, alphas, strict=True):
            observed = sum(lists.dense[w] for w in range(1, 16) if w & term == term)
            expected = sum(mean for w, mean in enumerate(means, 1) if w & term == term)
            assert (alpha == -math.inf) is (observed == 0)
            assert expected == pytest.approx(observed, rel=1e-8, abs=1e-8)
        assert summary[1] == pytest.approx(math.exp(alphas[0]))
        likelihood = sum(n * math.log(mean) - mean for n, mean in zip(lists.dense[1:], means, strict=True) if mean)
        assert summary[0] == pytest.approx(likelihood, rel=1e-10)


def test_a_fit_has_the_likelihood_of_a_general_optimiser() -> None:
    lists = table("Kosovo")
    model = close_model(4, [0b0011, 0b1100, 0b0110])
    _, summaries = fit_together(lists.dense, 4, [model])
    design = design_of(4, list(model), [])

    def loss(values: np.ndarray) -> tuple[float, np.ndarray]:
        means = np.exp(design @ values)
        return float(means.sum() - lists.dense[1:] @ (design @ values)), design.T @ (means - lists.dense[1:])

    best = minimize(loss, np.r_[8.0, np.full(4, -1.0), np.zeros(3)], jac=True, method="BFGS", options={"gtol": 1e-6})
    assert summaries[0, 0] == pytest.approx(-best.fun, rel=1e-10)
    assert summaries[0, 1] == pytest.approx(math.exp(best.x[0]), rel=1e-5)


@pytest.mark.parametrize("seed", range(5))
def test_a_fit_claims_only_what_a_linear_program_proves(seed: int) -> None:
    """The status of a fit is that of the proof, or unknown: never another."""
    rng = np.random.default_rng(seed)
    dense = np.where(rng.random(16) < 0.45, rng.integers(1, 30, 16), 0)
    dense[0] = 0
    dense[[1, 2, 4, 8]] += 1
    models = list(all_models(4))[seed::8]
    _, summaries = fit_together(dense, 4, models)
    for model, status in zip(models, summaries[:, 2], strict=True):
        proved = existence_code(4, model, support_key(dense))
        if status == kernels.EXISTS:
            assert proved == 0
        elif status == kernels.NO_ESTIMATE:
            assert proved == 1
        elif status == kernels.NOT_IDENTIFIED:
            assert proved in (2, 3)


# -- stepwise search of one table ------------------------------------------------------------------------------------


def search(counts: list[int], threshold: float, known: list[tuple[int, int]]) -> tuple[float, int, int]:
    """Return the estimate, the chosen pairs and the open model of one table of three lists."""
    estimates, models = np.zeros(1), np.zeros((1, 2), np.int64)
    kernels.stepwise_rows(
        np.array([counts]),
        np.arange(1, 8),
        3,
        pairs_of(3),
        threshold,
        np.array([0]),
        np.array([0, len(known)]),
        np.array(known, np.int64).reshape(-1, 2),
        estimates,
        models,
    )
    return float(estimates[0]), int(models[0, 0]), int(models[0, 1])


def test_a_model_without_an_estimate_is_left_out_of_the_search() -> None:
    """The first pair of this table is far from independent; a proof of status 1 or 2 closes it."""
    counts = [60, 49, 4, 247, 112, 142, 12]
    _, chosen, open_model = search(counts, 0.02, [])
    assert (chosen, open_model) == (0b001, -1)
    for status in (kernels.NO_ESTIMATE, kernels.NOT_IDENTIFIED, 3):
        assert search(counts, 0.02, [(0b001, status)])[1] & 0b001 == 0
    assert search(counts, 0.02, [(0b001, kernels.EXISTS)])[1] == 0b001
    assert search(counts, 0.02, [(0b010, kernels.NO_ESTIMATE)])[1] == 0b001


def test_a_threshold_of_0_keeps_independence() -> None:
    assert search([60, 49, 4, 247, 112, 142, 12], 0.0, [])[1:] == (0, -1)
