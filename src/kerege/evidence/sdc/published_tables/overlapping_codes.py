"""Columns of one variable with overlapping codes: a column of its own for each set of disjoint codes.

`domains` ties these columns as one family, by the pieces that their codes share.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from kerege.evidence.counting.frequency_table import TOTAL
from kerege.evidence.sdc.published_tables.sheet import Sheet, renamed_columns
from kerege.evidence.sdc.reading.column_names import sex_code, translation
from kerege.evidence.sdc.reading.nested_codes import are_disjoint, base_name, numbered


def separate_codes(sheets: Sequence[Sheet]) -> list[Sheet]:
    """Return the tables with a column of its own for each set of disjoint codes of a column.

    Tables that a manifest states keep their columns.
    """
    sets: dict[str, list[set[str]]] = {}
    for sheet in sheets:
        for name, axis in zip(sheet.by, sheet.axes, strict=True) if sheet.stated else ():
            sets.setdefault(base_name(name), [set()])[0].update(axis[1:])
    result = []
    for sheet in sheets:
        by = sheet.by
        if not sheet.stated:
            columns = zip(sheet.by, sheet.axes, strict=True)
            by = tuple(_column(name, axis[1:], sets.setdefault(base_name(name), [])) for name, axis in columns)
        result.append(sheet if by == sheet.by or len(set(by)) < len(by) else renamed_columns(sheet, by))
    return result


def _column(name: str, codes: Sequence[str], sets: list[set[str]]) -> str:
    """Return the name of a column, and add its codes to the first set with which they are disjoint."""
    for number, group in enumerate(sets, 1):
        if are_disjoint([*group.union(codes)]):
            group.update(codes)
            return numbered(base_name(name), number, codes)
    sets.append(set(codes))
    return numbered(base_name(name), len(sets), codes)


def same_names(sheets: Sequence[Sheet]) -> list[Sheet]:
    """Return unstated tables with one name for a usual column in any language, and for each sex.

    The first table that has the column gives the names, so that `Пол` and `Жынысы` become one column. Columns that are
    in one table together keep their names.
    """
    own = [[name for name in map(translation, sheet.by) if name] for sheet in sheets]
    apart = {name for names in own for name in names if names.count(name) > 1}
    names: dict[str, str] = {}
    labels: dict[str, str] = {}
    result = []
    for sheet in sheets:
        if sheet.stated:
            result.append(sheet)
            continue
        usual = [name if (name := translation(column)) not in apart else "" for column in sheet.by]
        by = tuple(
            names.setdefault(name, column) if name else column for name, column in zip(usual, sheet.by, strict=True)
        )
        axes = tuple(
            _same_labels(axis, labels) if name == "sex" else axis for name, axis in zip(usual, sheet.axes, strict=True)
        )
        renamed = sheet if by == sheet.by else renamed_columns(sheet, by)
        result.append(renamed if axes == sheet.axes else replace(renamed, axes=axes))
    return result


def _same_labels(axis: Iterable[str], labels: dict[str, str]) -> tuple[str, ...]:
    codes = tuple(axis)
    usual = [code if code == TOTAL else sex_code(code) for code in codes]
    same = tuple(
        labels.setdefault(kind, code) if kind != code or kind in labels else code
        for kind, code in zip(usual, codes, strict=True)
    )
    return same if len(set(same)) == len(same) else codes
