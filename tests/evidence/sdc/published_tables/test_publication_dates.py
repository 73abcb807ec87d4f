"""Dates and periods as publishers write them."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kerege.evidence.sdc.published_tables.publication_dates import MonthSpan, TableTime, day_of
from tests.evidence import made_sheets


def ends(text: str) -> tuple[str, str] | None:
    """Return the first and the last day of a text, in ISO form."""
    period = MonthSpan.parse(text)
    return None if period is None else (period.first.isoformat(), period.last.isoformat())


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2025", ("2025-01-01", "2025-12-31")),
        ("2025-H1", ("2025-01-01", "2025-06-30")),
        ("2025 h2", ("2025-07-01", "2025-12-31")),
        ("2025Q1", ("2025-01-01", "2025-03-31")),
        ("2025_Q4", ("2025-10-01", "2025-12-31")),
        ("2024-02", ("2024-02-01", "2024-02-29")),
        ("2025-06-30", ("2025-06-30", "2025-06-30")),
        ("2025-01-15/2025-03-01", ("2025-01-15", "2025-03-01")),
        (" 2025 ", ("2025-01-01", "2025-12-31")),
    ],
)
def test_a_text_states_its_first_and_its_last_day(text: str, expected: tuple[str, str]) -> None:
    assert ends(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        *("", "x", "25", "2025-13", "2025-00", "2025-H3", "2025-Q5", "2025-H0", "0000", "2025-02-30", "2025-Q"),
        *("2025-03-01/2025-01-15", "2025-01-01/2025-02-01/2025-03-01", "2025-01-01/x", "2025-1"),
    ],
)
def test_a_text_that_is_no_period_states_none(text: str) -> None:
    assert ends(text) is None


@settings(max_examples=30, deadline=None)
@given(st.integers(1900, 2099))
def test_the_parts_of_a_year_follow_one_another_without_a_gap(year: int) -> None:
    for parts in (["H1", "H2"], ["Q1", "Q2", "Q3", "Q4"], [f"{month:02}" for month in range(1, 13)]):
        periods = [MonthSpan.parse(f"{year}-{part}") for part in parts]
        assert all(periods)
        whole = MonthSpan.parse(str(year))
        assert whole is not None
        assert (periods[0].first, periods[-1].last) == (whole.first, whole.last)  # type: ignore[union-attr]
        for earlier, later in pairwise(periods):
            assert later.first - earlier.last == timedelta(days=1)  # type: ignore[union-attr]
    february = MonthSpan.parse(f"{year}-02")
    assert february is not None
    assert february.last.day == monthrange(year, 2)[1]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("victims-2025-H1", "2025-H1"),
        ("victims_2025", "2025"),
        ("victims-2025-06-30", "2025-06-30"),
        ("victims-2025-06", "2025-06"),
        ("victims2025q3", "2025q3"),
        ("2024-2025", None),
        ("victims-12025", None),
        ("victims", None),
        ("victims-1825", None),
    ],
)
def test_the_name_of_a_file_states_a_period_if_it_names_one(name: str, expected: str | None) -> None:
    assert MonthSpan.in_name(name) == (None if expected is None else MonthSpan.parse(expected))


def test_a_day_is_an_iso_date() -> None:
    assert day_of(" 2025-02-28 ") == date(2025, 2, 28)
    assert [day_of(text) for text in ("2025-02-29", "2025-2-1", "28.02.2025", "")] == [None] * 4


YEAR, DAY = MonthSpan.parse("2025"), MonthSpan.parse("2025-06-30")


@pytest.mark.parametrize(
    ("stated", "expected"),
    [
        ({"as_of": "2025-06-30"}, (DAY, True)),
        ({"as_of": "2025-06-30", "period": "2025"}, (DAY, True)),
        ({"period": "2025"}, (YEAR, None)),
        ({"period": "2025", "is_cumulative": False}, (YEAR, False)),
        ({"period": "2025", "is_cumulative": True}, (YEAR, True)),
        ({"as_of": "2025-06-30", "period": "2025", "is_cumulative": False}, (YEAR, False)),
        ({}, (None, None)),
        ({"name": "t-2025"}, (None, None)),  # a stated table says its period elsewhere
        ({"stated": False, "name": "t-2025"}, (YEAR, None)),
        ({"stated": False, "release": "r 2025"}, (YEAR, None)),
        ({"stated": False, "name": "t-2025-06-30", "release": "r 2025"}, (DAY, None)),
        ({"stated": False, "period": "2025"}, (YEAR, None)),
        ({"stated": False, "as_of": "2025-06-30"}, (DAY, True)),
    ],
)
def test_a_table_counts_a_whole_register_or_a_period_as_it_is_stated(
    stated: dict[str, object], expected: tuple[MonthSpan | None, bool | None]
) -> None:
    assert TableTime.of_sheet(made_sheets.sheet((), {(): 3}, **stated)) == TableTime(*expected)
