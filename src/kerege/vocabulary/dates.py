"""Periods, age bands and deadlines of the law and the statistics."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable, Collection
from datetime import date, timedelta

from kerege.vocabulary import codes

WEEKEND = (5, 6)  # Saturday and Sunday


def age_band(age: int) -> str:
    """Return the band of an age.

    Parameters
    ----------
    age : int
        Age in whole years, 0 or more.

    Returns
    -------
    str
        A code of the list `age_band`.

    Raises
    ------
    ValueError
        If the age is negative.

    Examples
    --------
    >>> age_band(17), age_band(18), age_band(90)
    ('9_17', '18_25', '51_plus')
    """
    if age < 0:
        raise ValueError("an age is not negative")
    for band in codes.code_list("age_band").codes.values():
        if not band.extras["high"] or age <= int(band.extras["high"]):
            return band.code
    raise AssertionError("the last age band is open")


def age_limits(band: str) -> tuple[int, int | None]:
    """Return the first and the last year of age of a band.

    Parameters
    ----------
    band : str
        A code of the list `age_band`.

    Returns
    -------
    tuple of int
        First and last age in whole years. The last age is None for the open band.

    Raises
    ------
    KeyError
        If there is no such band.

    Examples
    --------
    >>> age_limits("9_17"), age_limits("51_plus")
    ((9, 17), (51, None))
    """
    extras = codes.code_list("age_band").codes[band].extras
    return int(extras["low"]), int(extras["high"]) if extras["high"] else None


def quarter(day: date) -> str:
    """Return the quarter of a day.

    Parameters
    ----------
    day : date
        Any day.

    Returns
    -------
    str
        Year and quarter, as SDMX writes them.

    Examples
    --------
    >>> quarter(date(2025, 3, 31))
    '2025-Q1'
    """
    return f"{day.year}-Q{(day.month + 2) // 3}"


def half(day: date) -> str:
    """Return the half-year of a day.

    Parameters
    ----------
    day : date
        Any day.

    Returns
    -------
    str
        Year and half-year.

    Examples
    --------
    >>> half(date(2025, 7, 1))
    '2025-H2'
    """
    return f"{day.year}-H{1 if day.month <= 6 else 2}"


def add_months(start: date, months: int) -> date:
    """Return the same day that many months later, or the last day of a shorter month.

    Parameters
    ----------
    start : date
        First day.
    months : int
        Number of months; negative for an earlier day.

    Returns
    -------
    date
        The day of the same number, or the last day of its month.

    Raises
    ------
    ValueError
        If the result is before year 1 or after year 9999.

    Examples
    --------
    >>> add_months(date(2025, 8, 31), 6)
    datetime.date(2026, 2, 28)
    """
    count = start.year * 12 + start.month - 1 + months
    year, month = divmod(count, 12)
    return date(year, month + 1, min(start.day, monthrange(year, month + 1)[1]))


def add_business_days(
    start: date, days: int, holiday: Callable[[date], bool] = lambda day: False, weekend: Collection[int] = WEEKEND
) -> date:
    """Return the day that many business days after `start`, without weekends and holidays.

    Parameters
    ----------
    start : date
        Day before the first counted day.
    days : int
        Number of business days; for 0 or less the result is `start`.
    holiday : function of a date
        Whether a day is a public holiday. Default: no day is.
    weekend : collection of int
        Weekdays that are free, at most six; Monday is 0. Default: Saturday and Sunday.

    Returns
    -------
    date
        The last counted day. Days of the weekend and holidays are not counted.

    Examples
    --------
    >>> add_business_days(date(2026, 11, 27), 1)  # a Friday
    datetime.date(2026, 11, 30)
    >>> add_business_days(date(2026, 11, 26), 1, weekend=(4, 5))  # a Thursday before a free Friday
    datetime.date(2026, 11, 29)
    """
    day = start
    while days > 0:
        day += timedelta(days=1)
        if day.weekday() not in weekend and not holiday(day):
            days -= 1
    return day
