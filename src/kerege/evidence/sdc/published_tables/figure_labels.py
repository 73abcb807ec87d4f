"""Labels of the cells that a report names, and the sum by which a figure follows from others."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from itertools import product

from kerege.evidence.sdc.published_tables.time_line import ENTERED, LEFT, OPEN
from kerege.vocabulary import codes
from kerege.vocabulary import snapshot_columns as standard

WITHOUT, BOTH, EITHER = "without ", " and ", " or "  # as `Condition.labels` writes them
VERBS = {ENTERED: "added", LEFT: "removed"}  # by the column of a condition on time
MOST_TERMS = 4  # most terms of a sum that a sentence shows


def describe_cell(cell: Mapping[str, str], units: Collection[str] = ()) -> str:
    """Return a cell in English: labels where a code list of the units is known, else column=code."""
    return ", ".join(_condition(name, code, units) for name, code in cell.items()) or "the total"


def _condition(name: str, code: str, units: Collection[str]) -> str:
    if verb := VERBS.get(name.removeprefix(WITHOUT)):
        return f"{'not ' if name.startswith(WITHOUT) else ''}{verb} {_time(code)}"
    if name.startswith(WITHOUT):
        return WITHOUT + ", ".join(_condition(*pair, units) for pair in excluded_pairs(name, code))
    for unit in sorted(units):
        try:
            column = standard.column(unit, name)
            labels = BOTH.join(
                EITHER.join(_label(column.list, part) for part in value.split(EITHER)) for value in code.split(BOTH)
            )
        except LookupError:
            continue
        return f"{column.title('en')}: {labels}"
    return f"{name}={code}"


def excluded_pairs(name: str, code: str) -> list[tuple[str, str]]:
    """Return the columns and codes of a complement, which can join several by " and ".

    A code such as `18 and over` is one code: the columns say how many there are.
    """
    column = name.removeprefix(WITHOUT)
    columns, values = column.split(BOTH), code.split(BOTH)
    return list(zip(columns, values, strict=True)) if len(columns) == len(values) else [(column, code)]


def _time(interval: str) -> str:
    """Return a time `start/end` in words."""
    start, end = interval.split("/")
    if OPEN in (start, end):
        return f"up to {end}" if start == OPEN else f"after {start}"
    return f"between {start} and {end}"


def _label(list_name: str, code: str) -> str:
    try:
        parts = zip(list_name.split(":"), code.split(":"), strict=False) if ":" in list_name else [(list_name, code)]
        return ", ".join(codes.label(name, part, "en") for name, part in parts)
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
