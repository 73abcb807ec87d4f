"""Codes that are sets of values, such as `debt;threats`: all values that one person has."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

from kerege.evidence.counting.frequency_table import NOT_REPORTED, TOTAL
from kerege.evidence.sdc.reading.nested_codes import base_name

SEPARATOR = ";"  # between several values in one code
JOINING = re.compile(r"[,/+&]|\s(?:and|и|және|мен)\s", re.I)
TOGETHER = " (values together)"  # behind the name of a column whose codes are sets of values


def column_of_sets(column: str) -> str:
    """Return the name of the column of the sets of values of a multi-valued column."""
    return column + TOGETHER


def column_of_values(column: str) -> str:
    """Return the multi-valued column of a column of sets, '' for any other column."""
    return column.removesuffix(TOGETHER) if column.endswith(TOGETHER) else ""


def name_in_file(column: str) -> str:
    """Return the name of a column as its file and the user write it."""
    name = base_name(column)
    return column_of_values(name) or name


def values_of(code: str) -> frozenset[str]:
    """Return the values in a code; none for people of whom nothing is reported."""
    return frozenset(value.strip() for value in code.split(SEPARATOR)) - {"", NOT_REPORTED}


def joined_codes(codes: Collection[str]) -> list[str]:
    """Return the codes that join other codes by another sign than `;`, such as `debt/threats`."""
    own = {code.strip().casefold() for code in codes}
    return [code for code in dict.fromkeys(codes) if len(parts := _parts(code)) > 1 and parts <= own]


def _parts(code: str) -> set[str]:
    return {part.strip().casefold() for part in JOINING.split(code)}


def with_equal_codes(codes: Iterable[str]) -> list[str]:
    """Return codes with one text for each set: `threats;debt` is `debt;threats`, whichever comes first."""
    first: dict[frozenset[str], str] = {}
    return [code if code == TOTAL else first.setdefault(values_of(code), code) for code in codes]
