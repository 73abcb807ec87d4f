"""Rounding of expected people: compared with the method of largest remainders, cell by cell."""

from __future__ import annotations

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from kerege.evidence.mse.loglinear.integer_tables import round_to_people

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
