"""Columns that tables leave without a name: two tables can have two variables in them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from kerege.base.message_text import shown
from kerege.evidence.counting.frequency_table import NOT_REPORTED, OTHER
from kerege.evidence.sdc.published_tables.sheet import Sheet, renamed_columns
from kerege.evidence.sdc.reading.nested_codes import base_name

UNNAMED = re.compile(r"(?:row|column)(?: \d+)?")  # names that the reader gives


@dataclass(frozen=True)
class SeparateVariables:
    """The reading of one unnamed column as several variables: each has the tables whose labels overlap."""

    column: str

    @property
    def note(self) -> str:
        """Return the note that this reading was used."""
        return (
            f"Column {shown(self.column)} has no name, and tables with other labels contradict one another if it is "
            "one variable. It is read as several. Write the name of each above its labels."
        )

    def parted(self, sheets: Sequence[Sheet]) -> list[Sheet]:
        """Return the tables with a name of its own for each set of labels without common ones."""
        sets = label_sets(self.column, sheets)
        return [self._parted(sheet, sets) for sheet in sheets]

    def _parted(self, sheet: Sheet, sets: Sequence[set[str]]) -> Sheet:
        by = tuple(
            f"{self.column} {_place(axis, sets) + 1}" if base_name(name) == self.column else name
            for name, axis in zip(sheet.by, sheet.axes, strict=True)
        )
        return sheet if by == sheet.by or len(set(by)) < len(by) else renamed_columns(sheet, by)


def separate_variables(sheets: Sequence[Sheet]) -> list[SeparateVariables]:
    """Return the unnamed columns that have labels without common ones in several tables."""
    names = dict.fromkeys(base_name(name) for sheet in sheets if not sheet.stated for name in sheet.by)
    return [SeparateVariables(name) for name in names if UNNAMED.fullmatch(name) and len(label_sets(name, sheets)) > 1]


def label_sets(column: str, sheets: Sequence[Sheet]) -> list[set[str]]:
    """Return the labels of a column in all tables, as sets without common labels."""
    sets: list[set[str]] = []
    for sheet in sheets:
        for name, axis in zip(sheet.by, sheet.axes, strict=True):
            if base_name(name) == column and not sheet.stated:
                labels = _labels(axis)
                linked = [group for group in sets if group & labels]
                sets = [group for group in sets if group not in linked]
                sets.append(labels.union(*linked))
    return sets


def _labels(axis: Sequence[str]) -> set[str]:
    return {*axis[1:]} - {NOT_REPORTED, OTHER}


def _place(axis: Sequence[str], sets: Sequence[set[str]]) -> int:
    return next(place for place, group in enumerate(sets) if group >= _labels(axis))
