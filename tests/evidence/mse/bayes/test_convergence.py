"""Convergence diagnostics: the values of ArviZ 0.23, and chains that disagree."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

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
