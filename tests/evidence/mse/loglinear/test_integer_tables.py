"""Rounding of expected people: compared with the method of largest remainders, cell by cell."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from kerege.evidence.mse.lists import Lists
from kerege.evidence.mse.loglinear.integer_tables import Undo, round_to_people

SIXTEENTHS = st.integers(-30, 80).map(
    lambda number: number / 16
)  # binary fractions: no two remainders differ by rounding


def by_largest_remainders(row: list[float]) -> list[int]:
    """Return whole people: those left after rounding down go to the largest remainders."""
    positive = [max(value, 0.0) for value in row]
    people = [math.floor(value) for value in positive]
    order = sorted(range(len(row)), key=lambda cell: people[cell] - positive[cell])
    for cell in order[: round(sum(positive)) - sum(people)]:
        people[cell] += 1
    return people


@given(st.lists(st.lists(SIXTEENTHS, min_size=4, max_size=4), min_size=1, max_size=5))
def test_rounding_is_that_of_largest_remainders(rows: list[list[float]]) -> None:
    assert round_to_people(np.array(rows)).tolist() == [by_largest_remainders(row) for row in rows]


@given(st.lists(SIXTEENTHS, min_size=1, max_size=8))
def test_no_cell_moves_by_a_person_and_no_person_is_lost(row: list[float]) -> None:
    positive = np.maximum(np.array(row), 0)
    rounded = round_to_people(np.array([row]))[0]
    assert (np.abs(rounded - positive) < 1).all()
    assert abs(rounded.sum() - positive.sum()) <= 0.5


# -- inverse of linkage errors ---------------------------------------------------------------------------------------

LISTS = Lists([1, 2, 4, 3, 7], [40, 30, 20, 10, 5])


def random_errors(seed: int) -> NDArray[np.float64]:
    """Return a transition matrix of three lists in which most people keep their history."""
    matrix = np.random.default_rng(seed).random((8, 8)) * 0.02
    matrix[:, 0] = matrix[0] = 0.0
    np.fill_diagonal(matrix, 1.0)
    return matrix


@pytest.mark.parametrize("seed", range(3))
def test_the_expected_table_with_errors_is_the_counted_one(seed: int) -> None:
    """T times the corrected table is the counted table, to the six decimals of the correction."""
    undo = Undo(LISTS, random_errors(seed))
    counted = np.array([LISTS.dense, 2 * LISTS.dense])
    expected = undo.expected(counted)
    assert (expected @ undo.matrix.T)[:, 1:] == pytest.approx(counted[:, 1:], abs=1e-4)
    assert (expected[:, 0] == 0).all()  # nobody becomes unobserved
    assert expected[1] == pytest.approx(2 * expected[0], abs=1e-5)


def test_a_correction_returns_whole_people_of_the_counted_histories() -> None:
    undo = Undo(LISTS, random_errors(1))
    tables = np.array([LISTS.counts, LISTS.counts[::-1]])
    corrected = undo(tables)
    assert corrected.shape == tables.shape
    assert corrected.dtype == np.int64
    for row, table in zip(corrected, tables, strict=True):
        dense = np.zeros((1, 8), np.int64)
        dense[0, LISTS.histories] = table
        assert row.tolist() == round_to_people(undo.expected(dense))[0, LISTS.histories].tolist()


def test_without_errors_a_table_stays_as_it_was_counted() -> None:
    tables = np.array([[1, 2, 3, 4, 5], [0, 0, 9, 0, 1]])
    assert Undo(LISTS, np.eye(8))(tables).tolist() == tables.tolist()


def test_digits_beyond_the_sixth_decide_nothing() -> None:
    """Two processors may differ in the last digits; a half must not be rounded up on one of them alone."""
    undo = Undo(LISTS, np.eye(8))
    for error in (-1e-9, 1e-9):
        matrix = np.eye(8)
        matrix[1, 1] += error
        assert (Undo(LISTS, matrix).expected(LISTS.dense[None]) == undo.expected(LISTS.dense[None])).all()
