"""Days of a whole column: the order of day and month is read from all its cells, never from one."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta
from functools import cache

from babel import Locale
from django.utils import timezone

from kerege.casework.exchange.htcds.columns import file_columns
from kerege.casework.exchange.htcds.read_file import Faults, FileTable, Row
from kerege.vocabulary.labels import fold_label

DAY_FIRST, MONTH_FIRST = "dmy", "mdy"
ORDERS = (DAY_FIRST, MONTH_FIRST)
TWO_NUMBERS = re.compile(r"(\d{1,2})[/-](\d{1,2})[/-](\d{4})(?:[ T]00:00(?::00)?)?")
MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?")
WITH_WORD = re.compile(r"(\d{1,2})[ .\-/]+([^\W\d_]+)[ .\-/,]+(\d{4})(?:\D.*)?")
SERIAL = re.compile(r"(\d{5})(?:\.\d+)?")
SHORT_YEAR = re.compile(r"(\d{1,2}([./-])\d{1,2}\2)(\d{2})")
YEAR_WORD = re.compile(r"\s*(?:г\.?|года|год|ж\.?|жылы?)$", re.IGNORECASE)
FIRST_SERIAL, LAST_SERIAL = 10_000, 73_415  # 18 May 1927 to 31 December 2100
WORD_LANGUAGES = ("en", "fr", "ru", "kk", "ar", "es")


def settle_days(rows: Iterable[Row], table: FileTable, order: str = "") -> Iterator[Row]:
    """Yield rows whose days are written as YYYY-MM-DD; other cells stay.

    A year of two digits is the latest one that has begun, and a note counts them. In a date of birth it stays as it
    is, and so is a fault: 15 can be 1915 or 2015.

    `order` is the answer of the user for columns that do not decide between day and month.
    """
    kinds = {name: column.kind for name, column in file_columns().items() if column.kind in {"date", "birthdate"}}
    dates = kinds.keys()
    kept, short = list(rows), 0
    for _, values in kept:
        for name in dates & values.keys():
            text = YEAR_WORD.sub("", values[name].strip())
            if kinds[name] == "date" and (match := SHORT_YEAR.fullmatch(text)):
                text, short = f"{match[1]}{_whole_year(match[3])}", short + 1
            values[name] = text
    if short:
        table.notes.append(f"years of two digits, read as the latest year that has begun: {short}")
    orders = {name: _order_of(name, kept, table.faults, order) for name in dates}
    for number, values in kept:
        for name in dates & values.keys():
            values[name] = settle_day(values[name].strip(), orders[name]) or values[name]
        yield number, values


def _order_of(name: str, rows: Sequence[Row], faults: Faults, order: str) -> str:
    """Return the order of day and month in a column; add a fault if its cells do not decide."""
    cells = [(number, values[name]) for number, values in rows if name in values]
    pairs = [(number, match) for number, text in cells if (match := TWO_NUMBERS.fullmatch(text.strip()))]
    day_first = [number for number, match in pairs if int(match[1]) > 12]
    month_first = [number for number, match in pairs if int(match[2]) > 12]
    if day_first and month_first:
        what = f"has the day first in row {day_first[0]} and the month first in row {month_first[0]}"
        faults.add(what, "write the days as 2025-07-30", month_first[0], name)
    elif day_first or month_first:
        return DAY_FIRST if day_first else MONTH_FIRST
    elif not order and any(match[1] != match[2] for _, match in pairs):
        what = "does not show which number is the day and which the month"
        faults.add(what, "name the order with --dates dmy or --dates mdy", pairs[0][0], name)
    return order or DAY_FIRST


def settle_day(text: str, order: str) -> str:
    """Return a day as YYYY-MM-DD; '' for a text that is none of the known forms."""
    if match := TWO_NUMBERS.fullmatch(text):
        day, month = (match[1], match[2]) if order == DAY_FIRST else (match[2], match[1])
        return f"{match[3]}-{int(month):02d}-{int(day):02d}"
    if MOMENT.fullmatch(text):
        return _local_day(text)
    if match := SERIAL.fullmatch(text):
        days = int(match[1])
        return str(date(1899, 12, 30) + timedelta(days)) if FIRST_SERIAL <= days <= LAST_SERIAL else ""
    if (match := WITH_WORD.fullmatch(text)) and (month_number := _months().get(fold_label(match[2]))):
        return f"{match[3]}-{month_number:02d}-{int(match[1]):02d}"
    return ""


def _whole_year(two_digits: str) -> int:
    """Return the latest year that ends in two digits and has begun."""
    today = timezone.localdate().year
    year = today - today % 100 + int(two_digits)
    return year if year <= today else year - 100


def _local_day(text: str) -> str:
    """Return the day of a moment, in the time zone of the installation if it names a zone."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return ""
    return str(timezone.localtime(moment).date() if moment.tzinfo else moment.date())


@cache
def _months() -> dict[str, int]:
    """Map the folded names of months, whole and short, to their numbers."""
    known: dict[str, int] = {}
    for language in WORD_LANGUAGES:
        for context in Locale(language).months.values():
            for width in ("wide", "abbreviated"):
                known |= {fold_label(name): number for number, name in context[width].items()}
    return known
