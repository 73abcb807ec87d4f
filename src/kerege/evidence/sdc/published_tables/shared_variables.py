"""Columns of different names that can be one variable, because their tables use the same codes.

`region` in one table and `oblast` in another can be one column, or the place of detection and that of residence. Files
do not state it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

from kerege.base.message_text import shown
from kerege.evidence.counting.frequency_table import NOT_REPORTED, OTHER, TOTAL
from kerege.evidence.sdc.published_tables.sheet import Sheet, renamed_columns
from kerege.evidence.sdc.reading.column_names import NOT_STATED, concept, folded, is_known_column
from kerege.evidence.sdc.reading.nested_codes import AGE, band_of, base_name
from kerege.evidence.sdc.reading.set_codes import column_of_values

SHARE = 0.8  # least share of the codes of the shorter column that the other column has too
AGE_WORD = re.compile(r"\b(ages?|aged|возраст\w*|жас\w*)\b", re.I)


@dataclass(frozen=True)
class SharedVariable:
    """Two columns that can be one variable; `name` is that of the column that is renamed."""

    name: str
    other: str

    @property
    def note(self) -> str:
        """Return the note that both readings were examined."""
        return (
            f"Columns {shown(self.name)} and {shown(self.other)} can be one variable by their values, and nothing says "
            "whether they are. Both were examined. If they are two, show both columns in one table."
        )

    def joined(self, sheets: Sequence[Sheet]) -> list[Sheet]:
        """Return the tables with one name for both columns."""
        return [self._renamed(sheet) for sheet in sheets]

    def _renamed(self, sheet: Sheet) -> Sheet:
        by = tuple(self.other if base_name(name) == self.name else name for name in sheet.by)
        if by == sheet.by:
            return sheet
        where = {self.other if name == self.name else name: values for name, values in sheet.where.items()}
        return replace(renamed_columns(sheet, by), where=where)


def shared_variables(sheets: Sequence[Sheet]) -> list[SharedVariable]:
    """Return the pairs of columns that can be one variable.

    The first column of a pair is in tables of other publishers alone.
    """
    is_tied = any(sheet.ties for sheet in sheets)
    if not is_tied and all(sheet.stated for sheet in sheets):
        return []
    codes: dict[str, set[str]] = {}
    beside: dict[str, set[str]] = {}
    stated: set[str] = set()
    for sheet in sheets:
        columns = {base_name(name) for name in (*sheet.by, *sheet.where)}
        for name, axis in zip(sheet.by, sheet.axes, strict=True):
            codes.setdefault(base_name(name), set()).update(filter(None, map(_folded, axis)))
        for name in columns:
            beside.setdefault(name, set()).update(columns)
        stated |= {name for name in columns if sheet.stated and (is_known_column(name) or not is_tied)}
    return list(_pairs(codes, beside, stated))


def _pairs(codes: dict[str, set[str]], beside: dict[str, set[str]], stated: set[str]) -> Iterator[SharedVariable]:
    for name, other in combinations(codes, 2):
        if name in stated:
            name, other = other, name
        if name in stated or other in beside[name] or _are_settled(name, other):
            continue
        is_of_ages = all(_are_ages(column, codes[column]) for column in (name, other))
        if _have_same_codes(codes[name], codes[other]) or is_of_ages:
            yield SharedVariable(name, other)


def _are_settled(name: str, other: str) -> bool:
    """Return whether two names need no other reading: known variables, sets of values, and ages.

    Columns of ages with usual names are one variable in any case.
    """
    names = concept(name), concept(other)
    is_of_sets = any(map(column_of_values, (name, other)))
    is_joined = all(AGE.fullmatch(column) for column in (name, other))
    return (
        is_of_sets
        or is_joined
        or (all(names) and names[0] != names[1])
        or (is_known_column(name) and is_known_column(other))
    )


def _have_same_codes(first: set[str], second: set[str]) -> bool:
    """Return whether two columns have nearly the same codes, or those of one are among those of the other."""
    common = first & second
    return len(common) > 1 and len(common) >= SHARE * min(len(first), len(second))


def _are_ages(name: str, codes: set[str]) -> bool:
    """Return whether a column has a word for age in its name, and mostly bands as codes."""
    return AGE_WORD.search(name) is not None and 2 * sum(band_of(code) is not None for code in codes) > len(codes)


def _folded(code: str) -> str:
    """Return a code for comparison, '' for a total and for people of whom nothing is stated."""
    if code in (TOTAL, NOT_REPORTED, OTHER) or NOT_STATED.fullmatch(code.strip()):
        return ""
    return folded(code)
