"""The linear system of a table: rules that hold for its registers alone, bounds, and blocks."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations_with_replacement, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kerege.evidence.counting.frequency_table import OK, PERTURBED, SUPPRESSED, WITHHELD, Table
from kerege.evidence.sdc.linear.linear_system import (
    CellBlock,
    Knowledge,
    Rules,
    blocks,
    equations,
    knowledge,
    least_suppressed,
    rules_of,
    stack,
    table_truth,
)
from tests.evidence import made

TWO_WAY = st.lists(st.lists(st.integers(0, 3), min_size=2, max_size=3), min_size=2, max_size=3).filter(
    lambda rows: len({len(row) for row in rows}) == 1
)


def keeps(rules: Rules, cells: np.ndarray) -> bool:
    """Return whether cells keep all rules."""
    sums = rules.matrix @ cells
    return bool(((sums >= rules.low) & (sums <= rules.high)).all())


def multi_valued_table(axis: tuple[str, ...]) -> Table:
    """Return an empty table by one multi-valued column."""
    size = (len(axis),)
    return Table(
        name="t",
        of="victims",
        by=("means",),
        where={},
        axes=(axis,),
        counts=np.zeros(size, np.int64),
        status=np.zeros(size, np.uint8),
        multi=frozenset({"means"}),
    )


def registers_of_sets(values: str, people: int, *, has_silent: bool) -> Iterator[tuple[frozenset[str], ...]]:
    """Yield all registers of people with sets of values; the empty set reports nothing."""
    sets = [frozenset(chosen) for chosen in (*values, values)] + [frozenset()] * has_silent
    yield from combinations_with_replacement(sets, people)


@settings(max_examples=10, deadline=None)
@given(TWO_WAY, st.data())
def test_a_table_keeps_its_rules_until_one_cell_changes(rows: list[list[int]], data: st.DataObject) -> None:
    table = made.table(rows)
    rules, counts = rules_of(table), table.counts.ravel().copy()
    assert keeps(rules, counts)
    counts[data.draw(st.integers(0, len(counts) - 1))] += data.draw(st.sampled_from([-1, 1]))
    assert not keeps(rules, counts)


def test_the_rules_of_two_columns_hold_for_sums() -> None:
    """Every table of 2 by 2 values with the sums of its values as margins keeps the rules."""
    rules = rules_of(made.table([[0, 0], [0, 0]]))
    for a, b, c, d in product(range(3), repeat=4):
        cells = np.array([a + b + c + d, a + c, b + d, a + b, a, b, c + d, c, d])
        assert keeps(rules, cells)
    assert rules.matrix.shape == (6, 9)


@pytest.mark.parametrize("has_silent", [False, True])
def test_the_rules_of_a_multi_valued_column_hold_for_the_counts_of_registers_alone(has_silent: bool) -> None:
    """Counts of people by value keep the rules exactly if some register of up to 3 people has them."""
    axis = ("_T", "a", "b", *["_U"] * has_silent)
    rules = rules_of(multi_valued_table(axis))
    reachable = {
        (people, *[sum(value in chosen for chosen in register) for value in "ab"])
        + ((sum(not chosen for chosen in register),) if has_silent else ())
        for people in range(4)
        for register in registers_of_sets("ab", people, has_silent=has_silent)
    }
    fitting = {cells for cells in product(range(4), repeat=len(axis)) if keeps(rules, np.array(cells))}
    assert fitting == reachable


def test_rows_are_stacked_in_order_and_a_cell_that_cancels_is_left_out() -> None:
    first = equations(np.array([[0, 1], [1, 2]]), np.array([1.0, -1.0]), np.zeros(2), np.ones(2))
    second = (np.array([0, 0]), np.array([2, 2]), np.array([1.0, -1.0]), np.array([5.0]), np.array([6.0]))
    rules = stack([first, second], 3)
    assert rules.matrix.toarray().tolist() == [[1, -1, 0], [0, 1, -1], [0, 0, 0]]
    assert (rules.low.tolist(), rules.high.tolist()) == ([0, 0, 5], [1, 1, 6])
    assert rules.matrix.nnz == 4


def test_no_rows_are_a_system_of_all_cells_without_rules() -> None:
    rules = stack([], 4)
    assert rules.matrix.shape == (0, 4)
    assert len(rules.low) == len(rules.high) == 0


def published(statuses: list[int], counts: list[int], **params: object) -> Table:
    """Return a table by one column with these cells."""
    return Table(
        name="t",
        of="victims",
        by=("a",),
        where={},
        axes=(("_T", *[f"a{i}" for i in range(1, len(counts))]),),
        counts=np.array(counts),
        status=np.array(statuses, np.uint8),
        params=params,
    )


@pytest.mark.parametrize(("tight", "top"), [(False, 12), (True, 11)])
def test_the_bounds_of_a_cell_follow_from_its_status(tight: bool, top: int) -> None:
    table = published([OK, SUPPRESSED, PERTURBED, PERTURBED, WITHHELD], [30, 7, 10, 1, 9])
    view = knowledge(table, rules_of(table), half=2, tight=tight)
    assert view.lower.tolist() == [30, 1, 8, 0, 0]
    assert view.upper[[0, 2, 3]].tolist() == [30, top, top - 9]
    assert (view.upper[[1, 4]] > 60).all()
    assert view.open.tolist() == [False, True, True, True, True]


@pytest.mark.parametrize(("stated", "least"), [(0, 0), (1, 1), (5, 1), (None, 1)])
def test_a_suppressed_figure_is_at_least_one_unless_the_table_states_zero(stated: int | None, least: int) -> None:
    params = {} if stated is None else {"least_suppressed": stated}
    table = published([SUPPRESSED], [4], **params)
    assert least_suppressed(table) == least
    assert knowledge(table, rules_of(table)).lower.tolist() == [least]


def test_the_truth_of_a_rounded_table_is_what_was_counted() -> None:
    table = published([PERTURBED, PERTURBED], [10, 5])
    assert table_truth(table).tolist() == [10, 5]
    table.truth = np.array([11, 4])
    assert table_truth(table).tolist() == [11, 4]


@settings(max_examples=10, deadline=None)
@given(TWO_WAY, st.data())
def test_blocks_hold_the_open_cells_and_together_the_rules_of_the_table(
    rows: list[list[int]], data: st.DataObject
) -> None:
    """Open cells keep the rules of the table exactly if they keep those of every block."""
    table = made.table(rows)
    size = table.counts.size
    hidden = data.draw(st.lists(st.integers(0, size - 1), unique=True, max_size=size))
    table.status.flat[hidden] = SUPPRESSED
    view = knowledge(table, rules_of(table))
    parts = blocks(view)
    assert sorted(cell for part in parts for cell in part.cells.tolist()) == sorted(hidden)
    counts = table.counts.ravel().copy()
    for cell in hidden:
        counts[cell] += data.draw(st.integers(-1, 1))
    kept = all(
        ((part.matrix @ counts[part.cells] >= part.low) & (part.matrix @ counts[part.cells] <= part.high)).all()
        for part in parts
    )
    assert kept == keeps(view.rules, counts)
    assert all(np.array_equal(part.truth, table.counts.ravel()[part.cells]) for part in parts)


def test_cells_that_share_no_rule_are_in_blocks_of_their_own() -> None:
    """Two hidden pairs in a table of 4 by 4: (0, 0), (0, 1), (1, 0), (1, 1), and the same below."""
    table = made.table(np.ones((4, 4), dtype=int).tolist())
    for a, b in product((1, 2), (1, 2)):
        table.status[a, b] = table.status[a + 2, b + 2] = SUPPRESSED
    parts = blocks(knowledge(table, rules_of(table)))
    assert [len(part.cells) for part in parts] == [4, 4]
    assert [part.matrix.shape for part in parts] == [(4, 4), (4, 4)]


def test_a_cell_without_a_rule_is_a_block_and_a_published_table_has_none() -> None:
    rules = Rules(stack([], 2).matrix, np.zeros(0), np.zeros(0))
    few = np.array([False, True])
    (part,) = blocks(Knowledge(rules, np.array([3.0, 1.0]), np.array([3.0, 9.0]), np.array([3, 4]), few))
    assert isinstance(part, CellBlock)
    assert (part.cells.tolist(), part.lower.tolist(), part.upper.tolist()) == ([1], [1], [9])
    assert part.few is not None
    assert part.few.tolist() == [True]
    assert blocks(Knowledge(rules, np.ones(2), np.ones(2), np.ones(2, dtype=np.int64))) == []
