"""Dates and periods of published tables, as their publisher states them."""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date

from kerege.evidence.sdc.published_tables.sheet import Sheet
from kerege.evidence.sdc.reading.periods import parse_period

DAY = re.compile(r"(\d{4})-(\d\d)-(\d\d)")
NAMED = re.compile(r"(?<!\d)(?:19|20)\d\d(?:-\d\d-\d\d|-\d\d|[-_ ]?[HQ][1-4])?(?!\d)", re.IGNORECASE)
PART = re.compile(r"(\d{4})(?:[-_ ]?([HQ])([1-4])|-(\d\d))?", re.IGNORECASE)
MOST_WORDS = 6  # words that a period has in a file name
MONTHS = {"H": 6, "Q": 3}  # in each part of a year


@dataclass(frozen=True)
class MonthSpan:
    """A period from its first to its last day."""

    first: date
    last: date

    @classmethod
    def parse(cls, text: str) -> MonthSpan | None:
        """Return the period of a text: 2025, 2025-H1, 2025-Q3, 2025-06, a day, or two as `first/last`."""
        ends = [day_of(part) for part in text.strip().split("/")]
        if len(ends) <= 2 and (days := [day for day in ends if day is not None]) and len(days) == len(ends):
            return cls(days[0], days[-1]) if days[0] <= days[-1] else None
        match = PART.fullmatch(text.strip())
        if match is None or int(match[1]) == 0:
            return None
        year, kind, number, month = int(match[1]), (match[2] or "").upper(), int(match[3] or 0), int(match[4] or 0)
        if kind:
            length = MONTHS[kind]
            return cls._months(year, (number - 1) * length + 1, number * length)
        return cls._months(year, month, month) if match[4] else cls._months(year, 1, 12)

    @classmethod
    def in_name(cls, name: str) -> MonthSpan | None:
        """Return the period that the name of a file states, such as `victims-2025-H1`; None for several."""
        if (labelled := _period_in_words(name)) is not None:
            return labelled
        stated = NAMED.findall(name)
        return cls.parse(stated[0]) if len(stated) == 1 else None

    @classmethod
    def _months(cls, year: int, first: int, last: int) -> MonthSpan | None:
        if not 1 <= first <= last <= 12:
            return None
        return cls(date(year, first, 1), date(year, last, calendar.monthrange(year, last)[1]))


def _period_in_words(name: str) -> MonthSpan | None:
    """Return the part of a year that words of a name state, such as `6m_2025`, None without one."""
    words = re.split(r"[\s_]+", name)
    for size in range(min(len(words), MOST_WORDS), 1, -1):
        for start in range(len(words) - size + 1):
            period = parse_period(" ".join(words[start : start + size]))
            if period is not None and period.has_year and not (period.is_open or period.is_whole):
                return MonthSpan(period.first, period.last)
    return None


def day_of(text: str) -> date | None:
    """Return the day of an ISO date, None for any other text."""
    match = DAY.fullmatch(text.strip())
    try:
        return date(*map(int, match.groups())) if match else None
    except ValueError:
        return None


@dataclass(frozen=True)
class TableTime:
    """The people of a table in time: those of a period, or all up to its last day.

    `is_whole` is None if it is not stated. `period` is None without a date.
    """

    period: MonthSpan | None
    is_whole: bool | None

    @classmethod
    def of_sheet(cls, sheet: Sheet) -> TableTime:
        """Return the dates of a table as its publisher states them.

        A table with a reference date counts a whole register. A period alone leaves that open (None).
        """
        is_whole = sheet.is_cumulative
        as_of = MonthSpan.parse(sheet.as_of)
        period = MonthSpan.parse(sheet.period)
        if not (sheet.stated or as_of or period):
            period = MonthSpan.in_name(sheet.name) or MonthSpan.in_name(sheet.release)
        if is_whole is None and sheet.as_of:
            is_whole = True
        return cls(period if is_whole is False else as_of or period, is_whole)
