"""Counts by bitmaps equal a plain loop, also where rows fill words of 64 bits exactly."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kerege.evidence.counting import bitmaps
from kerege.evidence.counting.counters import CodedRows

SIZES = (3, 1, 2)  # known values of three columns
FIRST = np.array([0, 3, 4, 6])
NAMES = [(column, code) for column, size in enumerate(SIZES) for code in range(1, size + 1)]


def coded(rows: list[tuple[int, ...]]) -> CodedRows:
    codes = np.array(rows, dtype=np.uint8).reshape(-1, 4).T
    return CodedRows(np.ascontiguousarray(codes), np.array([0, 0, 1, 2]))  # the first column has two slots


def slow(rows: list[tuple[int, ...]], item: list[int], weights: list[int]) -> int:
    """Return the weighted number of rows that have all values of a combination."""
    total = 0
    for row in rows:
        values = {(owner, code) for owner, code in zip((0, 0, 1, 2), row, strict=True) if code}
        if all(NAMES[place] in values for place in item):
            total += weights[min(sum(code != 0 for code in row), len(weights) - 1)]
    return total


ROW = st.tuples(st.integers(0, 4), st.integers(0, 4), st.integers(0, 1), st.integers(0, 3))  # 4 and 3 are unknown


@settings(max_examples=40, deadline=None)
@given(
    st.lists(ROW, max_size=12),
    st.sampled_from([1, 5, 11, 64]),
    st.integers(1, 5).flatmap(
        lambda length: st.lists(st.lists(st.integers(0, 5), min_size=length, max_size=length), min_size=1, max_size=6)
    ),
    st.lists(st.integers(0, 9), min_size=1, max_size=5),
)
def test_weighted_counts_are_those_of_a_plain_loop(
    rows: list[tuple[int, ...]], times: int, items: list[list[int]], weights: list[int]
) -> None:
    rows = rows * times
    counts = bitmaps.count(coded(rows), FIRST, np.array(items, dtype=np.int32), np.array(weights, dtype=np.int64))
    assert counts.tolist() == [slow(rows, item, weights) for item in items]


@pytest.mark.parametrize("rows", [1, 63, 64, 65, 128, 129])
def test_every_row_has_a_bit_of_its_own(rows: int) -> None:
    table = coded([(1, 0, 1, 2)] * rows)
    counts = bitmaps.count(table, FIRST, np.array([[0], [3], [5], [1]], dtype=np.int32), np.array([1]))
    assert counts.tolist() == [rows, rows, rows, 0]


@settings(deadline=None, max_examples=50)
@given(st.integers(0, 2**64 - 1))
def test_the_number_of_common_bits_is_that_of_the_binary_digits(number: int) -> None:
    """A combination of one value counts the bits of its words."""
    bits = [int(digit) for digit in f"{number:064b}"]
    rows = coded([(bit, 0, 1 - bit, 0) for bit in bits])
    counts = bitmaps.count(rows, FIRST, np.array([[0], [3]], dtype=np.int32), np.array([1]))
    assert counts.tolist() == [number.bit_count(), 64 - number.bit_count()]


def test_codes_of_values_that_are_not_known_do_not_count_elsewhere() -> None:
    """Code 4 of the first column would have the bit of the second column's value."""
    counts = bitmaps.count(coded([(4, 0, 0, 0)]), FIRST, np.array([[3]], dtype=np.int32), np.array([1]))
    assert counts.tolist() == [0]


def test_without_combinations_there_are_no_counts() -> None:
    assert bitmaps.count(coded([(1, 0, 0, 0)]), FIRST, np.empty((0, 2), np.int32), np.array([1])).tolist() == []
