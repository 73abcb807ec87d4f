"""Blocks of suppressed cells with one cell that can be small, compared with all consistent tables."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kerege.evidence.counting.frequency_table import Table
from kerege.evidence.sdc.suppression.problem import problem_of
from kerege.evidence.sdc.suppression.small_blocks import blocks_to_extend, extend_blocks, single_small_blocks
from tests.evidence import made

THRESHOLD = 3


def square(table: Table, rows: tuple[int, ...] = (1, 2), columns: tuple[int, ...] = (1, 2)) -> np.ndarray:
    """Return a mask of the crossing of some rows and columns."""
    mask = np.zeros(table.counts.shape, dtype=bool)
    mask[np.ix_(rows, columns)] = True
    return mask.ravel()


def small_cells(counts: list[int]) -> int:
    """Return how many cells of a hidden square can be small, by enumeration; each is at least 1."""
    a, b, c, d = counts
    shifts = range(-20, 21)
    tables = [(a + s, b - s, c - s, d + s) for s in shifts if min(a + s, b - s, c - s, d + s) >= 1]
    return sum(any(cells[place] < THRESHOLD for cells in tables) for place in range(4))


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(1, 9), min_size=4, max_size=4))
def test_a_square_is_a_single_block_exactly_if_one_cell_can_be_small(counts: list[int]) -> None:
    table = made.table([counts[:2], counts[2:]])
    problem = problem_of(table, THRESHOLD)
    hidden = square(table)
    found_blocks = list(single_small_blocks(problem.known(hidden), hidden, THRESHOLD))
    assert len(found_blocks) == (small_cells(counts) == 1)
    if found_blocks:
        assert sorted(found_blocks[0].tolist()) == np.flatnonzero(hidden).tolist()


def test_a_block_is_extended_by_the_cheapest_cell_that_makes_a_second_small_one() -> None:
    table = made.table([[1, 9, 9], [9, 1, 9], [2, 9, 30]])
    problem = problem_of(table, THRESHOLD)
    hidden = square(table)
    for cells, more in blocks_to_extend(problem, hidden):
        assert not hidden[more].any()
        assert hidden[cells].all()
    extended = extend_blocks(problem, hidden)
    assert (extended | hidden == extended).all()


def test_blocks_with_two_small_cells_are_not_extended() -> None:
    table = made.table([[1, 2], [2, 1]])
    problem = problem_of(table, THRESHOLD)
    assert blocks_to_extend(problem, square(table)) == []
    assert np.array_equal(extend_blocks(problem, square(table)), square(table))


@pytest.mark.parametrize("hidden", [0, 1])
def test_a_table_without_hidden_cells_has_no_blocks(hidden: int) -> None:
    table = made.table([[5, 6], [7, 8]])
    problem = problem_of(table, THRESHOLD)
    mask = np.zeros(table.counts.size, dtype=bool)
    mask[0] = bool(hidden)
    assert list(single_small_blocks(problem.known(np.zeros_like(mask)), mask, THRESHOLD)) == []
    assert len(list(product(*table.axes))) == 9
