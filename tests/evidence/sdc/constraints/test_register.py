"""Rows of equal people: chosen rows keep their columns."""

from __future__ import annotations

import numpy as np

from kerege.evidence.sdc.constraints.register import NO_COLUMN, Register


def test_chosen_rows_keep_their_atoms_and_values_and_get_new_numbers() -> None:
    has = {"means": {"a": np.array([True, False, False]), "b": np.array([False, True, True])}}
    register = Register(np.array([4, 5, 6]), {0: np.array([7, 8, 9])}, has)
    chosen = register.take(np.array([2, 0, 2]), np.array([1, 2, 3]))
    assert chosen.people.tolist() == [1, 2, 3]
    assert chosen.coords[0].tolist() == [9, 7, 9]
    assert chosen.has["means"]["a"].tolist() == [False, True, False]
    assert chosen.has["means"]["b"].tolist() == [True, False, True]
    assert register.people.tolist() == [4, 5, 6]


def test_a_register_without_columns_has_one_with_a_single_value() -> None:
    register = Register(np.array([4, 5]), {})
    assert register.coords[NO_COLUMN].tolist() == [0, 0]
    assert len(register.take(np.array([1]), np.array([5])).coords[NO_COLUMN]) == 1
