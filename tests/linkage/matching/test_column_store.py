"""Columns of a table as codes: every value comes back, missing ones as such."""

from __future__ import annotations

import numpy as np
import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from kerege.linkage.matching.column_store import (
    MISSING,
    ListColumn,
    NumberColumn,
    TextColumn,
    Values,
    of_frame,
    records,
    with_empty,
)

TEXTS = st.lists(st.one_of(st.none(), st.sampled_from(["a", "b", "ab", ""])), max_size=8)
LISTS = st.lists(
    st.one_of(st.none(), st.lists(st.one_of(st.none(), st.sampled_from("abcdefghijk")), max_size=12)), max_size=6
)


@settings(max_examples=25, deadline=None)
@given(texts=TEXTS)
def test_codes_of_texts_give_the_texts_back(texts: list[str | None]) -> None:
    column = of_frame(pl.DataFrame({"x": texts}, schema={"x": pl.String}))["x"]
    assert isinstance(column, TextColumn)
    assert [None if code < 0 else column.values[code] for code in column.codes] == texts
    assert len(set(column.values)) == len(column.values)
    assert set(column.codes) <= {-1, *range(len(column.values))}


@settings(max_examples=25, deadline=None)
@given(lists=LISTS)
def test_a_list_keeps_its_first_eight_known_elements_in_order(lists: list[list[str | None] | None]) -> None:
    column = of_frame(pl.DataFrame({"x": lists}, schema={"x": pl.List(pl.String)}))["x"]
    assert isinstance(column, ListColumn)
    expected = [[text for text in row or [] if text is not None][:8] for row in lists]
    assert column.codes.shape == (len(lists), max([1, *map(len, expected)]))
    for codes, row in zip(column.codes.tolist(), expected, strict=True):
        assert [column.values[code] for code in codes if code >= 0] == row
        assert codes[len(row) :] == [-1] * (len(codes) - len(row)), "missing codes are at the end"


def test_a_number_keeps_its_value_and_a_missing_one_has_the_least_number() -> None:
    column = of_frame(pl.DataFrame({"n": [3, None, -5]}, schema={"n": pl.Int32}))["n"]
    assert isinstance(column, NumberColumn)
    assert column.numbers.tolist() == [3, MISSING, -5]
    assert np.iinfo(np.int64).min == MISSING


def test_codes_of_one_column_are_found_in_another_one() -> None:
    one, other = Values(["a", "b", "c"]), Values(["c", "a"])
    assert one.into(other).tolist() == [1, -2, 0, -1], "-2: absent, and the last one for a missing value"
    assert one.into(other) is one.into(other)
    assert one.into(one).tolist() == [0, 1, 2, -1]


def test_a_table_gets_an_empty_column_for_a_name_that_it_lacks() -> None:
    table = with_empty(of_frame(pl.DataFrame({"a": ["x", "y"]})), ["a", "b"])
    assert list(table["a"].values) == ["x", "y"]  # type: ignore[union-attr]
    assert (table["b"].codes.tolist(), list(table["b"].values)) == ([-1, -1], [])  # type: ignore[union-attr]
    assert records(table) == 2
    assert records({}) == 0
    assert records(of_frame(pl.DataFrame({"n": [1, 2, 3]}))) == 3
