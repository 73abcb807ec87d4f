"""Dates and times of day as pages, letters and messages write them: one format for each language."""

from __future__ import annotations

from datetime import date, datetime
from typing import NamedTuple

from django.utils import timezone
from django.utils.formats import date_format

YEAR, MONTH, DAY = "year", "month", "day"


class PartialDate(NamedTuple):
    """Date and its precision; an unknown month or day is 1."""

    date: date
    precision: str


def words(value: date, precision: str = DAY) -> str:
    """Return `14 March 2025`, `March 2025` or `2025` in the active language."""
    if precision == YEAR:
        return str(value.year)
    if precision == MONTH:
        return date_format(value, "YEAR_MONTH_FORMAT")
    return date_format(value, "DATE_FORMAT")


def with_time(value: datetime, *, seconds: bool = False) -> str:
    """Return `14 March 2025, 09:05` in the active language, in the time of the programme."""
    return f"{words(local(value).date())}, {clock(value, seconds=seconds)}"


def clock(value: datetime, *, seconds: bool = False) -> str:
    """Return `09:05`, or `09:05:17`: 24 hours in every language."""
    return f"{local(value):%H:%M:%S}" if seconds else f"{local(value):%H:%M}"


def numeric(value: date) -> str:
    """Return `14.03.2025`, for a language whose month names Django does not know."""
    return f"{value:%d.%m.%Y}"


def local(value: datetime) -> datetime:
    """Return the time in the time zone of the programme; a time without a zone is returned as it is."""
    return timezone.localtime(value) if timezone.is_aware(value) else value


def iso(value: date, precision: str = DAY) -> str:
    """Return the date in ISO 8601, cut at the precision."""
    return value.isoformat()[: {YEAR: 4, MONTH: 7}.get(precision, 10)]
