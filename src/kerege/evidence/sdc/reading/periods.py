"""Periods as labels: `2025`, `2025-H1`, `January-June 2025`, `9 месяцев 2025`, `As of 31.12.2024`.

A period is a band of days. 2025 and 2025-H1 then overlap as the ages 15-24 and 15-17 do. A label up to a date holds all
earlier days too. A label without a year is a part of some year, which its column or its table states.
"""

from __future__ import annotations

import calendar
import math
import re
from dataclasses import dataclass, replace
from datetime import date
from functools import cache

from kerege.evidence.sdc.reading.bands import NumberBand

NO_YEAR = 1  # in place of a year that a label does not state
MONTHS = (
    r"jan(?:uary)?|январ[ьяюе]|янв|қаңтар",
    r"feb(?:ruary)?|феврал[ьяюе]|фев|ақпан",
    r"mar(?:ch)?|март[ауе]?|мар|наурыз",
    r"apr(?:il)?|апрел[ьяюе]|апр|сәуір",
    r"may|ма[йяюе]|мамыр",
    r"june?|июн[ьяюе]|июн|маусым",
    r"july?|июл[ьяюе]|июл|шілде",
    r"aug(?:ust)?|август[ауе]?|авг|тамыз",
    r"sept?(?:ember)?|сентябр[ьяюе]|сент?|қыркүйек",
    r"oct(?:ober)?|октябр[ьяюе]|окт|қазан",
    r"nov(?:ember)?|ноябр[ьяюе]|нояб?|қараша",
    r"dec(?:ember)?|декабр[ьяюе]|дек|желтоқсан",
)
NAMES = tuple(calendar.month_name)[1:]
_CASE = r"(?:ға|ге|қа|ке|на|не|ды|ді|дың|дің|нің|ның|да|де|та|те|дағы|дегі|тағы|тегі|нан|нен|дан|ден|тан|тен)?"
_ORDINALS = (
    r"1|1st|first|i|перв\w+|бірінші",
    r"2|2nd|second|ii|втор\w+|екінші",
    r"3|3rd|third|iii|трет\w+|үшінші",
    r"4|4th|fourth|iv|четв[её]рт\w+|төртінші",
)
_ENDING = r"(?:\s*-?\s*(?:е|й|я|ое|ий|ый|ая|го|ші))?\s*-?\s*"
_HALF = r"(?:half(?:[- ]?years?)?|semesters?|полугоди[еяю]|жарты\s?жылды[қғ]\w*)"
_QUARTER = r"(?:quarters?|qtr|квартал[ауе]?|кв|тоқсан\w*)"
_MONTHS_LONG = r"(?:months?|месяц(?:а|ев|ы)?|мес|ай\w{0,4})"
_YEAR = r"(?:19|20)\d\d"
_YEAR_WORDS = r"(?:г(?:г|ода?м?|оду|оды|одов)?\.?|years?|жылғы|жылдың|жылда\w*|жылы|жылға|жыл|жж?\.)"
_WHOLE_YEAR = re.compile(
    r"year[- ]to[- ]date|ytd|с начала года|жыл басынан(?: бері)?|jan-dec"
    r"|(?:full|whole|entire|весь|бүкіл|за)?\s*(?:year|annual|год|жыл|бір жыл|в год)",
    re.I,
)
_UP_TO = re.compile(
    r"^(?:cumulative(?:ly)?\s+|накопленным итогом\s+|всего\s+)?"
    r"(?:(?:as (?:of|at|on)|up to|until|till|through|by|to|at|the|end of|по состоянию|на конец|на|по|к)\s+)+",
    re.I,
)
_BEFORE = re.compile(r"^(?:before|prior to|earlier than|до|ранее)\s+", re.I)
_SINCE = re.compile(r"^(?:since|from|after|начиная с|с)\s+(?!.*\b(?:to|through|until|по)\b)", re.I)
_UP_TO_KAZAKH = re.compile(r"\s*(?:жағдай бойынша|(?:дейін|дейінгі)|қарай|соңына\w*)$", re.I)
_FILLERS = re.compile(r"\b(?:of|for|in|the|during|период|period|за|в|с|from|и|на)\b(?!-)|,", re.I)
_REMARK = re.compile(r"\s*\([^()\d]*\)$|\s+(?:prelim\w*|provis\w*|estimate\w*|предв\w*|оценка|алдын ала)\.?$", re.I)
_RANGE = re.compile(r"\s*(?:-|/|\bto\b|\bthrough\b|\buntil\b|\bпо\b)\s*", re.I)
_HINT = re.compile(
    rf"{_YEAR}|\b[1-4]?[hqs][1-4]?\b|{_HALF}|{_QUARTER}|\d m|\dm|{_MONTHS_LONG}|year|annual|год|жыл|{'|'.join(MONTHS)}",
    re.I,
)
_SUM = re.compile(  # words for a subtotal: `Q1 total`, `итого за I квартал`
    r"^(?:sub-?total|total|итого|всего)(?:\s*(?:for|за|,|:))?\s+(?=\S)|[\s,]+(?:sub-?total|total|итого|всего|барлығы)$"
)
_PART = re.compile(r"(?:([hqmn])(\d{1,2})|(full))", re.I)


