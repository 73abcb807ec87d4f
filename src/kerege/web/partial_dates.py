"""Dates known to the year, the month or the day, in the active language."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from django.utils.formats import date_format

YEAR, MONTH, DAY = "year", "month", "day"
PRECISIONS = (YEAR, MONTH, DAY)


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


def iso(value: date, precision: str = DAY) -> str:
    """Return the date in ISO 8601, cut at the precision."""
    return value.isoformat()[: {YEAR: 4, MONTH: 7}.get(precision, 10)]
