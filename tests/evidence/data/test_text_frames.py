"""Whole tables are protected against formulas as single cells are, and read back unchanged."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kerege.base import csv_cells
from kerege.evidence.data.text_frames import guard_formulas, remove_guards

CELLS = st.none() | st.text("='+-@\t\r1.,ax\n", max_size=5)


@settings(max_examples=20, deadline=None)
@given(st.lists(st.tuples(CELLS, CELLS), min_size=1, max_size=6))
def test_a_table_is_protected_cell_by_cell_and_read_back(rows: list[tuple[str | None, str | None]]) -> None:
    frame = pl.DataFrame(rows, schema={"a": pl.String, "b": pl.String}, orient="row")
    written = guard_formulas(frame)
    for name in "ab":
        assert written[name].to_list() == [
            None if cell is None else csv_cells.guarded(cell) for cell in frame[name].to_list()
        ]
    assert remove_guards(written).equals(frame)


@settings(max_examples=20, deadline=None)
@given(st.lists(CELLS, min_size=1, max_size=6))
def test_reading_removes_the_marks_that_a_single_cell_would_lose(cells: list[str | None]) -> None:
    """The cells of a file that Kerege did not write keep an apostrophe that protects nothing."""
    read = remove_guards(pl.DataFrame({"a": cells}, schema={"a": pl.String}))
    assert read["a"].to_list() == [None if cell is None else csv_cells.plain(cell) for cell in cells]


@pytest.mark.parametrize(
    ("cell", "written"),
    [
        ("=SUM(A1)", "'=SUM(A1)"),
        ("+7 701", "'+7 701"),
        ("@name", "'@name"),
        ("-1", "-1"),
        ("+3,5", "+3,5"),
        ("'=1", "''=1"),
        ("it's", "it's"),
    ],
)
def test_formulas_are_marked_and_numbers_are_not(cell: str, written: str) -> None:
    assert guard_formulas(pl.DataFrame({"a": [cell]}))["a"].to_list() == [written]


def test_names_of_columns_are_protected_too() -> None:
    written = guard_formulas(pl.DataFrame({"=cmd": ["x"], "sex": ["male"], "-1": ["y"]}))
    assert written.columns == ["'=cmd", "sex", "-1"]
    assert remove_guards(written).columns == written.columns  # the caller restores the names
