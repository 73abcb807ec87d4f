"""Periods, ages and deadlines as the law and the statistics cut them."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable
from datetime import date, timedelta

from kerege.vocabulary import codes


def age_band(age: int) -> str:
    """The band of an age in whole years. Raises ValueError for a negative one."""
    if age < 0:
        raise ValueError("an age is not negative")
    for band in codes.code_list("age_band").codes.values():
        if not band.extras["high"] or age <= int(band.extras["high"]):
            return band.code
    raise AssertionError("the last age band is open")


def age_limits(band: str) -> tuple[int, int | None]:
    """First and last year of age of a band; None where it is open."""
    extras = codes.code_list("age_band").codes[band].extras
    return int(extras["low"]), int(extras["high"]) if extras["high"] else None


def quarter(day: date) -> str:
    """`2025-Q1`."""
    return f"{day.year}-Q{(day.month + 2) // 3}"


def half(day: date) -> str:
    """`2025-H1`."""
    return f"{day.year}-H{1 if day.month <= 6 else 2}"


def add_months(start: date, months: int) -> date:
    """The same day so many months later; where the month is shorter, its last day (31 August + 6: end of February)."""
    count = start.year * 12 + start.month - 1 + months
    year, month = divmod(count, 12)
    return date(year, month + 1, min(start.day, monthrange(year, month + 1)[1]))


def add_business_days(start: date, days: int, holiday: Callable[[date], bool] = lambda day: False) -> date:
    """The day that many business days after `start`: Saturdays, Sundays and holidays do not count."""
    day = start
    while days > 0:
        day += timedelta(days=1)
        if day.weekday() < 5 and not holiday(day):
            days -= 1
    return day
