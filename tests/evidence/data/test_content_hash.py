"""The hash of rows: equal for the same rows in any order, different for rows that differ anywhere."""

from __future__ import annotations

import hashlib
from itertools import combinations
from random import Random

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kerege.evidence.data.content_hash import hash_rows

CELL = st.none() | st.text("a:-1é", max_size=3)
CODES = st.none() | st.lists(st.text("a:1", min_size=1, max_size=2), max_size=3)
Row = tuple[str | None, str | None, list[str] | None]


def rows_frame(rows: list[Row]) -> pl.DataFrame:
    return pl.DataFrame(
        rows, schema={"form": pl.String, "sex": pl.String, "means": pl.List(pl.String)}, orient="row", strict=False
    )


@settings(max_examples=12, deadline=None)
@given(st.lists(st.tuples(CELL, CELL, CODES), min_size=1, max_size=4), st.randoms())
def test_no_order_of_rows_columns_or_codes_changes_the_hash(rows: list[Row], random: Random) -> None:
    shuffled = [(form, sex, None if codes is None else [*codes[::-1], *codes]) for form, sex, codes in rows]
    random.shuffle(shuffled)
    other = rows_frame(shuffled).select("means", "sex", "form")
    assert hash_rows(other) == hash_rows(rows_frame(rows))


@settings(max_examples=15, deadline=None)
@given(
    st.lists(st.tuples(CELL, CELL, CODES), min_size=1, max_size=3),
    st.lists(st.tuples(CELL, CELL, CODES), min_size=1, max_size=3),
)
def test_two_files_have_one_hash_only_if_they_have_the_same_rows(first: list[Row], second: list[Row]) -> None:
    def sorted_rows(rows: list[Row]) -> list[tuple[object, ...]]:
        return sorted(((form, sex, frozenset(codes or ())) for form, sex, codes in rows), key=repr_of_row)

    def repr_of_row(row: tuple[object, ...]) -> str:
        return repr((row[0], row[1], sorted(row[2])))  # type: ignore[call-overload]

    is_same = [repr_of_row(row) for row in sorted_rows(first)] == [repr_of_row(row) for row in sorted_rows(second)]
    assert (hash_rows(rows_frame(first)) == hash_rows(rows_frame(second))) is is_same


@pytest.mark.parametrize(
    "rows",
    [
        [("ab", "c", None), ("a", "bc", None)],  # the same letters, divided in another way
        [(None, "a", None), ("-", "a", None)],  # not reported, and its sign in the hash
        [("", "a", None), (None, "a", None)],
        [("a", "a", ["x", "y"]), ("a", "a", ["xy"])],
        [("a", "a", ["1:x"]), ("a", "a", ["x"])],
        [("a", None, ["x"]), (None, "a", ["x"])],  # one value in another column
    ],
)
def test_rows_that_look_alike_have_different_hashes(rows: list[Row]) -> None:
    hashes = [hash_rows(rows_frame([row])) for row in rows]
    assert all(first != second for first, second in combinations(hashes, 2))


def test_an_empty_list_of_codes_is_not_reported() -> None:
    assert hash_rows(rows_frame([("a", "b", [])])) == hash_rows(rows_frame([("a", "b", None)]))


def test_repeated_rows_count() -> None:
    row: Row = ("labour", "male", ["debt"])
    assert hash_rows(rows_frame([row])) != hash_rows(rows_frame([row, row]))


def test_the_hash_stays_that_of_earlier_versions() -> None:
    """Ledgers hold hashes of earlier versions: another hash would draw and charge a request again.

    Columns are in the order of their names. The length of a text is in bytes: four for the two letters of `әй`.
    """
    rows = pl.DataFrame({"b": ["x", None], "a": [["k", "lm"], []]}, schema={"b": pl.String, "a": pl.List(pl.String)})
    assert hash_rows(rows) == hashlib.sha256(b"--" + b"7:1:k2:lm1:x").hexdigest()
    assert hash_rows(pl.DataFrame({"a": ["әй"]})) == hashlib.sha256("4:әй".encode()).hexdigest()
