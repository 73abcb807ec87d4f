"""Codes of values: one book for each column, the same codes for all pieces of a source."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kerege.base.errors import BadInput
from kerege.evidence.counting.encoder import SPAN, CodeBook, encode
from kerege.evidence.counting.selection import Columns, part


def decoded(frame: pl.DataFrame, books: dict[str, CodeBook], columns: Columns) -> list[dict[str, list[str]]]:
    """Return the values of each row by counted column, in the order of the slots."""
    coded = encode(frame, books, columns)
    names = columns.counted
    rows: list[dict[str, list[str]]] = []
    for row in range(coded.rows):
        by_column: dict[str, list[str]] = {}
        for slot, owner in enumerate(coded.owner.tolist()):
            if code := int(coded.codes[slot, row]):
                by_column.setdefault(names[owner], []).append(books[names[owner]].values[code - 1])
        rows.append(by_column)
    return rows


def books_of(columns: Columns) -> dict[str, CodeBook]:
    return {name: CodeBook() for name in columns.counted}


def test_codes_follow_the_first_occurrence_and_blank_has_none() -> None:
    book = CodeBook()
    assert book.look_up(["b", "", "a", "b"]).tolist() == [1, 0, 2, 1]
    assert book.look_up(["c", "a"]).tolist() == [3, 2]
    assert (book.values, len(book)) == (["b", "a", "c"], 3)


@pytest.mark.parametrize(
    ("cells", "kind", "values"),
    [
        (["x", None, "", "y"], pl.String, ["x", None, None, "y"]),
        ([7, None, -3, 7], pl.Int16, ["7", None, "-3", "7"]),
        ([True, False, None], pl.Boolean, ["true", "false", None]),
        (["x", "y", None], pl.Categorical, ["x", "y", None]),
        (["x", "y", None], pl.Enum(["y", "x"]), ["x", "y", None]),
        ([None, None], pl.Null, [None, None]),
        ([0, SPAN, None], pl.Int64, ["0", str(SPAN), None]),  # too far apart to be numbered by their distance
        ([-(1 << 40), -(1 << 40) + 1], pl.Int64, [str(-(1 << 40)), str(-(1 << 40) + 1)]),
        ([1 << 31, (1 << 31) + 2], pl.Int64, [str(1 << 31), str((1 << 31) + 2)]),
        ([250, 255, None], pl.UInt8, ["250", "255", None]),
    ],
)
def test_a_column_of_each_type_keeps_its_values_as_text(cells: list[Any], kind: Any, values: list[str | None]) -> None:
    columns = Columns(["a"])
    frame = pl.DataFrame({"a": pl.Series(cells, dtype=kind)})
    rows = decoded(frame, books_of(columns), columns)
    assert [row.get("a", [None])[0] for row in rows] == values


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.lists(st.sampled_from(["u", "v", "w", "", " v "]), max_size=4) | st.none(), min_size=1, max_size=9),
    st.booleans(),
)
def test_a_list_and_its_text_have_the_same_values(lists: list[list[str] | None], is_text: bool) -> None:
    """Only text is trimmed; a list is taken as it is."""
    columns = Columns(["m"], frozenset("m"))
    if is_text:
        cells = pl.Series("m", [None if cell is None else ";".join(cell) for cell in lists], dtype=pl.String)
        expected = [list(dict.fromkeys(value.strip() for value in cell or [] if value.strip())) for cell in lists]
    else:
        cells = pl.Series("m", lists, dtype=pl.List(pl.String))
        expected = [list(dict.fromkeys(value for value in cell or [] if value)) for cell in lists]
    rows = decoded(cells.to_frame(), books_of(columns), columns)
    assert [row.get("m", []) for row in rows] == expected


def test_only_named_columns_are_split() -> None:
    columns = Columns(["s"])
    assert decoded(pl.DataFrame({"s": ["l;k"]}), books_of(columns), columns) == [{"s": ["l;k"]}]


def test_pieces_share_the_codes_of_a_book() -> None:
    columns = Columns(["a", "b"])
    books = books_of(columns)
    first = encode(pl.DataFrame({"a": ["y", "x"], "b": [1, 2]}), books, columns)
    second = encode(pl.DataFrame({"a": ["x", "z"], "b": [2, 900]}), books, columns)
    assert first.codes.tolist() == [[1, 2], [1, 2]]
    assert second.codes.tolist() == [[2, 3], [2, 3]]
    assert books["b"].values == ["1", "2", "900"]


def test_a_column_has_as_many_slots_as_its_longest_list_and_at_least_one() -> None:
    columns = Columns(["m", "e", "a"], frozenset({"m", "e"}))
    frame = pl.DataFrame(
        {"m": [["u", "v", "u"], ["w"]], "e": [[], None], "a": ["x", "x"]},
        schema={"m": pl.List(pl.String), "e": pl.List(pl.String), "a": pl.String},
    )
    assert encode(frame, books_of(columns), columns).owner.tolist() == [0, 0, 1, 2]


def test_many_distinct_texts_get_one_code_each_also_when_long() -> None:
    texts = [f"a text that does not fit into one view {number % 1_500}" for number in range(4_500)]
    columns = Columns(["a"])
    books = books_of(columns)
    codes = encode(pl.DataFrame({"a": texts}), books, columns).codes[0]
    assert len(books["a"]) == 1_500
    assert [books["a"].values[code - 1] for code in codes.tolist()] == texts


def test_a_slice_of_a_frame_is_encoded_as_its_rows() -> None:
    frame = pl.DataFrame({"a": ["x", None, "y", "x", None, "z"], "n": [1, 2, None, 4, 5, 6]})
    columns = Columns(["a", "n"])
    rows = decoded(frame.slice(2, 3), books_of(columns), columns)
    assert rows == [{"a": ["y"]}, {"a": ["x"], "n": ["4"]}, {"n": ["5"]}]


def test_separate_values_are_flags_and_unlisted_ones_are_left_out() -> None:
    columns = Columns(["a", "m", "n"], frozenset("m"), {"m": ["v", "u"], "n": ["2"]})
    frame = pl.DataFrame({"a": ["x", "x", None], "m": ["u; v", "w", None], "n": [2, 1, 2]})
    coded = encode(frame, books_of(columns), columns)
    assert coded.owner.tolist() == [0, 1, 2, 3]
    assert coded.codes[1:].tolist() == [[1, 0, 0], [1, 0, 0], [1, 0, 1]]
    assert [name.partition("\x1f")[2] for name in columns.counted[1:]] == ["v", "u", "2"]
    assert columns.counted[1] == part("m", "v")


@pytest.mark.parametrize("kind", [pl.Float64, pl.Date, pl.List(pl.Float64)])
@pytest.mark.parametrize("apart", [{}, {"a": ["1"]}])
def test_a_column_of_no_categories_is_refused(kind: Any, apart: dict[str, list[str]]) -> None:
    columns = Columns(["a"], apart=apart)
    frame = pl.DataFrame({"a": pl.Series([None], dtype=kind)})
    with pytest.raises(BadInput) as refused:
        encode(frame, books_of(columns), columns)
    assert str(refused.value) == "column a: holds neither text nor whole numbers, give its values as text"


def test_codes_take_the_smallest_type_that_holds_them() -> None:
    columns = Columns(["a"])
    few = encode(pl.DataFrame({"a": ["x"] * 3}), books_of(columns), columns)
    many = encode(pl.DataFrame({"a": [f"v{number}" for number in range(300)]}), books_of(columns), columns)
    assert (few.codes.dtype, many.codes.dtype) == (np.uint8, np.uint16)
