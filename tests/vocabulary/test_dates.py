"""Periods, ages and deadlines."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as some

from kerege.vocabulary import codes, dates

DAYS = some.dates(date(2000, 1, 1), date(2060, 12, 31))


@pytest.mark.parametrize(
    ("age", "band"),
    [
        (0, "0_8"),
        (8, "0_8"),
        (9, "9_17"),
        (17, "9_17"),
        (18, "18_25"),
        (25, "18_25"),
        (26, "26_30"),
        (30, "26_30"),
        (31, "31_40"),
        (40, "31_40"),
        (41, "41_50"),
        (50, "41_50"),
        (51, "51_plus"),
        (120, "51_plus"),
    ],
)
def test_ages_fall_in_their_band(age: int, band: str) -> None:
    assert dates.age_band(age) == band


def test_age_bands_cover_every_age_once_and_adults_begin_at_18() -> None:
    for age in range(121):
        low, high = dates.age_limits(dates.age_band(age))
        assert low <= age <= (high if high is not None else age)
        assert codes.parent("age_band", dates.age_band(age)) == ("adult" if age >= 18 else "child")


def test_a_negative_age_is_an_error() -> None:
    with pytest.raises(ValueError, match="negative"):
        dates.age_band(-1)


@given(DAYS)
def test_every_day_has_a_quarter_and_half_that_can_be_labelled(day: date) -> None:
    assert codes.has("quarter", dates.quarter(day))
    assert codes.has("half", dates.half(day))
    assert (dates.quarter(day)[-1] in "12") == (dates.half(day)[-1] == "1")


@given(DAYS, some.integers(0, 40))
def test_business_days_end_on_a_working_day_and_count_exactly(start: date, days: int) -> None:
    end = dates.add_business_days(start, days)
    between = [start + timedelta(days=step) for step in range(1, (end - start).days + 1)]
    assert sum(day.weekday() < 5 for day in between) == days
    assert days == 0 or end.weekday() < 5


def test_holidays_do_not_count() -> None:
    assert dates.add_business_days(date(2026, 5, 8), 1, lambda day: day == date(2026, 5, 11)) == date(2026, 5, 12)


@pytest.mark.parametrize(
    ("start", "months", "end"),
    [
        (date(2025, 1, 15), 6, date(2025, 7, 15)),
        (date(2025, 8, 31), 6, date(2026, 2, 28)),
        (date(2023, 8, 31), 6, date(2024, 2, 29)),
        (date(2025, 5, 31), 1, date(2025, 6, 30)),
        (date(2025, 12, 31), 12, date(2026, 12, 31)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2025, 3, 31), 9, date(2025, 12, 31)),
    ],
)
def test_adding_months_stops_at_the_last_day_of_a_shorter_month(start: date, months: int, end: date) -> None:
    assert dates.add_months(start, months) == end
