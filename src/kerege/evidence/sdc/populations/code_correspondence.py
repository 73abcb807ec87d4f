"""Matching of labels in foreign tables to the codes of the register, as `Женский` to `female`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import cache

from kerege.evidence.counting.frequency_table import NOT_REPORTED, OTHER, TOTAL
from kerege.evidence.sdc.published_tables.sheet import Sheet, renamed_columns
from kerege.evidence.sdc.reading.nested_codes import band_of
from kerege.vocabulary import codes
from kerege.vocabulary import snapshot_columns as standard

Labels = dict[str, str]


def translate_codes(sheet: Sheet, stated: Sequence[Sheet]) -> Sheet:
    """Return an unstated table with columns and codes of the stated tables, where they match."""
    by, axes = list(sheet.by), list(sheet.axes)
    for d, name in enumerate(sheet.by):
        column = _match_column(name, sheet.axes[d], stated)
        if column is None or column in by[:d] + by[d + 1 :]:
            continue
        codes_by_label = _codes_by_label(_list_of(column, stated))
        if _has_other_bands(axes[d], codes_by_label):
            continue
        axis = tuple(codes_by_label.get(code.strip().casefold(), code) for code in axes[d])
        if len(set(axis)) == len(axis):
            by[d], axes[d] = column, axis
    renamed = sheet if by == list(sheet.by) else renamed_columns(sheet, tuple(by))
    return renamed if axes == list(sheet.axes) else replace(renamed, axes=tuple(axes))


def _match_column(name: str, axis: Sequence[str], stated: Sequence[Sheet]) -> str | None:
    """Return the column with this title, or the only published column whose code list has all these codes."""
    titled = _columns_by_title().get(name.strip().casefold())
    if titled is not None:
        return titled
    used = {column for sheet in stated for column in sheet.by}
    if name in used:
        return name
    labels = {code.strip().casefold() for code in axis} - {TOTAL.casefold(), NOT_REPORTED.casefold()}
    matches = [
        column
        for column in sorted(used)
        if len(labels) > 1 and labels <= _codes_by_label(_list_of(column, stated)).keys()
    ]
    return matches[0] if len(matches) == 1 else None


def _has_other_bands(axis: Sequence[str], codes_by_label: Labels) -> bool:
    """Return whether an axis has bands that a code list of bands lacks.

    Both are cut into common pieces then.
    """
    is_banded = any(map(band_of, codes_by_label.values()))
    return is_banded and any(band_of(code) for code in axis if code.strip().casefold() not in codes_by_label)


def _list_of(column: str, stated: Iterable[Sheet]) -> str:
    for unit in dict.fromkeys([*(sheet.of for sheet in stated), *standard.units()]):
        try:
            return standard.column(unit, column).list
        except LookupError:
            continue
    return ""


@cache
def _columns_by_title() -> Labels:
    """Return the column name for each column title, in all languages."""
    columns: Labels = {}
    for column in (column for unit in standard.units() for column in standard.columns(unit)):
        for title in (column.name, *column.titles.values()):
            columns.setdefault(title.casefold(), column.name)
    return columns


@cache
def _codes_by_label(name: str) -> Labels:
    """Return the code for each label of a code list, in all languages, also for `_U` and `_O`."""
    by_label: Labels = {}
    for margin in (NOT_REPORTED, OTHER):
        by_label |= {word.casefold(): margin for word in codes.MARGINS[margin].values()}
    for code, entry in codes.code_list(name).codes.items() if name in codes.names() else ():
        by_label |= {word.casefold(): code for word in (code, *entry.labels.values())}
    return by_label
