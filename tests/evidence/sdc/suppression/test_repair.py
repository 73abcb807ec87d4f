"""Repairs of unsafe cells: further suppressions, at a small loss, that let them move far enough."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kerege.evidence.numerics.time_limit import TimeLimit
from kerege.evidence.sdc.suppression.audit import Audit
from kerege.evidence.sdc.suppression.completion import true_intervals
from kerege.evidence.sdc.suppression.problem import SuppressionProblem, problem_of
from kerege.evidence.sdc.suppression.repair import Repair
from tests.evidence import made
from tests.evidence.sdc.suppression.enumeration import consistent

THRESHOLD = 3


def square(inner: list[int]) -> SuppressionProblem:
    """Return the problem of a table of two by two codes."""
    return problem_of(made.table([inner[:2], inner[2:]]), THRESHOLD)


def with_unsafe(problem: SuppressionProblem, *cells: int) -> Audit:
    """Return a state without witnesses in which some cells are unsafe."""
    state = true_intervals(problem)
    state.unsafe = np.array(cells, dtype=np.int64)
    return state


@settings(max_examples=15, deadline=None)
@given(st.lists(st.integers(1, 6), min_size=4, max_size=4).filter(lambda inner: sum(inner) <= 12))
def test_repaired_cells_move_in_consistent_tables(inner: list[int]) -> None:
    problem = square(inner)
    small = np.flatnonzero(problem.always)
    repair, state = Repair(problem, problem.always), with_unsafe(problem, *small.tolist())
    repair.protect(state)
    assert repair.hidden[problem.always].all()
    tables = consistent(problem.truth, repair.hidden)
    assert (state.lower >= tables.min(axis=0)).all()
    assert (state.upper <= tables.max(axis=0)).all() or repair.hidden[0]  # a hidden total has no upper bound


def test_a_total_cannot_fall_when_its_addends_are_at_their_least() -> None:
    """[[1, 1], [1, 1]]: each total of 2 has two addends of 1, so it rises by 2 and falls by nothing."""
    problem = square([1, 1, 1, 1])
    state = with_unsafe(problem, 1)
    repair = Repair(problem, problem.always)
    repair.protect(state)
    assert (state.lower[1], state.upper[1]) == (2, 4)
    assert (state.lower >= problem.truth).all()  # no cell of this table can fall


def test_a_small_cell_gets_the_cheapest_square() -> None:
    """1 of the first row and column: of four squares, the one with 4, 5 and 6 loses least."""
    table = made.table([[1, 5, 30], [6, 4, 40], [50, 60, 70]])
    problem = problem_of(table, THRESHOLD)
    repair = Repair(problem, problem.always)
    assert repair.protect(with_unsafe(problem, 5))
    rows, columns = np.unravel_index(np.flatnonzero(repair.hidden), (4, 4))
    assert set(zip(rows.tolist(), columns.tolist(), strict=True)) == {(1, 1), (1, 2), (2, 1), (2, 2)}


def test_hidden_cells_cost_nothing_more() -> None:
    """A square that is hidden already is used before a cheaper one that is not."""
    table = made.table([[1, 5, 30], [6, 4, 40], [50, 60, 70]])
    problem = problem_of(table, THRESHOLD)
    hidden = np.zeros((4, 4), dtype=bool)
    hidden[np.ix_((1, 3), (1, 3))] = True
    repair = Repair(problem, hidden.ravel())
    assert not repair.protect(with_unsafe(problem, 5))
    assert (repair.hidden == hidden.ravel()).all()


def test_cells_that_are_wide_already_are_left() -> None:
    problem = square([1, 9, 9, 9])
    state = with_unsafe(problem, 4)
    state.lower[4], state.upper[4] = 1, 3
    repair = Repair(problem, problem.always)
    assert not repair.protect(state)
    assert (repair.hidden == problem.always).all()


def test_a_repair_without_time_hides_nothing() -> None:
    problem = square([1, 9, 9, 9])
    assert not Repair(problem, problem.always).protect(with_unsafe(problem, 4), TimeLimit(0.0))


def test_the_hidden_cells_of_the_caller_stay_as_they_are() -> None:
    problem = square([1, 9, 9, 9])
    given_cells = problem.always.copy()
    repair = Repair(problem, given_cells)
    repair.protect(with_unsafe(problem, 4))
    repair.hide(np.array([1]))
    assert repair.hidden[1]
    assert (given_cells == problem.always).all()


def test_every_sum_with_a_hidden_addend_has_two_that_leave_room() -> None:
    """1 and 2 leave a room of 1 above the least counts, so a third cell of their row is hidden."""
    problem = problem_of(made.table([[1, 2, 7], [9, 8, 20]]), THRESHOLD)
    repair = Repair(problem, problem.always)
    repair.hide_two_in_each_sum()
    shape = problem.table.counts.shape
    hidden = repair.hidden.reshape(shape)
    counts = problem.table.counts
    for line in (*range(shape[0]), *range(shape[0], sum(shape))):
        cells = hidden[line] if line < shape[0] else hidden[:, line - shape[0]]
        values = counts[line] if line < shape[0] else counts[:, line - shape[0]]
        if cells[1:].any() and not cells[0]:
            assert cells[1:].sum() >= 2
            assert (values[1:][cells[1:]] - 1).sum() >= THRESHOLD - 1
    assert hidden[1, 3]  # the smallest further addend of the first row


@pytest.mark.parametrize(
    ("counts", "hidden"),
    [
        ((1, 0, 5, 40), {1, 3}),  # 5 leaves a room of 4; a zero and 40 stay
        ((1, 2, 5, 40), {1, 2, 3}),  # 1 and 2 leave a room of 1 only
        ((2, 2, 40, 50), {1, 2}),  # two rooms of 1 are enough
        ((2, 40, 50, 60), {1, 2}),
    ],
)
def test_as_few_and_as_small_addends_as_possible_are_hidden(counts: tuple[int, ...], hidden: set[int]) -> None:
    problem = problem_of(made.table(counts), THRESHOLD)
    repair = Repair(problem, problem.always)
    repair.hide_two_in_each_sum()
    assert set(np.flatnonzero(repair.hidden).tolist()) == hidden


def test_a_cell_falls_as_far_as_it_can_and_rises_by_the_rest() -> None:
    """2 falls by 1 to its least count; of the distance of 2, it must rise by 1."""
    problem = square([2, 9, 9, 9])
    state = with_unsafe(problem, 4)
    Repair(problem, problem.always).protect(state)
    assert (state.lower[4], state.upper[4]) == (1, 3)


def test_sums_without_a_hidden_addend_stay_published() -> None:
    problem = square([5, 9, 9, 9])
    repair = Repair(problem, problem.always)
    repair.hide_two_in_each_sum()
    assert not repair.hidden.any()


@pytest.mark.parametrize(("most", "expected"), [(1, {4, 5, 7}), (2, {4, 5, 7, 3, 1})])
def test_the_cheapest_neighbours_of_each_sum_are_hidden(most: int, expected: set[int]) -> None:
    """The first cell shares its row with 5 and the row total, its column with 6 and the column total."""
    problem = square([1, 5, 6, 90])
    repair = Repair(problem, problem.always)
    assert repair.hide_neighbours(np.array([4]), most)
    assert set(np.flatnonzero(repair.hidden).tolist()) == expected
    assert not repair.hidden[0]


def test_there_are_no_neighbours_when_all_are_hidden() -> None:
    problem = square([1, 5, 6, 90])
    repair = Repair(problem, np.ones(9, dtype=bool))
    assert not repair.hide_neighbours(np.array([4]), 4)


def test_zeros_are_no_neighbours() -> None:
    problem = square([1, 0, 0, 90])
    repair = Repair(problem, problem.always)
    repair.hide_neighbours(np.array([4]), 9)
    assert not repair.hidden[[5, 7]].any()


def test_giving_up_hides_all_people_but_the_total_then_the_total_then_nothing() -> None:
    problem = square([1, 0, 9, 9])
    repair = Repair(problem, problem.always)
    assert repair.give_up()
    assert np.flatnonzero(~repair.hidden).tolist() == [0, 5]
    assert repair.give_up()
    assert np.flatnonzero(~repair.hidden).tolist() == [5]
    assert not repair.give_up()
