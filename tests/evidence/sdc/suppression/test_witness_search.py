"""The walk over tables that fit: every count that it reaches is that of a consistent table."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kerege.evidence.numerics.time_limit import TimeLimit
from kerege.evidence.sdc.linear.linear_system import rules_of
from kerege.evidence.sdc.suppression import witness_search as module
from kerege.evidence.sdc.suppression.witness_search import WitnessWalk
from tests.evidence import made
from tests.evidence.sdc.suppression.enumeration import consistent

SQUARE = (4, 5, 7, 8)  # the inner cells of a table of two by two codes
NO_LIMIT = TimeLimit(np.inf)


def walk_of(inner: list[int], hidden: tuple[int, ...] = SQUARE, least: int = 1) -> WitnessWalk:
    """Return a walk in a table of two by two codes."""
    table = made.table([inner[:2], inner[2:]])
    mask = np.zeros(9, dtype=bool)
    mask[list(hidden)] = True
    return WitnessWalk(table.counts, mask, rules_of(table), least=least)


@settings(max_examples=20, deadline=None)
@given(st.lists(st.integers(1, 3), min_size=4, max_size=4), st.sets(st.integers(1, 8)), st.integers(0, 1))
def test_every_count_of_a_walk_is_that_of_a_consistent_table(inner: list[int], hidden: set[int], least: int) -> None:
    walk = walk_of(inner, tuple(hidden), least)
    narrow = walk.run(np.array(sorted(hidden), dtype=np.int64), 3, NO_LIMIT)
    tables = consistent(walk.truth, walk.hidden.ravel(), least)
    assert (walk.low >= tables.min(axis=0)).all()
    assert (walk.high <= tables.max(axis=0)).all()
    assert (tables == walk.current).all(axis=1).any()
    width = walk.high - walk.low
    assert sorted(narrow.tolist()) == [cell for cell in sorted(hidden) if width[cell] < 3]


@pytest.mark.parametrize(("least", "ends"), [(1, (1, 6)), (0, (0, 7))])
def test_a_square_moves_until_a_corner_is_at_its_least(least: int, ends: tuple[int, int]) -> None:
    """[[3, 4], [5, 6]]: the first cell falls by 2 to 1 and rises by 3 until the second is at 1."""
    walk = walk_of([3, 4, 5, 6], least=least)
    width = ends[1] - ends[0]
    assert walk.run(np.array([4]), width, NO_LIMIT).tolist() == []
    assert (walk.low[4], walk.high[4]) == ends
    assert walk_of([3, 4, 5, 6], least=least).run(np.array([4]), width + 1, NO_LIMIT).tolist() == [4]


def test_a_code_and_its_total_move_together() -> None:
    """The cells of the first row and the totals of its columns are hidden: no other row moves."""
    walk = walk_of([3, 4, 5, 6], (1, 2, 4, 5))
    assert walk.run(np.array([4]), 3, NO_LIMIT).tolist() == []
    assert walk.current[[7, 8]].tolist() == [5, 6]
    assert (walk.current[[1, 2]] == walk.current[[4, 5]] + [5, 6]).all()


@pytest.mark.parametrize("hidden", [(4,), (4, 5), (4, 8), (4, 5, 7)])
def test_a_cell_without_a_hypercube_of_hidden_cells_does_not_move(hidden: tuple[int, ...]) -> None:
    walk = walk_of([3, 4, 5, 6], hidden)
    assert walk.run(np.array([4]), 1, NO_LIMIT).tolist() == [4]
    assert (walk.low == walk.truth).all()
    assert (walk.high == walk.truth).all()


def test_a_walk_without_time_moves_nothing() -> None:
    walk = walk_of([3, 4, 5, 6])
    assert sorted(walk.run(np.array([4, 8]), 2, TimeLimit(0.0)).tolist()) == [4, 8]
    assert (walk.current == walk.truth).all()


def test_no_cells_end_at_once() -> None:
    assert walk_of([3, 4, 5, 6]).run(np.zeros(0, np.int64), 2, NO_LIMIT).tolist() == []


@pytest.mark.parametrize("cell", [0, 4])
def test_a_walk_that_broke_a_sum_or_a_published_figure_is_noticed(cell: int) -> None:
    walk = walk_of([3, 4, 5, 6])
    walk.current[cell] += 1
    with pytest.raises(RuntimeError, match="a step of the walk broke a sum"):
        walk.run(np.zeros(0, np.int64), 2, NO_LIMIT)


def test_a_cube_moves_its_eight_corners() -> None:
    table = made.table(np.full((2, 2, 2), 3))
    mask = np.zeros((3, 3, 3), dtype=bool)
    mask[1:, 1:, 1:] = True
    walk = WitnessWalk(table.counts, mask.ravel(), rules_of(table), least=1)
    cells = np.flatnonzero(mask.ravel())
    assert walk.run(cells, 4, NO_LIMIT).tolist() == []
    assert walk.low[cells].tolist() == [1] * 8
    assert walk.high[cells].tolist() == [5] * 8
    assert (walk.low[~mask.ravel()] == walk.high[~mask.ravel()]).all()


def test_few_of_many_hypercubes_are_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_CUBES", 2)
    table = made.table(np.full((4, 4), 5))
    mask = np.zeros((5, 5), dtype=bool)
    mask[1:, 1:] = True
    walk = WitnessWalk(table.counts, mask.ravel(), rules_of(table), least=1)
    assert walk.run(np.array([6]), 4, NO_LIMIT).tolist() == []
    ((corners, signs),) = walk._cubes_of.values()
    assert corners.shape == signs.shape == (2, 4)
    assert (corners[:, 0] == 6).all()