@dataclass(frozen=True)
class LabelledPeriod:
    """The days that a label names, and whether it states their year.

    `needs_column` says that the label can name something else in other columns, as `9 months`.
    """

    first: date
    last: date
    has_year: bool = True
    is_whole: bool = False  # everybody up to its last day
    is_open: bool = False  # without a last day
    needs_column: bool = False

    @property
    def band(self) -> NumberBand:
        """Return the days as a band of numbers."""
        low = 0 if self.is_whole else self.first.toordinal()
        return NumberBand(low, math.inf if self.is_open else self.last.toordinal())

    @property
    def years(self) -> set[int]:
        """Return the years that the label states."""
        return {self.first.year, self.last.year} if self.has_year else set()

    @property
    def is_day(self) -> bool:
        """Return whether the label is a date alone."""
        return self.first == self.last

    @property
    def is_day_of_register(self) -> bool:
        """Return whether the label is the first or the last day of a month, as dates of a register are."""
        return self.is_day and (self.last.day == 1 or self.last == _month_end(self.last.year, self.last.month))

    def in_year(self, year: int) -> LabelledPeriod:
        """Return the same part of a stated year."""
        last = _month_end(year, self.last.month)
        return replace(self, first=self.first.replace(year=year), last=last, has_year=True, needs_column=False)

    def up_to_end(self) -> LabelledPeriod:
        """Return everybody up to the last day; the first day of a month is the end of the month before."""
        last = self.last
        if self.is_day and last.day == 1 and last > date(2, 1, 1):
            last = date.fromordinal(last.toordinal() - 1)
        return replace(self, last=last, is_whole=True)

    @property
    def label(self) -> str:
        """Return the period in its usual form, which any column can have."""
        if self.is_whole:
            return f"up to {self.last.isoformat()}"
        if not self.has_year:
            return "-".join(dict.fromkeys((NAMES[self.first.month - 1], NAMES[self.last.month - 1])))
        if self.is_open:
            return f"since {self.first.isoformat()}"
        parts = {(1, 12): "", (1, 6): "-H1", (7, 12): "-H2"} | {(3 * q - 2, 3 * q): f"-Q{q}" for q in range(1, 5)}
        part = parts.get((self.first.month, self.last.month))
        if (
            part is None
            or replace(self, last=_month_end(self.first.year, self.last.month)) != self
            or self.first.day > 1
        ):
            return f"{self.first.isoformat()}/{self.last.isoformat()}"
        return f"{self.first.year}{part}"


def _month_end(year: int, month: int) -> date:
    return date(year, month, calendar.monthrange(year, month)[1])


@cache
def parse_period(text: str) -> LabelledPeriod | None:
    """Return the period that a label names, None if it names none."""
    if not _HINT.search(text):
        return None
    label = _plain(text)
    label, is_kazakh = _UP_TO_KAZAKH.subn("", label)
    for pattern, read in ((_UP_TO, _up_to), (_BEFORE, _before), (_SINCE, _since)):
        rest = pattern.sub("", label, count=1)
        if rest != label and (period := _span(rest)) is not None:
            return read(period)
    period = _span(label)
    return period.up_to_end() if period is not None and is_kazakh else period


