"""A spreadsheet runs no cell of a CSV, and every value is read as it was written."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kerege.base.csv_cells import guarded, plain, separator
from kerege.evidence.data.text_frames import guard_formulas, remove_guards

RUN = ["=1+1", "+cmd", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "=", "-", "-1-2", "'=1", "''@x"]
LEFT = ["", "x", "-99", "+77011234567", "-1.5", "0-17", "a=b", "'", "'x", "' =1", "үй", "'-99"]
texts = st.one_of(st.text(), st.text(alphabet="'=+-@\t\r12.x"), st.sampled_from(RUN + LEFT))


@pytest.mark.parametrize("text", RUN)
def test_a_formula_is_written_with_an_apostrophe(text: str) -> None:
    assert guarded(text) == f"'{text}"


@pytest.mark.parametrize("text", LEFT)
def test_words_and_numbers_are_not_escaped(text: str) -> None:
    assert guarded(text) == plain(text) == text


@given(texts)
def test_reading_returns_the_written_value(text: str) -> None:
    assert plain(guarded(text)) == text


@given(st.lists(st.none() | texts, min_size=1))
def test_tables_are_escaped_like_cells(values: list[str | None]) -> None:
    frame = pl.DataFrame({"=a": values}, schema={"=a": pl.String})
    written = guard_formulas(frame)
    assert written.columns == ["'=a"]
    assert written["'=a"].to_list() == [value if value is None else guarded(value) for value in values]
    assert remove_guards(written).rename(plain).equals(frame)


@pytest.mark.parametrize(
    ("head", "mark"),
    [
        ("a,b", ","),
        ("a", ","),
        ("", ","),
        ("a;b\n1", ";"),
        ("a\tb,c\td\n1\t2\t3", "\t"),
        ('"id";"Фамилия, имя, отчество";"Дата рождения"', ";"),
        ('"Фамилия,\nимя, ""отчество""";Дата\n\nx;y', ";"),
        ("Фамилия, имя, отчество;Дата рождения\nАнна Ким;1990", ";"),
        ("name,documents (parted by ;)\nAnna,N1;N2", ","),
    ],
)
def test_the_separator_ignores_marks_within_quotes(head: str, mark: str) -> None:
    assert separator(head) == mark


@pytest.mark.parametrize("mark", [",", ";", "\t", "|"])
def test_quoted_cells_have_the_separator_between_them(mark: str) -> None:
    assert separator(f'"a"{mark}"b,;|c"{mark}"d"\n"1"{mark}"2"{mark}"3"\n') == mark
