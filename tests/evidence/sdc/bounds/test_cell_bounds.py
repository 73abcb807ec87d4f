"""Unsafe cells of a protected table, compared with an intruder that shares no code with the audit."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kerege.evidence.counting.frequency_table import PERTURBED, SUPPRESSED, Table
from kerege.evidence.sdc.bounds.cell_bounds import intervals, narrow_cells, unsafe_cells
from kerege.evidence.sdc.bounds.feasible_bounds import Survey
from kerege.evidence.sdc.constraints.multi_table import JointSystem, join
from tests.evidence import made, oracle
from tests.evidence.made_sheets import Source

THRESHOLD = 4


def joint_of(table: Table) -> JointSystem:
    """Return the system of one table by two columns, with the people whom it counts."""
    inner = {(a, b): table.counts[i, j] for i, a in enumerate(table.axes[0]) for j, b in enumerate(table.axes[1])}
    people = [key for key, count in inner.items() if "_T" not in key for _ in range(int(count))]
    frame = pl.DataFrame(people, schema=dict.fromkeys(table.by, pl.String), orient="row")
    return join(Source(frame), [table])


def hidden(inner: list[list[int]], *cells: tuple[int, int]) -> Table:
    """Return a table with suppressed cells, by their place among the inner counts."""
    table = made.table(inner)
    for a, b in cells:
        table.status[a + 1, b + 1] = SUPPRESSED
    return table


@settings(max_examples=12, deadline=None)
@given(
    st.lists(st.lists(st.integers(1, 6), min_size=3, max_size=3), min_size=3, max_size=3),
    st.sets(st.tuples(st.integers(0, 2), st.integers(0, 2)), min_size=2, max_size=6),
)
def test_intervals_and_unsafe_cells_are_those_of_an_independent_intruder(
    inner: list[list[int]], cells: set[tuple[int, int]]
) -> None:
    table = hidden(inner, *cells)
    joint = joint_of(table)
    flats = np.flatnonzero(table.status.ravel() == SUPPRESSED)
    expected = {int(flat): oracle.interval(table.cells, table.keys(int(flat))) for flat in flats}
    assert intervals(joint, flats) == expected
    unsafe = [flat for flat, ends in expected.items() if not oracle.is_safe(*ends, THRESHOLD)]
    assert unsafe_cells(joint, THRESHOLD).tolist() == unsafe


def test_an_exact_cell_has_its_figure_as_interval() -> None:
    table = hidden([[5, 6], [7, 8]], (0, 0), (0, 1), (1, 0), (1, 1))
    assert intervals(joint_of(table), np.array([0])) == {0: (26, 26)}


def test_a_cell_of_too_few_people_must_be_wide_also_if_it_is_large() -> None:
    """The row of 3 and 40 leaves 41 to 43 people: never small, but known to a few people."""
    table = hidden([[3, 40], [3, 40]], (0, 0), (0, 1), (1, 0), (1, 1))
    joint = joint_of(table)
    large = int(np.ravel_multi_index((1, 2), table.counts.shape))
    assert large not in unsafe_cells(joint, 3)
    low, high = intervals(joint, np.array([large]))[large]
    wide = unsafe_cells(joint, 3, wide=np.array([large]))
    assert (large in wide) == (high - low < 2)


def test_a_published_cell_that_must_be_wide_is_unsafe() -> None:
    table = hidden([[5, 6], [7, 8]], (0, 0), (0, 1), (1, 0), (1, 1))
    assert 0 in unsafe_cells(joint_of(table), 3, wide=np.array([0]))


@pytest.mark.parametrize(("base", "ends"), [(4, (2, 5)), (3, (2, 6))])
def test_a_rounded_cell_has_the_interval_of_an_intruder_who_knows_how_ties_are_rounded(
    base: int, ends: tuple[int, int]
) -> None:
    """With an even base the upper tie is rounded up, so that 4 can be 2 to 5."""
    table = made.table([[4, 0], [0, 0]])
    table.status[:] = PERTURBED
    table.counts[:] = [[4, 4, 0], [4, 4, 0], [0, 0, 0]]
    table.params = {"rounded_to": base, "half_width": 2}
    table.truth = table.counts.copy()
    flat = int(np.ravel_multi_index((1, 1), table.counts.shape))
    assert intervals(joint_of(table), np.array([flat]))[flat] == ends


def test_narrow_cells_have_the_interval_that_an_intruder_proves() -> None:
    table = hidden([[2, 9], [9, 9]], (0, 0), (0, 1), (1, 0), (1, 1))
    joint = joint_of(table)
    for narrow in narrow_cells(Survey(joint, THRESHOLD)):
        assert (narrow.lower, narrow.upper) == oracle.interval(table.cells, table.keys(narrow.cell))
    alone = hidden([[2, 9], [9, 9]], (0, 0))
    assert [(c.cell, c.lower, c.upper) for c in narrow_cells(Survey(joint_of(alone), THRESHOLD))] == [(4, 2, 2)]
