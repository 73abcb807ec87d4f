"""The words of an article as the codes of the register: whoever reads `Женский` knows that `female` is meant."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import cache

from kerege.evidence.counting.frequency_table import NOT_REPORTED, OTHER, TOTAL
from kerege.evidence.sdc.constraints.publication import Sheet
from kerege.vocabulary import codes
from kerege.vocabulary import snapshot_columns as standard

Words = dict[str, str]


def translated(sheet: Sheet, stated: Sequence[Sheet]) -> Sheet:
    """A table of which nobody says whom it counts, with the columns and codes of those that say it, where they fit."""
    by, axes = list(sheet.by), list(sheet.axes)
    for d, name in enumerate(sheet.by):
        column = _column(name, sheet.axes[d], stated)
        if column is None or column in by[:d] + by[d + 1 :]:
            continue
        words = _words(_list_of(column, stated))
        axis = tuple(words.get(code.strip().casefold(), code) for code in axes[d])
        if len(set(axis)) == len(axis):
            by[d], axes[d] = column, axis
    return (
        sheet if by == list(sheet.by) and axes == list(sheet.axes) else replace(sheet, by=tuple(by), axes=tuple(axes))
    )


def _column(name: str, axis: Sequence[str], stated: Sequence[Sheet]) -> str | None:
    """The column that is called so, or else the only published one whose list has all these codes."""
    known = _titles().get(name.strip().casefold())
    if known is not None:
        return known
    used = {column for sheet in stated for column in sheet.by}
    if name in used:
        return name
    wanted = {code.strip().casefold() for code in axis} - {TOTAL.casefold(), NOT_REPORTED.casefold()}
    fitting = [
        column for column in sorted(used) if len(wanted) > 1 and wanted <= _words(_list_of(column, stated)).keys()
    ]
    return fitting[0] if len(fitting) == 1 else None


def _list_of(column: str, stated: Iterable[Sheet]) -> str:
    for unit in dict.fromkeys([*(sheet.of for sheet in stated), *standard.units()]):
        try:
            return standard.column(unit, column).list
        except LookupError:
            continue
    return ""


@cache
def _titles() -> Words:
    """What people call each column, in any language."""
    found: Words = {}
    for column in (column for unit in standard.units() for column in standard.columns(unit)):
        for title in (column.name, *column.titles.values()):
            found.setdefault(title.casefold(), column.name)
    return found


@cache
def _words(name: str) -> Words:
    """The code of each word of a list, in any language; the words for not reported and for small groups too."""
    found: Words = {}
    for margin in (NOT_REPORTED, OTHER):
        found |= {word.casefold(): margin for word in codes.MARGINS[margin].values()}
    for code, about in codes.code_list(name).codes.items() if name in codes.names() else ():
        found |= {word.casefold(): code for word in (code, *about.labels.values())}
    return found