@cache
def month_of(word: str) -> int:
    """Return the number of a month by its name or its short form, 0 for any other word."""
    return next((number for number, names in enumerate(MONTHS, 1) if re.fullmatch(names, word, re.I)), 0)


def states_cumulation(name: str) -> bool:
    """Return whether the name of a column says that its dates are those of a register, as `As of`."""
    return _UP_TO.match(f"{name.strip()} ") is not None or "жағдай бойынша" in name.casefold()


def _up_to(period: LabelledPeriod) -> LabelledPeriod:
    return period.up_to_end() if period.has_year else replace(period, first=date(NO_YEAR, 1, 1))


def _before(period: LabelledPeriod) -> LabelledPeriod | None:
    if not period.has_year:
        return None
    last = period.last if period.is_day else date.fromordinal(period.first.toordinal() - 1)
    return replace(period, last=last, is_whole=True)


def _since(period: LabelledPeriod) -> LabelledPeriod | None:
    return replace(period, is_open=True) if period.has_year else None


def _plain(text: str) -> str:
    """Return a label with ISO dates and short forms for halves, quarters and months."""
    label = re.sub(r"[–—−]", "-", " ".join(text.casefold().split()))
    label = _SUM.sub("", _REMARK.sub("", label).strip(" .,:;*"))
    label = re.sub(rf"({_YEAR})\s*-?\s*{_YEAR_WORDS}(?!\w)", r"\1", label)
    label = re.sub(rf"(?:calendar |отчётный |отчетный )?(?<![-\w])(?:year|год|жыл)\s+(?={_YEAR})", "", label)
    for number, names in enumerate(MONTHS, 1):
        label = re.sub(rf"(?<!\w)(?:{names}){_CASE}\b\.?", f"m{number}", label)
    label = re.sub(r"\b(\d{1,2}) m(\d{1,2})\s*-\s*(?=\d{1,2} m\d{1,2} (\d{4}))", _first_day, label)
    label = re.sub(r"\b(\d{1,2})(?:st|nd|rd|th)?(?: of)? m(\d{1,2}),? (\d{4})\b", _day_month_year, label)
    label = re.sub(r"\bm(\d{1,2}) (\d{1,2})(?:st|nd|rd|th)?,? (\d{4})\b", _month_day_year, label)
    label = re.sub(r"\b(\d{4}) (\d{1,2}) m(\d{1,2})\b", _year_day_month, label)
    label = re.sub(r"\b(\d{1,2})[./](\d{1,2})[./](\d{4})\b", _day_month_year, label)
    label = re.sub(rf"^end[- ](?={_YEAR})", "end of ", label)
    return _short_parts(label)


def _short_parts(label: str) -> str:
    """Return a label with `h1`, `q3` and `n9` for a half, a quarter and the first months of a year."""
    label = re.sub(r"\b(?:hy|h|s)([12])\b|\b([12])\s?h(?:y)?(?=\d{4}|\b)", lambda m: f" h{m[1] or m[2]} ", label)
    label = re.sub(r"(?<=\d{4})(h|q)([1-4])\b", r" \1\2", label)
    label = re.sub(r"\b([1-4])\s?q(?=\d{4}|\b)", r"q\1 ", label)
    label = re.sub(
        rf"(?<=\d{{4}})[- ]?m(\d{{1,2}})\b(?! {_YEAR})|\b([1-9]|1[0-2])m(?=(?:\s|{_YEAR}|$))", _months_short, label
    )
    for number, ordinal in enumerate(_ORDINALS, 1):
        for kind, word in (("h", _HALF), ("q", _QUARTER)):
            spelled = rf"(?<!\w)(?:{ordinal}){_ENDING}{word}(?!\w)\.?|{word}\.?\s*(?:{ordinal})(?!\w)"
            label = re.sub(spelled, f"{kind}{number}", label)
    for number, ordinal in enumerate(_ORDINALS, 1):
        label = re.sub(rf"(?<!\w)(?:{ordinal})\s*-\s*(?=(h|q)[1-4])", rf"\g<1>{number}-", label)
    label = re.sub(rf"(?:first |перв\w+ )?\b(\d{{1,2}}) {_MONTHS_LONG}(?!\w)\.?", r"n\1", label)
    return label


