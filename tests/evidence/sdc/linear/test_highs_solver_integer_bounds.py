"""Bounds of integer programming that ended early."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
import scipy.sparse as sp

from kerege.evidence.sdc.linear import highs_solver
from kerege.evidence.sdc.linear.highs_solver import Extremes
from kerege.evidence.sdc.linear.linear_system import CellBlock, Floats


def test_a_bound_that_is_not_there_at_the_end_is_that_over_the_reals(monkeypatch: pytest.MonkeyPatch) -> None:
    block = CellBlock(
        cells=np.arange(2),
        matrix=sp.csr_matrix(np.ones((1, 2))),
        low=np.array([7.0]),
        high=np.array([7.0]),
        lower=np.zeros(2),
        upper=np.full(2, 5.0),
        truth=np.array([3, 4]),
    )
    extremes = Extremes(block)
    late = (-np.inf, np.array([3.0, 4.0]))

    def minimise(cost: Floats, gap: float, seconds: float, nodes: int) -> tuple[float, Floats]:
        return late

    monkeypatch.setattr(extremes, "_minimise_integer", minimise)
    assert extremes.integer_bound(np.array([1.0, 0.0]))[0] == pytest.approx(2.0)


@pytest.mark.parametrize("nodes", [1, 100_000])
def test_a_program_that_reaches_its_last_node_gives_a_valid_bound(monkeypatch: pytest.MonkeyPatch, nodes: int) -> None:
    rng = np.random.default_rng(3)
    weights = rng.integers(5, 60, (2, 12)).astype(float)
    truth = rng.integers(0, 3, 12)
    sums = weights @ truth
    block = CellBlock(
        cells=np.arange(12),
        matrix=sp.csr_matrix(weights),
        low=sums,
        high=sums,
        lower=np.zeros(12),
        upper=np.full(12, 2.0),
        truth=truth,
    )
    monkeypatch.setattr(highs_solver, "LEAST_NODES", nodes)
    monkeypatch.setattr(highs_solver, "ENTRIES", 0)
    cost = rng.uniform(1, 2, 12)
    every = np.array(list(product(range(3), repeat=12)))
    least = (every[((every @ weights.T) == sums).all(axis=1)] @ cost).min()
    bound, _ = Extremes(block).integer_bound(cost)
    assert bound <= least + 1e-6
    assert nodes == 1 or bound >= least - 0.5  # the program stops within half a person
