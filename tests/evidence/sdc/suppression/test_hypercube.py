"""Hypercubes and walks: every movement that they claim is a table that fits everything published."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kerege.evidence.numerics.time_limit import TimeLimit
from kerege.evidence.sdc.linear.linear_system import rules_of
from kerege.evidence.sdc.suppression.hypercube import HypercubeRepair
from kerege.evidence.sdc.suppression.problem import SuppressionProblem, problem_of
from kerege.evidence.sdc.suppression.witness_search import WitnessWalk
from tests.evidence import made

THRESHOLD = 5
CELLS = st.lists(st.lists(st.integers(0, 12), min_size=3, max_size=3), min_size=3, max_size=3)
CUBE = st.lists(
    st.lists(st.lists(st.integers(1, 9), min_size=2, max_size=2), min_size=2, max_size=2), min_size=2, max_size=2
)


def is_consistent(problem: SuppressionProblem, hidden: np.ndarray, counts: np.ndarray) -> bool:
    """Return whether a table has the same sums and published cells, and no hidden count below 1."""
    sums = problem.sums.matrix @ counts
    keeps = (sums >= problem.sums.low).all() and (sums <= problem.sums.high).all()
    return bool(keeps and (counts[~hidden] == problem.truth[~hidden]).all() and (counts[hidden] >= 1).all())


@settings(max_examples=25, deadline=None)
@given(st.one_of(CELLS, CUBE))
def test_both_ends_of_every_hypercube_are_consistent_tables(inner: list[object]) -> None:
    table = made.table(inner)
    problem = problem_of(table, THRESHOLD)
    small = np.flatnonzero(problem.always)
    repair = HypercubeRepair(problem, problem.always)
    repair.protect(small, TimeLimit(np.inf))
    assert repair.hidden[small].all()
    assert not repair.hidden[problem.truth == 0].any()
    for ends in (repair.lowest, repair.highest):
        for cell, cube in ends.items():
            down, up = repair.movements(cell)
            assert down + up == repair.width(cell)
            for step in (cube.up, -cube.down):
                counts = problem.truth.copy()
                counts[cube.cells] += step * cube.signs
                assert is_consistent(problem, repair.hidden, counts)


def test_a_cell_is_widened_to_the_distance_at_the_least_cost() -> None:
    """The small cell of 2 needs a square: that with 6, 7 and 9 has a smaller loss than any with a 30."""
    table = made.table([[2, 6, 30], [7, 9, 30], [30, 30, 30]])
    problem = problem_of(table, THRESHOLD)
    repair = HypercubeRepair(problem, problem.always)
    cell = int(np.ravel_multi_index((1, 1), table.counts.shape))
    assert repair.widen(cell)
    assert repair.width(cell) >= problem.distance
    chosen = {table.keys(int(flat)) for flat in np.flatnonzero(repair.hidden)}
    assert chosen == {("a0", "b0"), ("a0", "b1"), ("a1", "b0"), ("a1", "b1")}


def test_a_cell_whose_partners_are_all_zero_is_not_widened() -> None:
    problem = problem_of(made.table([[2, 0], [0, 9]]), THRESHOLD)
    repair = HypercubeRepair(problem, problem.always)
    cell = int(np.flatnonzero(problem.always)[-1])
    assert not repair.widen(cell) or repair.hidden[:3].any()


@settings(max_examples=20, deadline=None)
@given(CELLS, st.integers(1, 6), st.integers(0, 1))
def test_a_walk_reaches_only_consistent_tables_and_says_which_cells_stay_narrow(
    inner: list[list[int]], width: int, least: int
) -> None:
    table = made.table(inner)
    hidden = np.zeros(table.counts.shape, dtype=bool)
    hidden[1:, 1:] = table.counts[1:, 1:] >= max(least, 1)
    walk = WitnessWalk(table.counts, hidden.ravel(), rules_of(table), least=least)
    cells = np.flatnonzero(hidden)
    narrow = walk.run(cells, width, TimeLimit(np.inf))
    assert (walk.low[~hidden.ravel()] == table.counts[~hidden]).all()
    assert (walk.low[hidden.ravel()] >= least).all()
    wide = walk.high - walk.low >= width
    assert set(narrow.tolist()) == {int(cell) for cell in cells if not wide[cell]}
    rules = rules_of(table)
    assert (rules.matrix @ walk.current == 0).all()


def test_a_walk_without_a_hidden_square_moves_nothing() -> None:
    table = made.table([[2, 6], [7, 9]])
    hidden = np.zeros(table.counts.shape, dtype=bool)
    hidden[1, 1] = hidden[2, 2] = True
    walk = WitnessWalk(table.counts, hidden.ravel(), rules_of(table))
    cells = np.flatnonzero(hidden)
    assert sorted(walk.run(cells, 1, TimeLimit(np.inf)).tolist()) == cells.tolist()
    assert np.array_equal(walk.low, walk.high)


def test_a_broken_sum_is_an_error() -> None:
    table = made.table([[2, 6], [7, 9]])
    wrong = made.table([[2, 6], [7, 8]])
    counts = table.counts.copy()
    counts[0, 0] = wrong.counts[0, 0]
    walk = WitnessWalk(counts, np.zeros(counts.size, dtype=bool), rules_of(table))
    with pytest.raises(RuntimeError, match="a step of the walk broke a sum"):
        walk.run(np.zeros(0, dtype=np.int64), 1, TimeLimit(np.inf))
