"""Steps of the latent class sampler: probabilities, distributions of draws, numerical Jacobian."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from kerege.evidence.mse.bayes import lcmcr_sampler as sampler
from kerege.evidence.mse.bayes.lcmcr_sampler import Observed, State, initial_state, run_chain

Floats = NDArray[np.float64]
HISTORIES = np.array([1, 2, 3, 4, 5, 7])
COUNTS = np.array([30, 21, 4, 17, 6, 2])


def observed(max_unobserved: int = 1600) -> Observed:
    return Observed(HISTORIES, COUNTS, int(COUNTS.sum()), max_unobserved, 0.25, 0.25)


def some_state(seed: int = 1, classes: int = 4) -> State:
    return initial_state(np.random.default_rng(seed), observed(), 3, classes, 50)


def probabilities_of(rates: Floats, histories: NDArray[np.int64]) -> Floats:
    """Return the probability of each history (K, C): a product over the lists."""
    is_on = (histories[:, None] >> np.arange(rates.shape[1])) & 1
    return np.where(is_on, rates[:, None, :], 1 - rates[:, None, :]).prod(axis=2)


# -- start -----------------------------------------------------------------------------------------------------------


def test_a_start_has_shares_that_sum_to_1_and_nobody_placed() -> None:
    state = some_state()
    assert state.shares.sum() == pytest.approx(1)
    assert state.logs == pytest.approx(np.log(state.shares))
    assert (state.unseen[0], state.placed.sum(), state.ones.sum()) == (50, 0, 0)
    assert ((state.rates > 0) & (state.rates < 1)).all()
    assert state.concentration[0] > 0
    assert (some_state().rates == state.rates).all()
    assert (some_state(2).rates != state.rates).any()


def test_a_start_with_many_unobserved_people_has_one_class_of_small_rates() -> None:
    """The class has the rates of the same start with nobody unobserved, times n / (n + unobserved)."""
    few, many = (initial_state(np.random.default_rng(3), observed(), 3, 4, number) for number in (0, 720))
    ratios = many.rates / few.rates
    changed = np.flatnonzero(~np.isclose(ratios[:, 0], 1))
    assert len(changed) == 1
    assert ratios[changed[0]] == pytest.approx(80 / 800)


# -- likelihood ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(3))
def test_the_likelihood_is_that_of_the_observed_people_given_that_they_are_observed(seed: int) -> None:
    state = some_state(seed)
    probabilities = np.empty((4, len(COUNTS)))
    for k in range(4):
        sampler._compute_probabilities(observed(), state, k, probabilities[k])
    assert probabilities == pytest.approx(probabilities_of(state.rates, HISTORIES))
    by_history = state.shares @ probabilities_of(state.rates, np.arange(8))
    expected = COUNTS @ np.log(by_history[HISTORIES]) - COUNTS.sum() * np.log1p(-by_history[0])
    assert sampler._log_likelihood(observed(), state, probabilities) == pytest.approx(expected)


def test_the_number_of_unobserved_people_is_negative_binomial() -> None:
    """With the prior 1/N: n successes of probability P(on some list) (Manrique-Vallier 2016)."""
    state, rng = some_state(4), np.random.default_rng(5)
    missed = float(state.shares @ (1 - state.rates).prod(axis=1))
    draws = np.array([sampler._draw_unobserved(rng, observed(10**9), state) for _ in range(4000)])
    distribution = stats.nbinom(80, 1 - missed)
    assert draws.mean() == pytest.approx(distribution.mean(), abs=4 * distribution.std() / np.sqrt(4000))
    assert draws.std() == pytest.approx(distribution.std(), rel=0.06)


def test_a_number_far_above_the_bound_is_not_drawn() -> None:
    state = some_state(4)
    state.rates[:] = 1e-6  # hardly anybody is on a list: millions would be unobserved
    rng = np.random.default_rng(1)
    assert sampler._draw_unobserved(rng, observed(max_unobserved=100), state) == 101


# -- random variables ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", [0.05, 0.4, 1.0, 7.5])
def test_the_logarithm_of_a_gamma_variable_has_its_distribution(shape: float) -> None:
    """A variable of shape 0.05 is below 1e-40 in one draw of a hundred; its logarithm keeps all digits."""
    rng = np.random.default_rng(2)
    draws = np.array([sampler._draw_log_gamma(rng, shape) for _ in range(3000)])
    assert np.isfinite(draws).all()
    assert stats.kstest(draws, stats.loggamma(shape).cdf).pvalue > 1e-4


def test_a_multinomial_splits_all_people_in_proportion_to_the_weights() -> None:
    rng, weights = np.random.default_rng(3), np.array([2.0, 0.0, 5.0, 3.0])
    draws = np.empty((4000, 4), np.int64)
    for row in draws:
        sampler._draw_multinomial(rng, 50, weights, row)
    assert (draws.sum(axis=1) == 50).all()
    assert (draws[:, 1] == 0).all()
    shares = weights / 10
    assert draws.mean(axis=0) == pytest.approx(50 * shares, abs=4 * np.sqrt(50 * 0.25 / 4000))
    assert draws.var(axis=0) == pytest.approx(50 * shares * (1 - shares), rel=0.1)
    assert np.cov(draws[:, 0], draws[:, 2])[0, 1] == pytest.approx(-50 * 0.2 * 0.5, rel=0.15)


def test_nobody_is_split_into_nobody_and_one_class_takes_all() -> None:
    rng, into = np.random.default_rng(1), np.full(3, 9)
    sampler._draw_multinomial(rng, 0, np.array([0.2, 0.3, 0.5]), into)
    assert into.tolist() == [0, 0, 0]
    sampler._draw_multinomial(rng, 7, np.array([0.0, 0.4, 0.0]), into)
    assert into.tolist() == [0, 7, 0]


# -- stretch move ----------------------------------------------------------------------------------------------------


def sticks_of(shares: Floats) -> Floats:
    """Return the sticks V_k = pi_k / (1 - pi_1 - ... - pi_{k-1}) of all classes but the last."""
    behind = 1 - np.r_[0, np.cumsum(shares[:-1])]
    return (shares / behind)[:-1]


def shares_of(sticks: Floats) -> Floats:
    return np.r_[sticks, 1.0] * np.r_[1.0, np.cumprod(1 - sticks)]


def stretched(point: Floats, k: int, by: float, classes: int) -> Floats:
    """Return sticks and rates of class k: odds of the share times exp(by), odds of the rates over it."""
    shares = shares_of(point[: classes - 1])
    odds = shares[k] / (1 - shares[k]) * np.exp(by)
    moved = shares * (1 - odds / (1 + odds)) / (1 - shares[k])
    moved[k] = odds / (1 + odds)
    rate_odds = point[classes - 1 :] / (1 - point[classes - 1 :]) * np.exp(-by)
    return np.r_[sticks_of(moved), rate_odds / (1 + rate_odds)]


@pytest.mark.parametrize("classes", [2, 4])
@pytest.mark.parametrize("by", [-0.8, 0.3])
def test_the_stretch_move_has_its_numerical_jacobian(classes: int, by: float) -> None:
    """The returned ratio is the determinant, by central differences, times the ratio of the stick priors.

    The prior of a stick is Beta(1, alpha), with density proportional to (1 - V)^(alpha - 1); rates are uniform.
    """
    for k in range(classes):
        state = some_state(7, classes)
        point = np.r_[sticks_of(state.shares), state.rates[k]]
        moved, step = stretched(point, k, by, classes), 1e-6
        columns = [
            (stretched(point + step * along, k, by, classes) - stretched(point - step * along, k, by, classes))
            / (2 * step)
            for along in np.eye(len(point))
        ]
        _, log_determinant = np.linalg.slogdet(np.array(columns))
        prior = (state.concentration[0] - 1) * (np.log1p(-moved[: classes - 1]) - np.log1p(-point[: classes - 1])).sum()
        ratio = sampler._stretch_class(state, k, by, np.r_[state.rates[k], state.logs])
        assert ratio == pytest.approx(log_determinant + prior, abs=1e-5)
        assert state.rates[k] == pytest.approx(moved[classes - 1 :])
        assert state.shares == pytest.approx(shares_of(moved[: classes - 1]))
        assert state.logs == pytest.approx(np.log(state.shares))


def test_a_stretch_is_undone_by_its_opposite() -> None:
    state = some_state(9)
    before = state.rates.copy(), state.shares.copy()
    ratio = sampler._stretch_class(state, 2, 0.7, np.r_[state.rates[2], state.logs])
    back = sampler._stretch_class(state, 2, -0.7, np.r_[state.rates[2], state.logs])
    assert ratio + back == pytest.approx(0, abs=1e-9)
    assert (state.rates, state.shares) == (pytest.approx(before[0]), pytest.approx(before[1]))


# -- chain -----------------------------------------------------------------------------------------------------------


def chain(skipped: int, every: int, kept: int) -> NDArray[np.int64]:
    rng = np.random.Generator(np.random.PCG64(5))
    state, unobserved = initial_state(rng, observed(), 3, 4, 20), np.empty(kept, np.int64)
    run_chain(rng, observed(), state, skipped, every, unobserved)
    return unobserved


def test_a_chain_keeps_one_sweep_of_each_block_after_the_warm_up() -> None:
    """All sweeps of the same chain: the kept ones are the last of each block of 4 after the first 7."""
    every_sweep = chain(0, 1, 47)
    assert chain(7, 4, 10).tolist() == every_sweep[7:][3::4].tolist()
    assert len(set(every_sweep.tolist())) > 10


def test_people_of_a_chain_stay_placed_and_below_the_bound() -> None:
    rng = np.random.Generator(np.random.PCG64(6))
    limits = observed(max_unobserved=12)
    state, unobserved = initial_state(rng, limits, 3, 4, 5), np.empty(200, np.int64)
    run_chain(rng, limits, state, 0, 1, unobserved)
    assert unobserved.max() <= 12
    assert state.placed.sum() == 80 + unobserved[-1]
    on_list = [COUNTS[(HISTORIES >> j) & 1 == 1].sum() for j in range(3)]
    assert state.ones.sum(axis=0).tolist() == on_list
    assert (state.ones <= state.placed[:, None]).all()
    assert state.shares.sum() == pytest.approx(1)
