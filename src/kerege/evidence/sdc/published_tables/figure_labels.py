"""Labels of the cells that a report names, and the sum by which a figure follows from others."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from itertools import product

from kerege.evidence.sdc.published_tables.message_texts import ENGLISH, say
from kerege.evidence.sdc.published_tables.time_line import ENTERED, LEFT, OPEN
from kerege.evidence.sdc.reading.column_names import translation
from kerege.vocabulary import codes
from kerege.vocabulary import snapshot_columns as standard

WITHOUT, BOTH, EITHER, REST = "without ", " and ", " or ", "another"  # as `Condition.labels` writes them
VERBS = {ENTERED: "entered", LEFT: "left"}  # texts by the column of a condition on time
UNNAMED_COLUMN = re.compile(r"(?:row|column)(?: \d+)?")  # names that the reader gives
MOST_TERMS = 4  # most terms of a sum that a sentence shows


def describe_cell(cell: Mapping[str, str], units: Collection[str] = (), language: str = ENGLISH) -> str:
    """Return a cell in a language: labels where a code list of the units is known, else those of the file."""
    return ", ".join(_condition(name, code, units, language) for name, code in cell.items()) or say("total", language)


def _condition(name: str, code: str, units: Collection[str], language: str) -> str:
    if verb := VERBS.get(name.removeprefix(WITHOUT)):
        time = say(verb, language, time=_time(code, language))
        return say("not", language, condition=time) if name.startswith(WITHOUT) else time
    if name.startswith(WITHOUT):
        people = ", ".join(_condition(*pair, units, language) for pair in excluded_pairs(name, code))
        return say("without", language, people=people)
    for unit in sorted(units):
        try:
            column = standard.column(unit, name)
            labels = _labels_of(code, column.list, language)
        except LookupError:
            continue
        return f"{column.title(language)}: {labels}"
    if UNNAMED_COLUMN.fullmatch(name):
        return code
    if language == ENGLISH:
        return f"{name}={code}"
    return f"{_title(name, language)}: {_labels_of(code, translation(name) or name, language)}"


def _labels_of(code: str, list_name: str, language: str) -> str:
    """Return the labels of a code, which can join several by " and " and " or "."""
    return say("and", language).join(
        say("or", language).join(
            say("another", language) if part == REST else _label(list_name, part, language)
            for part in value.split(EITHER)
        )
        for value in code.split(BOTH)
    )


def _title(name: str, language: str) -> str:
    """Return the title of the column of any unit with this name, the name itself if there is none."""
    for unit in standard.units():
        try:
            return standard.column(unit, name).title(language)
        except LookupError:
            continue
    return name


def excluded_pairs(name: str, code: str) -> list[tuple[str, str]]:
    """Return the columns and codes of a complement, which can join several by " and ".

    A code such as `18 and over` is one code: the columns say how many there are.
    """
    column = name.removeprefix(WITHOUT)
    columns, values = column.split(BOTH), code.split(BOTH)
    return list(zip(columns, values, strict=True)) if len(columns) == len(values) else [(column, code)]


def _time(interval: str, language: str) -> str:
    """Return a time `start/end` in words."""
    start, end = interval.split("/")
    key = "between" if OPEN not in (start, end) else "up_to" if start == OPEN else "after"
    return say(key, language, start=start, end=end)


def _label(list_name: str, code: str, language: str) -> str:
    try:
        parts = zip(list_name.split(":"), code.split(":"), strict=False) if ":" in list_name else [(list_name, code)]
        return ", ".join(codes.label(name, part, language) for name, part in parts)
    except (LookupError, codes.UnknownCode):
        return code


def signs_of_sum(values: Sequence[int], total: int) -> tuple[int, ...]:
    """Return the signs with which two to four figures add up to a total; () if there are none or several."""
    if not 2 <= len(values) <= MOST_TERMS:
        return ()
    fitting = [
        signs
        for signs in product((1, -1), repeat=len(values))
        if sum(sign * value for sign, value in zip(signs, values, strict=True)) == total
    ]
    return fitting[0] if len(fitting) == 1 else ()


def order_of_sum(values: Sequence[int], signs: Sequence[int]) -> list[tuple[int, int]]:
    """Return the terms of a sum as (sign, value), the added ones first and large ones before small ones."""
    return sorted(zip(signs, values, strict=True), key=lambda term: (-term[0], -term[1]))
