"""The suppression problem of a table: weights, necessary suppressions and what a choice leaves known."""

from __future__ import annotations

import numpy as np
import pytest

from kerege.evidence.counting.frequency_table import OK, SUPPRESSED
from kerege.evidence.sdc.suppression.problem import DEAR_TOTAL, primary, problem_of, weights
from tests.evidence import made

THRESHOLD = 10


@pytest.mark.parametrize(("count", "is_hidden"), [(0, False), (1, True), (9, True), (10, False)])
def test_counts_from_one_to_below_the_threshold_are_suppressed(count: int, is_hidden: bool) -> None:
    table = made.table([count, 40])
    assert (primary(table, THRESHOLD)[1] == SUPPRESSED) == is_hidden


def test_a_cell_that_is_suppressed_already_stays_suppressed() -> None:
    table = made.table([20, 40])
    table.status[2] = SUPPRESSED
    assert primary(table, THRESHOLD).tolist() == [OK, OK, SUPPRESSED]
    assert problem_of(table, THRESHOLD).always.tolist() == [False, False, True]


def test_the_loss_of_a_cell_is_its_count_and_one_twice_in_margins_and_dear_for_the_total() -> None:
    loss = weights(made.table([[3, 4], [5, 6]])).reshape(3, 3)
    assert loss[1:, 1:].tolist() == [[4, 5], [6, 7]]
    assert loss[0, 1:].tolist() == [18, 22]
    assert loss[1:, 0].tolist() == [16, 24]
    assert loss[0, 0] == 2 * 19 * DEAR_TOTAL


def test_the_loss_of_a_choice_is_the_sum_of_its_cells() -> None:
    problem = problem_of(made.table([3, 40]), THRESHOLD)
    assert problem.loss(np.array([False, True, True])) == 4 + 41
    assert problem.loss(np.zeros(3, dtype=bool)) == 0


def test_a_zero_may_not_be_suppressed_and_every_other_cell_may() -> None:
    problem = problem_of(made.table([0, 40, 3]), THRESHOLD)
    assert problem.movable.tolist() == [True, False, True, True]
    assert problem.always.tolist() == [False, False, False, True]


def test_a_group_that_shares_a_value_is_an_unknown_whose_zeros_may_be_suppressed() -> None:
    """All 30 of the first row have the first value of dim1: nobody has another one."""
    table = made.table([[30, 0], [20, 25]])
    problem = problem_of(table, THRESHOLD, frozenset({"dim1"}))
    (group,) = problem.groups
    assert (problem.size, len(problem.truth), problem.truth[-1]) == (9, 10, 0)
    assert problem.movable[int(np.ravel_multi_index((1, 2), (3, 3)))]
    assert problem.always[-1]
    assert table.keys(group.cell) == ("a0", "b0")
    assert group.as_text(table) == "dim0=a0 (dim1=b0)"


@pytest.mark.parametrize(
    ("sensitive", "least"), [(frozenset(), 1), (frozenset({"dim0"}), 0), (frozenset({"other"}), 1)]
)
def test_a_suppressed_figure_can_be_zero_in_a_table_with_a_sensitive_column(
    sensitive: frozenset[str], least: int
) -> None:
    problem = problem_of(made.table([[30, 20], [20, 25]]), THRESHOLD, sensitive)
    assert problem.least == least
    assert problem.distance == THRESHOLD - least
    hidden = np.full((3, 3), SUPPRESSED, np.uint8)
    assert problem.stated(hidden) == ({} if least else {"least_suppressed": 0})
    assert problem.stated(np.zeros((3, 3), np.uint8)) == {}


def test_a_suppressed_zero_states_that_a_suppressed_figure_can_be_zero() -> None:
    table = made.table([0, 40])
    table.status[1] = SUPPRESSED
    assert problem_of(table, THRESHOLD).least == 0


def test_a_choice_leaves_hidden_cells_from_the_least_count_upwards() -> None:
    problem = problem_of(made.table([3, 40]), THRESHOLD)
    view = problem.known(np.array([False, True, False]))
    assert view.lower.tolist() == [43, 1, 40]
    assert view.upper.tolist() == [43, problem.ceiling, 40]
    assert problem.ceiling > 43
    assert problem.most_down.tolist() == [42, 2, 39]
    assert problem.width == THRESHOLD - 1


@pytest.mark.parametrize(
    ("inner", "multi", "is_network"),
    [([1, 2], "", True), ([[1, 2], [3, 4]], "", True), ([[[1, 2]], [[3, 4]]], "", False), ([1, 2], "dim0", False)],
)
def test_tables_of_one_or_two_single_valued_columns_are_networks(
    inner: list[object], multi: str, is_network: bool
) -> None:
    table = made.table(inner)
    table.multi = frozenset({multi} - {""})
    assert problem_of(table, THRESHOLD).network == is_network


def test_small_cells_are_those_below_the_threshold() -> None:
    assert problem_of(made.table([0, 9, 10]), THRESHOLD).small.tolist() == [False, True, True, False]
