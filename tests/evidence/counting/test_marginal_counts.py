"""Cells have one number each, and tables are read from the numbers as a plain loop counts them."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from itertools import combinations, product
from math import comb

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kerege.base.errors import BadInput
from kerege.evidence.counting import Marginals, all_marginals, marginal_counts
from kerege.evidence.counting.marginal_counts import Numbering, decode_cells, list_column_choices, sum_hits, sum_lengths

ROWS = pl.DataFrame({"a": ["x", "y", "y", None], "b": ["p", "p", None, "q"], "c": ["1", None, "1", "1"]})


@pytest.fixture(scope="module")
def counted() -> Marginals:
    return all_marginals(ROWS, 2)


# -- numbers of cells --------------------------------------------------------------------------------------------------


@settings(deadline=None, max_examples=50)
@given(st.integers(0, 7), st.integers(0, 4))
def test_choices_are_in_colexicographic_order(columns: int, length: int) -> None:
    expected = sorted(combinations(range(columns), length), key=lambda choice: choice[::-1])
    assert list_column_choices(columns, length).tolist() == [list(choice) for choice in expected]


@settings(deadline=None, max_examples=50)
@given(st.lists(st.integers(0, 4), min_size=1, max_size=5), st.integers(1, 3))
def test_a_table_has_the_numbers_between_its_ends(sizes: list[int], order: int) -> None:
    order = min(order, len(sizes))
    numbering, next_number = Numbering(sizes, order), 0
    for length in range(1, order + 1):
        for columns in list_column_choices(len(sizes), length).tolist():
            first, last = numbering.table(columns)
            assert first == next_number
            assert last - first == np.prod([sizes[column] for column in columns])
            next_number = last


def test_the_last_axis_is_the_fastest() -> None:
    numbering = Numbering([2, 3], 2)
    cells = np.array(list(product(range(2), range(3))))
    assert numbering.cells(np.tile([0, 1], (6, 1)), cells).tolist() == list(range(5, 11))


def test_numbers_that_fill_62_bits_are_allowed_and_one_more_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    total = 3 + 4 + 3 * 4
    monkeypatch.setattr(marginal_counts, "MOST_NUMBERS", total)
    assert Numbering([3, 4], 2).first[-1][-1] == total
    monkeypatch.setattr(marginal_counts, "MOST_NUMBERS", total - 1)
    with pytest.raises(BadInput, match="too many values to be combined, take a lower order than 2 or fewer columns"):
        Numbering([3, 4], 2)


def test_sizes_beyond_whole_numbers_are_refused_and_do_not_overflow() -> None:
    """The product of these sizes is 2^66, which wraps around to 4 in 64 bits."""
    with pytest.raises(BadInput, match="too many values"):
        Numbering([1 << 22] * 3, 3)


def test_too_many_tables_are_refused_with_their_number(monkeypatch: pytest.MonkeyPatch) -> None:
    tables = 6 + comb(6, 2)
    monkeypatch.setattr(marginal_counts, "MOST_TABLES", tables)
    assert len(Numbering([1] * 6, 2).first[1]) == comb(6, 2) + 1
    monkeypatch.setattr(marginal_counts, "MOST_TABLES", tables - 1)
    with pytest.raises(BadInput, match="there are more than 20 tables of up to 2 of 6 columns, take a lower order"):
        Numbering([1] * 6, 2)


@settings(deadline=None, max_examples=50)
@given(st.lists(st.integers(1, 5), min_size=1, max_size=4), st.data())
def test_digits_invert_the_position_in_a_table(sizes: list[int], data: st.DataObject) -> None:
    codes = data.draw(st.lists(st.tuples(*[st.integers(0, size - 1) for size in sizes]), max_size=6))
    positions = [int(np.ravel_multi_index(cell, sizes)) for cell in codes]
    assert decode_cells(np.array(positions, dtype=np.int64), sizes).tolist() == [list(cell) for cell in codes]


# -- sums --------------------------------------------------------------------------------------------------------------


@settings(deadline=None, max_examples=50)
@given(st.lists(st.tuples(st.integers(0, 9), st.integers(1, 50)), max_size=20))
def test_counts_of_the_same_cell_are_added_up(pairs: list[tuple[int, int]]) -> None:
    expected: Counter[int] = Counter()
    for cell, count in pairs:
        expected[cell] += count
    cells, hits = (np.array([pair[place] for pair in pairs], dtype=np.int64) for place in (0, 1))
    summed = sum_hits(cells, hits)
    assert list(zip(*(part.tolist() for part in summed), strict=True)) == sorted(expected.items())


@pytest.mark.parametrize(
    ("lengths", "columns", "total"),
    [
        ([], 2, [0, 0, 0]),
        ([[1, 2]], 3, [1, 2, 0, 0]),
        ([[1, 2], [0, 1, 5]], 1, [1, 3, 5]),
        ([[0, 1, 0, 0, 0]], 2, [0, 1, 0]),  # further than the columns only as far as a row reports
        ([[0, 0, 0, 0, 4, 0]], 2, [0, 0, 0, 0, 4]),
    ],
)
def test_rows_by_number_of_values_are_added_up(lengths: list[list[int]], columns: int, total: list[int]) -> None:
    assert sum_lengths([np.array(part) for part in lengths], columns).tolist() == total


# -- reading -----------------------------------------------------------------------------------------------------------


def test_the_number_of_rows_that_report_nothing_completes_that_of_the_values(counted: Marginals) -> None:
    for name in counted.columns:
        assert counted.not_reported(name) == ROWS[name].null_count()
        assert counted[name].sum() + counted.not_reported(name) == counted.rows


def test_existing_combinations_are_the_cells_above_zero(counted: Marginals) -> None:
    for names in (("a",), ("b", "a"), ("a", "c"), ("c", "b")):
        codes, hits = counted.existing(names)
        dense = counted[names]
        assert len(codes) == np.count_nonzero(dense)
        assert [dense[tuple(cell)] for cell in codes] == hits.tolist()


def test_the_empty_table_exists_once_with_all_rows(counted: Marginals) -> None:
    codes, hits = counted.existing(())
    assert (codes.shape, hits.tolist()) == ((1, 0), [4])


def test_one_name_is_a_table_of_one_column(counted: Marginals) -> None:
    assert counted["a"].tolist() == counted[("a",)].tolist() == [1, 2]
    assert counted.existing("a")[1].tolist() == [1, 2]


@pytest.mark.parametrize("length", [1, 2])
def test_all_combinations_of_a_length_are_those_of_its_tables(counted: Marginals, length: int) -> None:
    columns, codes, hits = counted.combinations(length)
    listed = {
        (tuple(chosen), tuple(cell)): count
        for chosen, cell, count in zip(columns.tolist(), codes.tolist(), hits.tolist(), strict=True)
    }
    expected = {}
    for names in counted.tables(length):
        places = tuple(counted.columns.index(name) for name in names)
        cells, counts = counted.existing(names)
        expected |= {(places, tuple(cell)): count for cell, count in zip(cells.tolist(), counts.tolist(), strict=True)}
    assert listed == expected


@pytest.mark.parametrize("length", [0, 3])
def test_combinations_of_another_length_were_not_counted(counted: Marginals, length: int) -> None:
    with pytest.raises(BadInput, match=f"combinations of {length} were not counted, choose 1 to 2"):
        counted.combinations(length)


@pytest.mark.parametrize(
    ("names", "sentence"),
    [
        ("z", "column z: there is no such column, choose among: a, b, c"),
        (("a", "z"), "column z: there is no such column"),
        (("a", "a"), "column a, a: this is not a table of at most 2 different columns, name others"),
        (("a", "b", "c"), "column a, b, c: this is not a table of at most 2 different columns"),
    ],
)
def test_a_table_that_was_not_counted_is_one_sentence(
    counted: Marginals, names: str | tuple[str, ...], sentence: str
) -> None:
    for read in (counted.__getitem__, counted.existing):
        with pytest.raises(BadInput) as refused:
            read(names)
        assert str(refused.value).startswith(sentence)


def test_a_table_with_too_many_cells_is_read_by_its_combinations(
    counted: Marginals, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(marginal_counts, "MOST_CELLS", 4)
    assert counted[("a", "b")].shape == (2, 2)
    monkeypatch.setattr(marginal_counts, "MOST_CELLS", 3)
    with pytest.raises(BadInput, match="column a, b: the table would have 4 cells, read its existing combinations"):
        counted[("a", "b")]
    assert len(counted.existing(("a", "b"))[0]) == 2


@pytest.mark.parametrize("name", ["rows", "order", "reported", "values", "lengths", "cells", "hits"])
def test_counts_are_equal_only_if_every_part_is(counted: Marginals, name: str) -> None:
    changes = {
        "rows": 5,
        "order": 1,
        "reported": counted.reported | {"a": 0},
        "values": dict(reversed(counted.values.items())),  # the same values in another order of the columns
        "lengths": counted.lengths + 1,
        "cells": counted.cells + 1,
        "hits": counted.hits + 1,
    }
    assert counted == replace(counted)
    assert counted != replace(counted, **{name: changes[name]})  # type: ignore[arg-type]
    assert counted != "no counts"
