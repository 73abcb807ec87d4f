"""Dates keep the precision that a schema file allows, and nothing finer."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta

import polars as pl
import pytest

from kerege.base.errors import BadInput
from kerege.evidence.synthesis.measurement.date_precision import PRECISIONS, DatePrecision
from kerege.evidence.synthesis.measurement.public_schema import (
    DISCOVERED,
    FILE,
    as_dict,
    keep_listed_values,
    parse_schema,
)

DAYS = [date(2023, 1, 1) + timedelta(days) for days in range(731)]


@pytest.mark.parametrize(("precision", "parts"), [("year", 2), ("half", 4), ("quarter", 8), ("month", 24)])
def test_a_date_becomes_the_part_of_the_year_that_holds_it(precision: str, parts: int) -> None:
    coding = DatePrecision(precision)
    codes = [coding.code(f"{day:%d.%m.%Y}") for day in DAYS]
    assert codes == [coding.code(day.isoformat()) for day in DAYS]
    assert len(set(codes)) == parts
    assert codes == sorted(str(code) for code in codes)
    months = {(code, day.month) for code, day in zip(codes, DAYS, strict=True)}
    assert len(months) == 24  # no month is in two parts


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("2024", ["2024", None, None, None, None]),
        ("2024.0", ["2024", None, None, None, None]),
        ("2024-H2", ["2024", "2024-H2", None, None, None]),
        ("2024-Q3", ["2024", "2024-H2", "2024-Q3", None, None]),
        ("2024-08", ["2024", "2024-H2", "2024-Q3", "2024-08", None]),
        ("2024-08-09 10:00:00.000", ["2024", "2024-H2", "2024-Q3", "2024-08", "2024-08-09"]),
        ("30.02.2024", [None] * 5),
        ("in August", [None] * 5),
    ],
)
def test_a_text_gives_no_finer_part_than_it_states(text: str, codes: list[str | None]) -> None:
    assert [DatePrecision(precision).code(text) for precision in PRECISIONS] == codes


def test_a_range_lists_every_part_from_its_first_to_its_last_day() -> None:
    assert DatePrecision("month", "2023-11", "2024-02").labels == ("2023-11", "2023-12", "2024-01", "2024-02")
    assert len(DatePrecision("month", "2015", "2025").labels) == 11 * 12
    assert DatePrecision("day", "2024-02", "2024-02").labels[-1] == f"2024-02-{monthrange(2024, 2)[1]}"
    assert DatePrecision("month").labels == ()


@pytest.mark.parametrize(
    ("precision", "limits", "first", "last"),
    [("year", ["9990", "9999"], "9990", "9999"), ("day", ["0999", "0999"], "0999-01-01", "0999-12-31")],
)
def test_the_first_and_the_last_years_of_the_calendar_are_dates(
    precision: str, limits: list[str], first: str, last: str
) -> None:
    (column,) = parse_schema({"columns": {"day": {"date": precision, "range": limits}}})
    assert (column.values[0], column.values[-1]) == (first, last)


def test_dates_without_a_public_range_are_found_under_delta() -> None:
    columns = parse_schema({"columns": {"a": {"date": "year", "range": ["2020", "2021"]}, "b": {"date": "half"}}})
    assert [(column.source, column.values) for column in columns] == [(FILE, ("2020", "2021")), (DISCOVERED, ())]
    assert parse_schema(as_dict(columns)) == columns


def test_no_day_is_left_in_the_records_that_are_measured() -> None:
    frame = pl.DataFrame({"a": ["2020-05-06", "2022-01-01", None], "b": [["2020-05-06", "2020-05-07"], ["x"], None]})
    schema = parse_schema(
        {"columns": {"a": {"date": "year", "range": ["2020", "2021"]}, "b": {"date": "month", "multi": True}}}
    )
    clean, lost = keep_listed_values(frame, schema)
    assert clean["a"].to_list() == ["2020", None, None]
    assert clean["b"].to_list() == [["2020-05"], None, None]
    assert lost["a"] == 1


@pytest.mark.parametrize(
    ("entry", "what"),
    [
        ({"date": "week"}, "has a date without a precision"),
        ({"date": ["month"]}, "has a date without a precision"),
        ({"date": "month", "range": ["2020"]}, "has a range that is not two dates"),
        ({"date": "month", "range": [2020, 2021]}, "has a range that is not two dates"),
        ({"date": "month", "range": ["2020-13", "2021"]}, "has a range that is not two dates"),
        ({"date": "month", "range": ["2022", "2021"]}, "has a range that ends before it begins"),
        ({"date": "day", "range": ["1900", "2021"]}, "has a range that ends before it begins, or of more than"),
    ],
)
def test_a_precision_that_is_not_valid_is_one_sentence(entry: dict[str, object], what: str) -> None:
    with pytest.raises(BadInput) as refused:
        parse_schema({"columns": {"arrival": entry}})
    assert [(fault.column, fault.what.startswith(what)) for fault in refused.value.faults] == [("arrival", True)]
