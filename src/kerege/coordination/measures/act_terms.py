"""Deadlines and bodies of an act, read from its words in Kazakh, Russian or English."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from kerege.vocabulary.dates import add_months

MONTHS = (
    ("январ", "қаңтар", "januar"),
    ("феврал", "ақпан", "februar"),
    ("март", "наурыз", "march"),
    ("апрел", "сәуір", "april"),
    ("ма", "мамыр", "may"),
    ("июн", "маусым", "june"),
    ("июл", "шілде", "july"),
    ("август", "тамыз", "august"),
    ("сентябр", "қыркүйек", "september"),
    ("октябр", "қазан", "october"),
    ("ноябр", "қараша", "november"),
    ("декабр", "желтоқсан", "december"),
)
YEARLY = re.compile(r"ежегодн|каждый год|жыл сайын|every year|yearly|annual", re.I)
HALF_YEARLY = re.compile(r"полугод|жарты ?жыл|half-?year|twice a year|2 раза в год", re.I)
PERMANENT = re.compile(r"постоянн|на постоянной|тұрақты|үнемі|permanent|constantly|continuous|в течение|ішінде", re.I)
YEAR = re.compile(r"\b(20\d\d)\b")
QUARTER = re.compile(r"\b(IV|III|II|I|[1-4])(?:-?[а-яіңғүұқөһә]{0,2})?[ -]*(?:кв|тоқсан|quarter)|\bQ([1-4])\b", re.I)
DAYS = (
    re.compile(r"\b(?P<d>\d{1,2})\.(?P<m>\d{1,2})\.(?P<y>20\d\d)\b"),
    re.compile(r"\b(?P<y>20\d\d)-(?P<m>\d{1,2})-(?P<d>\d{1,2})\b"),
)
DAY_OF_MONTH = re.compile(r"(?:до |к )?\b(\d{1,2})(?:-?[а-яіңғүұқөһә]{0,3})?\s+[а-яіңғүұқөһәa-z]+", re.I)
ROMAN = {"i": 1, "ii": 2, "iii": 3, "iv": 4}


@dataclass(frozen=True)
class ReadTerm:
    """Term of a measure: its kind, and its last day."""

    kind: str
    due_on: date


def read_term(text: str, starts_on: date, ends_on: date) -> ReadTerm | None:
    """Return the term that the words of an act state, within a plan; None when they are not understood.

    Examples
    --------
    >>> read_term("IV квартал 2025 года", date(2024, 1, 1), date(2026, 12, 31))
    ReadTerm(kind='day', due_on=datetime.date(2025, 12, 31))
    >>> read_term("ежегодно, до 20 декабря", date(2024, 1, 1), date(2026, 12, 31)).due_on
    datetime.date(2026, 12, 20)
    """
    if any(pattern.search(text) for pattern in DAYS) and _full_day(text) is None:
        return None
    if HALF_YEARLY.search(text):
        return ReadTerm("half_yearly", ends_on)
    if YEARLY.search(text):
        return ReadTerm("yearly", _day_in_year(text, ends_on.year, ends_on) or ends_on)
    if day := _full_day(text) or _last_of_years(text, ends_on):
        spans = len(set(YEAR.findall(text))) > 1 and not QUARTER.search(text) and _month(text) is None
        return ReadTerm("permanent" if spans or PERMANENT.search(text) else "day", day)
    return ReadTerm("permanent", ends_on) if PERMANENT.search(text) else None


def _full_day(text: str) -> date | None:
    for pattern in DAYS:
        if match := pattern.search(text):
            try:
                return date(int(match["y"]), int(match["m"]), int(match["d"]))
            except ValueError:
                return None
    return None


def _last_of_years(text: str, ends_on: date) -> date | None:
    years = [int(year) for year in YEAR.findall(text)]
    return _day_in_year(text, max(years), date(max(years), 12, 31)) if years else None


def _day_in_year(text: str, year: int, otherwise: date) -> date:
    """Return the day that a quarter or a month of a text names; the last day of it without a day."""
    if quarter := QUARTER.search(text):
        word = (quarter[1] or quarter[2]).lower()
        return _last_day(year, 3 * (ROMAN.get(word) or int(word)))
    month = _month(text)
    if month is None:
        return otherwise
    day = DAY_OF_MONTH.search(YEAR.sub(" ", text))
    try:
        return date(year, month, int(day[1])) if day else _last_day(year, month)
    except ValueError:
        return _last_day(year, month)


def _month(text: str) -> int | None:
    words = re.findall(r"[а-яіңғүұқөһәa-z]+", text.lower())
    for number, stems in enumerate(MONTHS, start=1):
        if any(_names_month(word, stem) for word in words for stem in stems):
            return number
    return None


def _names_month(word: str, stem: str) -> bool:
    return word in {"май", "мая", "мае", "маю"} if stem == "ма" else word.startswith(stem)


def _last_day(year: int, month: int) -> date:
    first_of_next = add_months(date(year, month, 1), 1)
    return date.fromordinal(first_of_next.toordinal() - 1)


# -- bodies ------------------------------------------------------------------------------------------------------------
AGREED = re.compile(r"\((?:по согласованию|келісім бойынша|by agreement)\)", re.I)
CONVENER = re.compile(r"\((?:созыв|свод|жинақтау|шақыру|convener|lead)\)", re.I)
SEPARATORS = re.compile(r"([,;\n])")


@dataclass(frozen=True)
class NamedBody:
    """Part of a cell of bodies: the name as written, the key that it matched, and whether it convenes."""

    name: str
    key: str = ""
    convenes: bool = False


def fold(name: str) -> str:
    """Return a name for comparison: small letters, one space, without quotation marks."""
    return re.sub(r"\s+", " ", re.sub("[«»“”\"']", "", name)).strip(" .").casefold()


def read_bodies(text: str, known: Mapping[str, str]) -> list[NamedBody]:
    """Return the bodies of a cell. A name with commas is matched whole; `known` has keys by folded name."""
    parts = [part.strip() for part in SEPARATORS.split(AGREED.sub("", text))]
    return list(_match(parts[::2], parts[1::2], known))


def _match(parts: Sequence[str], signs: Sequence[str], known: Mapping[str, str]) -> Iterator[NamedBody]:
    place = 0
    while place < len(parts):
        taken = _longest(parts, signs, place, known)
        body = _named("".join(_joined(parts, signs, place, place + taken)), known)
        if body.name:
            yield body
        place += taken


def _longest(parts: Sequence[str], signs: Sequence[str], place: int, known: Mapping[str, str]) -> int:
    """Return how many parts make up the longest known name that begins at a place; 1 if none does."""
    for end in range(len(parts), place + 1, -1):
        if fold(CONVENER.sub("", "".join(_joined(parts, signs, place, end)))) in known:
            return end - place
    return 1


def _joined(parts: Sequence[str], signs: Sequence[str], start: int, end: int) -> Iterator[str]:
    for place in range(start, end):
        yield parts[place]
        if place < end - 1:
            yield f"{signs[place]} "


def _named(text: str, known: Mapping[str, str]) -> NamedBody:
    name = CONVENER.sub("", text).strip()
    return NamedBody(name, known.get(fold(name), ""), bool(CONVENER.search(text)))
