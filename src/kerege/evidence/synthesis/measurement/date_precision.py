"""Precision of a column of dates: the finest part of a date that records may keep."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from kerege.base.errors import BadInput, Fault
from kerege.base.message_text import listed, shown

PRECISIONS: dict[str, Callable[[date], str]] = {
    "year": lambda day: f"{day.year:04}",
    "half": lambda day: f"{day.year:04}-H{(day.month + 5) // 6}",
    "quarter": lambda day: f"{day.year:04}-Q{(day.month + 2) // 3}",
    "month": lambda day: f"{day.year:04}-{day.month:02}",
    "day": date.isoformat,
}
FINENESS = tuple(PRECISIONS)  # coarsest first
YEARS_FIRST = re.compile(r"(\d{4})(?:\.0)?(?:-(\d{2})(?:-(\d{2})(?:[T ].*)?)?)?")
PERIODS = re.compile(r"(\d{4})-(?:H([12])|Q([1-4]))")
DAYS_FIRST = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})(?: .*)?")
FORM = 'write date = "month" and, if the period is public, range = ["2015-01", "2025-12"]'
MOST_DATES = 20_000


@dataclass(frozen=True)
class DatePrecision:
    """The parts of dates that records keep, with the first and last public date; '' if no range is public."""

    precision: str
    first: str = ""
    last: str = ""

    @property
    def labels(self) -> tuple[str, ...]:
        """Return the public values: all years, months or other parts of the range, () without a range."""
        if not self.first:
            return ()
        first, last = _first_day(self.first), _last_day(self.last)
        write = PRECISIONS[self.precision]
        return tuple(dict.fromkeys(write(first + timedelta(days)) for days in range((last - first).days + 1)))

    def code(self, text: str) -> str | None:
        """Return the part of a date that records keep; None for a text that is no date or states less."""
        year, month, day, stated = _read_parts(text)
        if not year or FINENESS.index(self.precision) > FINENESS.index(stated):
            return None
        try:
            return PRECISIONS[self.precision](date(year, month, day))
        except ValueError:  # no such month or day
            return None

    def describe(self) -> dict[str, object]:
        """Return the keys of a schema file."""
        return {"date": self.precision} | ({"range": [self.first, self.last]} if self.first else {})


def _read_parts(text: str) -> tuple[int, int, int, str]:
    """Return year, month and day of the first day of a text, and its precision; 0 for another text.

    Examples
    --------
    >>> _read_parts("2025-03-07T10:30"), _read_parts("07.03.2025"), _read_parts("2025-Q2"), _read_parts("March")[0]
    ((2025, 3, 7, 'day'), (2025, 3, 7, 'day'), (2025, 4, 1, 'quarter'), 0)
    """
    text = text.strip()
    if match := YEARS_FIRST.fullmatch(text):
        year, month, day = match.groups()
        return int(year), int(month or 1), int(day or 1), "day" if day else "month" if month else "year"
    if match := DAYS_FIRST.fullmatch(text):
        return int(match[3]), int(match[2]), int(match[1]), "day"
    if match := PERIODS.fullmatch(text):
        year, half, quarter = match.groups()
        return (int(year), 6 * int(half) - 5, 1, "half") if half else (int(year), 3 * int(quarter) - 2, 1, "quarter")
    return 0, 0, 0, "year"


def _first_day(text: str) -> date:
    """Return the first day that a text of a range allows. Raise ValueError for another text."""
    year, month, day, _stated = _read_parts(text)
    return date(year, month, day)  # the year 0 is refused too


def _last_day(text: str) -> date:
    """Return the last day that a text of a range allows. Raise ValueError for another text."""
    first, write = _first_day(text), PRECISIONS[_read_parts(text)[3]]
    days = (first + timedelta(days) for days in range(min(366, (date.max - first).days + 1)))
    return max(day for day in days if write(day) == write(first))


def read_precision(entry: Mapping[str, object], name: str, file: str) -> DatePrecision:
    """Return the precision that an entry of a schema file states. Raise BadInput if it is not valid."""
    precision, limits = entry["date"], entry.get("range", ["", ""])
    if not isinstance(precision, str) or precision not in PRECISIONS:
        raise _refuse(f"has a date without a precision ({listed(FINENESS)})", name, file)
    if not (isinstance(limits, list) and len(limits) == 2 and all(isinstance(limit, str) for limit in limits)):
        raise _refuse("has a range that is not two dates", name, file)
    if "range" not in entry:
        return DatePrecision(precision)
    try:
        first, last = _first_day(limits[0]), _last_day(limits[1])
    except ValueError:
        raise _refuse("has a range that is not two dates", name, file) from None
    if not timedelta(0) <= last - first <= timedelta(MOST_DATES):
        raise _refuse(f"has a range that ends before it begins, or of more than {MOST_DATES:,} days", name, file)
    return DatePrecision(precision, *limits)


def _refuse(what: str, name: str, file: str) -> BadInput:
    return BadInput(Fault(what, FORM, file, column=shown(name)))
