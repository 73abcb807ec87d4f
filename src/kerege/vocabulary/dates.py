"""Periods, age bands and deadlines of the law and the statistics."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable
from datetime import date, timedelta

from kerege.vocabulary import codes


def age_band(age: int) -> str:
    """Return the band of an age in whole years; raises ValueError for a negative age."""
    if age < 0:
        raise ValueError("an age is not negative")
    for band in codes.code_list("age_band").codes.values():
        if not band.extras["high"] or age <= int(band.extras["high"]):
            return band.code
    raise AssertionError("the last age band is open")


def age_limits(band: str) -> tuple[int, int | None]:
    """Return the first and last year of age of a band; None for an open end."""
    extras = codes.code_list("age_band").codes[band].extras
    return int(extras["low"]), int(extras["high"]) if extras["high"] else None


def quarter(day: date) -> str:
    """Return the quarter of a day, such as `2025-Q1`."""
    return f"{day.year}-Q{(day.month + 2) // 3}"


def half(day: date) -> str:
    """Return the half-year of a day, such as `2025-H1`."""
    return f"{day.year}-H{1 if day.month <= 6 else 2}"


def add_months(start: date, months: int) -> date:
    """Return the same day that many months later, or the last day of a shorter month.

    31 August plus 6 months is the end of February.
    """
    count = start.year * 12 + start.month - 1 + months
    year, month = divmod(count, 12)
    return date(year, month + 1, min(start.day, monthrange(year, month + 1)[1]))


def add_business_days(start: date, days: int, holiday: Callable[[date], bool] = lambda day: False) -> date:
    """Return the day that many business days after `start`, without weekends and holidays."""
    day = start
    while days > 0:
        day += timedelta(days=1)
        if day.weekday() < 5 and not holiday(day):
            days -= 1
    return day
