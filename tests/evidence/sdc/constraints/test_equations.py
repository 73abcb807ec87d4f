"""Collected unknowns and equations: numbers, true values and rows in order."""

from __future__ import annotations

import numpy as np

from kerege.evidence.sdc.constraints.equations import EquationSystem
from kerege.evidence.sdc.linear.linear_system import Rules, rules_of, stack
from tests.evidence import made


def test_unknowns_are_numbered_in_the_order_in_which_they_are_added() -> None:
    system = EquationSystem()
    assert [system.add_unknowns(np.array([3, 4])), system.add_unknowns(np.array([5]))] == [0, 2]
    assert system.size == 3
    assert system.truth().tolist() == [3, 4, 5]


def test_each_line_of_cells_is_one_equation_with_the_same_coefficients() -> None:
    system = EquationSystem()
    system.add_unknowns(np.zeros(3))
    system.add_rows(np.array([[0, 1], [2, 1]]), [1.0, -2.0], -1, 7)
    rules = system.rules()
    assert rules.matrix.toarray().tolist() == [[1, -2, 0], [0, -2, 1]]
    assert (rules.low.tolist(), rules.high.tolist()) == ([-1, -1], [7, 7])


def test_a_signed_sum_has_the_bounds_of_its_row() -> None:
    system = EquationSystem()
    system.add_unknowns(np.zeros(3))
    signs = np.array([1.0, -1.0, 1.0, 1.0])
    system.add_sums(np.array([0, 0, 1, 1]), np.array([0, 1, 2, 0]), signs, np.array([0.0, 2]), np.array([1.0, 3]))
    rules = system.rules()
    assert rules.matrix.toarray().tolist() == [[1, -1, 0], [1, 0, 1]]
    assert (rules.low.tolist(), rules.high.tolist()) == ([0, 2], [1, 3])


def test_the_rules_of_a_table_are_moved_to_its_unknowns() -> None:
    table = made.table([2, 3])
    system = EquationSystem()
    system.add_unknowns(np.array([9, 3, 2, 5]))
    system.add_rules(rules_of(table), np.array([3, 2, 1]))  # total, first and second value
    rules = system.rules()
    assert rules.matrix.toarray().tolist() == [[0, 1, 1, -1]]
    assert (rules.matrix @ system.truth()).tolist() == [0]


def test_a_system_without_equations_has_a_column_for_each_unknown() -> None:
    system = EquationSystem()
    system.add_unknowns(np.zeros(4))
    rules: Rules = system.rules()
    assert rules.matrix.shape == (0, 4) == stack([], 4).matrix.shape
