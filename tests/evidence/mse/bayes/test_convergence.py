"""Convergence diagnostics: the values of ArviZ 0.23, and chains that disagree."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from kerege.evidence.mse.bayes.convergence import convergence

Floats = NDArray[np.float64]


def chains(kind: str) -> Floats:
    """Return four chains of a thousand draws."""
    steps = np.random.default_rng(5).normal(size=(4, 1000))
    draws, memory = np.empty_like(steps), -0.6 if kind == "anti" else 0.7
    draws[:, 0] = steps[:, 0]
    for s in range(1, 1000):
        draws[:, s] = memory * draws[:, s - 1] + steps[:, s]
    if kind == "shift":
        draws[0] += 2
    if kind == "scale":
        draws[1] *= 4
    return np.round(draws) if kind == "counts" else draws


@pytest.mark.parametrize(
    ("kind", "r_hat", "bulk", "tail"),
    [  # arviz.rhat, arviz.ess(method="bulk"), arviz.ess(method="tail") of the same draws
        ("plain", 1.002819721148919, 595.6740019602743, 1253.6533096650255),
        ("shift", 1.168866913864825, 18.54427717592453, 62.28643356140408),
        ("scale", 1.1911095068112338, 665.7231005380739, 34.12476285232789),
        ("counts", 1.0029045128254548, 604.2946884947669, 820.7804691220402),
        ("anti", 1.0006335041741006, 14408.23996531185, 3144.412102429847),
    ],
)
def test_the_diagnostics_equal_those_of_arviz(kind: str, r_hat: float, bulk: float, tail: float) -> None:
    diagnostics = convergence(chains(kind))
    assert diagnostics.r_hat == pytest.approx(r_hat, rel=1e-9)
    # ArviZ ignores the last two lags; this matters only for chains with a very long memory
    assert diagnostics.ess_bulk == pytest.approx(bulk, rel=1e-9 if bulk > 100 else 0.01)
    assert diagnostics.ess_tail == pytest.approx(tail, rel=1e-9 if tail > 100 else 0.01)


def test_constant_chains_agree_only_at_the_same_value() -> None:
    assert convergence(np.full((4, 20), 7.0)).r_hat == 1.0
    assert convergence(np.repeat(np.arange(4.0)[:, None], 20, axis=1)).r_hat == np.inf


def test_short_chains_are_refused() -> None:
    with pytest.raises(ValueError, match="8 draws"):
        convergence(np.zeros((4, 7)))


# -- definitions -----------------------------------------------------------------------------------------------------


def split_r_hat(draws: Floats) -> float:
    """Return R-hat of split chains by its definition (Gelman and others 2013, equation 11.4)."""
    half = draws.shape[1] // 2
    halves = np.concatenate([draws[:, :half], draws[:, -half:]])
    within = halves.var(axis=1, ddof=1).mean()
    between = half * halves.mean(axis=1).var(ddof=1)
    return float(np.sqrt((half - 1) / half + between / within / half))


def normal_scores(draws: Floats) -> Floats:
    """Return the rank normalisation of Vehtari and others 2021, equation 14."""
    ranks = stats.rankdata(draws.ravel()).reshape(draws.shape)
    return np.asarray(stats.norm.ppf((ranks - 3 / 8) / (draws.size + 1 / 4)))


@pytest.mark.parametrize("kind", ["plain", "shift", "scale", "counts", "anti"])
def test_r_hat_is_the_larger_one_of_ranks_and_of_folded_ranks(kind: str) -> None:
    draws = chains(kind)
    folded = np.abs(draws - np.median(draws))
    expected = max(split_r_hat(normal_scores(draws)), split_r_hat(normal_scores(folded)))
    assert convergence(draws).r_hat == pytest.approx(expected, rel=1e-10)


@pytest.mark.parametrize("factor", [1e-3, 1.0, 1e6])
def test_ranks_make_the_diagnostics_independent_of_the_scale(factor: float) -> None:
    draws = chains("plain")
    first, second = convergence(draws), convergence(np.exp(draws / 4) * factor)
    assert second.ess_bulk == pytest.approx(first.ess_bulk)
    assert second.ess_tail == pytest.approx(first.ess_tail)


def test_chains_of_one_level_but_another_spread_are_found_by_the_folded_ranks() -> None:
    """The ranks alone see no difference of the levels."""
    draws = np.random.default_rng(3).normal(size=(4, 500))
    draws[0] *= 6
    assert split_r_hat(normal_scores(draws)) < 1.02
    assert convergence(draws).r_hat > 1.1


@pytest.mark.parametrize("memory", [0.0, 0.5, 0.9])
def test_the_effective_size_of_an_autoregression_is_that_of_theory(memory: float) -> None:
    """A chain with x_s = memory x_{s-1} + noise is worth (1 - memory) / (1 + memory) of its draws."""
    rng = np.random.default_rng(8)
    draws = rng.normal(size=(4, 5000)) / np.sqrt(1 - memory**2)
    steps = rng.normal(size=(4, 5000))
    for s in range(1, 5000):
        draws[:, s] = memory * draws[:, s - 1] + steps[:, s]
    expected = 20_000 * (1 - memory) / (1 + memory)
    assert convergence(draws).ess_bulk == pytest.approx(expected, rel=0.15)


def test_the_middle_draw_of_an_odd_chain_is_left_out() -> None:
    draws = chains("plain")[:, :301]
    changed = draws.copy()
    changed[:, 150] = 1e9
    assert convergence(changed) == convergence(draws)


def test_draws_of_the_wrong_shape_are_refused() -> None:
    for draws in (np.zeros(20), np.zeros((2, 2, 20)), np.zeros((4, 7))):
        with pytest.raises(ValueError, match="give chains of at least 8 draws each"):
            convergence(draws)
    assert convergence(np.arange(16.0).reshape(2, 8)).r_hat > 1
