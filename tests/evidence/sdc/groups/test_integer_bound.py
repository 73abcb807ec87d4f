"""Bounds of integer programming that ran out of time."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.sparse as sp

from kerege.evidence.sdc.constraints.highs_solver import Extremes
from kerege.evidence.sdc.constraints.linear_system import CellBlock, Floats


def test_a_bound_that_is_not_there_in_time_is_that_over_the_reals(monkeypatch: pytest.MonkeyPatch) -> None:
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

    def minimise(cost: Floats, gap: float, seconds: float) -> tuple[float, Floats]:
        return late

    monkeypatch.setattr(extremes, "_minimise_integer", minimise)
    assert extremes.integer_bound(np.array([1.0, 0.0]))[0] == pytest.approx(2.0)