def _months_short(match: re.Match[str]) -> str:
    return f" m{int(match[1])}" if match[1] else f"n{match[2]} "


def _iso(year: str, month: str, day: str) -> str:
    try:
        return date(int(year), int(month), int(day)).isoformat()
    except ValueError:
        return "no date"


def _day_month_year(match: re.Match[str]) -> str:
    return _iso(match[3], match[2], match[1])


def _first_day(match: re.Match[str]) -> str:
    return f"{_iso(match[3], match[2], match[1])}/"


def _month_day_year(match: re.Match[str]) -> str:
    return _iso(match[3], match[1], match[2])


def _year_day_month(match: re.Match[str]) -> str:
    return _iso(match[1], match[3], match[2])


def _span(text: str) -> LabelledPeriod | None:
    """Return the period from one point to another, or that of one point."""
    if _WHOLE_YEAR.fullmatch(text.strip()):
        text = "full"
    if match := re.fullmatch(rf"({_YEAR})[-./ ]?(0[1-9]|1[0-2])|(0[1-9]|1[0-2])[./]({_YEAR})", text.strip()):
        year, month = int(match[1] or match[4]), int(match[2] or match[3])
        return None if month == year % 100 + 1 else _months(year, month, month)  # 2010-11 can be two years
    if days := re.fullmatch(
        r"(\d{4}-\d\d-\d\d)(?:\s*(?:-|/|to|по)\s*(\d{4}-\d\d-\d\d))?", _FILLERS.sub("", text).strip()
    ):
        first, last = (date.fromisoformat(day) for day in (days[1], days[2] or days[1]))
        return LabelledPeriod(first, last) if first <= last else None
    text = re.sub(rf"({_YEAR})\s*[-_/]\s*(?=[hqmn]\d+(?![\d ]+{_YEAR}))", r"\1 ", _FILLERS.sub(" ", text))
    text = re.sub(rf"([hqmn]\d+)\s*[-_/]\s*(?={_YEAR})", r"\1 ", text)
    points = [_point(part) for part in _RANGE.split(text.strip())]
    if len(points) == 1:
        return points[0]
    first_point, last_point = points if len(points) == 2 else (None, None)
    return _joined(first_point, last_point) if first_point and last_point else None


def _joined(first: LabelledPeriod, last: LabelledPeriod) -> LabelledPeriod | None:
    """Return the period from one to another; a year that only one of them states is that of both."""
    if first.has_year != last.has_year:
        first, last = (
            (first, last.in_year(first.first.year)) if first.has_year else (first.in_year(last.first.year), last)
        )
    return replace(first, last=last.last) if first.first <= last.last else None


def _point(text: str) -> LabelledPeriod | None:
    """Return the period of a year, a part of a year, or both, in any order."""
    tokens = text.split()
    years = [int(token) for token in tokens if re.fullmatch(_YEAR, token)]
    parts = [match for token in tokens if (match := _PART.fullmatch(token))]
    if len(years) > 1 or len(parts) > 1 or not tokens or len(years) + len(parts) < len(tokens):
        return None
    first, last = _months_of(parts[0]) if parts else (1, 12)
    if not 1 <= first <= last <= 12:
        return None
    needs_column = not years and (parts[0][3] is not None or parts[0][1] == "n")
    return _months(years[0] if years else NO_YEAR, first, last, has_year=bool(years), needs_column=needs_column)


def _months_of(part: re.Match[str]) -> tuple[int, int]:
    """Return the first and the last month of a part of a year."""
    if part[3]:
        return 1, 12
    kind, number = part[1], int(part[2])
    length = {"h": 6, "q": 3, "m": 1, "n": number}[kind]
    return (1, number) if kind == "n" else ((number - 1) * length + 1, number * length)


def _months(year: int, first: int, last: int, *, has_year: bool = True, needs_column: bool = False) -> LabelledPeriod:
    return LabelledPeriod(date(year, first, 1), _month_end(year, last), has_year=has_year, needs_column=needs_column)
