"""Stocks at two dates of a year that is not stated, as `At 1 January` and `At 31 December`.

Each counts everybody at its date, so they are no parts of one total. The report needs days: they get the year of the
table, or an invented one that a note names.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from kerege.base.message_text import listed, shown
from kerege.evidence.counting.frequency_table import TOTAL
from kerege.evidence.sdc.reading.column_names import folded
from kerege.evidence.sdc.reading.periods import month_of
from kerege.evidence.sdc.reading.published_rows import PublishedRows, rows_with_codes

SOME_YEAR = 2000  # in place of a year that nothing states
_FIRST, _LAST = (1, 1), (12, 31)
_YEAR = (
    r"(?:of\s+|the\s+|a\s+|reporting\s+|отч[её]тного\s+|есепті\s+)*"
    r"(?:year|period|года|периода|жыл(?:дың)?|кезең(?:нің)?)"
)
_BEGIN = re.compile(
    rf"(?:(?:at|on|by|as at|as of)\s+)?(?:the\s+)?(?:beginning|start|opening)(?:\s+{_YEAR}|\s+balance|\s+stock)?"
    rf"|opening (?:balance|stock)|(?:на|к)\s+начал[оу](?:\s+{_YEAR})?|{_YEAR}\s+бас(?:ы|ына|ында)",
    re.I,
)
_END = re.compile(
    rf"(?:(?:at|on|by|as at|as of)\s+)?(?:the\s+)?(?:end|close|closing)(?:\s+{_YEAR}|\s+balance|\s+stock)?"
    rf"|closing (?:balance|stock)|(?:на|к)\s+кон(?:ец|цу)(?:\s+{_YEAR})?|{_YEAR}\s+(?:соңы|соңына|соңында|аяғы\w*)",
    re.I,
)
_AT = r"(?:(?:as of|as at|at|on|by|на|к|по состоянию на)\s+)?"
_CASE = r"(?:[ғгқк][ае])?"
_DAY = re.compile(rf"{_AT}(\d{{1,2}})(?:st|nd|rd|th|-?ші|-?го)?\s+(?:of\s+)?([^\W\d]+?){_CASE}")
_MONTH_FIRST = re.compile(rf"{_AT}([^\W\d]+)\s+(\d{{1,2}})(?:st|nd|rd|th)?")
_NUMBERS = re.compile(r"(?:as of|as at|at|on|на|к|по состоянию на)?\s*(\d{2})\.(\d{2})\.?")


_FIRST_VERSION = re.compile(
    r"initial|preliminary|provisional|first (?:release|estimate)|предварительн\w+|первоначальн\w+|алдын ала", re.I
)
_LAST_VERSION = re.compile(
    r"revised|final|corrected|updated|уточн[её]нн\w+|уточнено|окончательн\w+|итогов\w+|нақтыланған|түпкілікті", re.I
)


def stock_day(label: str) -> tuple[int, int] | None:
    """Return the month and the day of a date without a year, None for any other label.

    Examples
    --------
    >>> stock_day("At 1 January"), stock_day("На конец года"), stock_day("1 January 2024")
    ((1, 1), (12, 31), None)
    """
    text = folded(label)
    if _BEGIN.fullmatch(text) or _FIRST_VERSION.fullmatch(text):
        return _FIRST
    if _END.fullmatch(text) or _LAST_VERSION.fullmatch(text):
        return _LAST
    if match := _DAY.fullmatch(text):
        return _checked(month_of(match[2]), int(match[1]))
    if match := _MONTH_FIRST.fullmatch(text):
        return _checked(month_of(match[1]), int(match[2]))
    if match := _NUMBERS.fullmatch(text):
        day = _checked(int(match[2]), int(match[1]))
        return day if day and (day[1] == 1 or day == _LAST or not text[0].isdigit()) else None
    return None


def _checked(month: int, day: int) -> tuple[int, int] | None:
    try:
        date(SOME_YEAR, month, day)
    except ValueError:
        return None
    return month, day


def with_dated_stocks(rows: PublishedRows, year: int | None) -> PublishedRows:
    """Return the rows with `up to 2024-12-31` for `At 31 December`, in columns of such dates alone.

    Stocks beside flows, as `Arrived`, give the flows by their difference: with a suppressed figure they are undecided.

    `year` is that of the table, None if nothing states it. The first day of a month means the end of the day before.
    """
    for d, name in enumerate(rows.by):
        labels = [code for code in dict.fromkeys(rows.codes[d]) if code != TOTAL]
        days = {label: day for label in labels if (day := stock_day(label)) is not None}
        if len(labels) > 1 and len(set(days.values())) == len(labels):
            dated = {label: _up_to(year or SOME_YEAR, *day) for label, day in days.items()}
            rows = replace(rows_with_codes(rows, d, dated), notes=(*rows.notes, _note(name, labels, year)))
        elif {_FIRST, _LAST} <= {*days.values()} and any(figure.lower < figure.upper for figure in rows.counts):
            rows = replace(rows, unread=(*rows.unread, shown(name)))  # flows between two stocks
    return rows


def _up_to(year: int, month: int, day: int) -> str:
    end = date(year, month, day)
    return f"up to {(date.fromordinal(end.toordinal() - 1) if day == 1 else end).isoformat()}"


def _note(name: str, labels: Sequence[str], year: int | None) -> str:
    unknown = "" if year else f" The year is not stated, so the report says {SOME_YEAR}."
    stocks = listed([shown(label) for label in labels])
    return f"Column {shown(name)}: {stocks} are read as everybody at these dates of one year.{unknown}"
