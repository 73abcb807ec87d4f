"""Columns in which a person can have several values: how many of each combination report each value.

Rules: whoever reports a value does not report nothing, and whoever does not report nothing has at least one value. Any
counts that keep them belong to some register, as long as no table combines two values of one person.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

from kerege.evidence.protect.families import Family
from kerege.evidence.protect.people import People, System
from kerege.evidence.protect.system import INFINITE, Ints
from kerege.evidence.protect.views import View
from kerege.evidence.snapshot import Snapshot
from kerege.evidence.tables import NOT_REPORTED


def told(snapshot: Snapshot, families: Sequence[Family], name: str) -> list[tuple[int, str]]:
    """Single-valued columns, with their family, whose value may always be among the several values of `name`."""
    own = snapshot.list_of(name)
    wanted = {own, "programme"} if own == "payer" else {own}
    return [(place, column) for place, family in enumerate(families) for column in family.columns
            if snapshot.list_of(column) in wanted - {""}]  # fmt: skip


class Several:
    """One multi-valued column: its unknowns and rules."""

    def __init__(self, snapshot: Snapshot, views: Sequence[View], name: str, scope: frozenset[int]) -> None:
        self.name, self.scope = name, scope
        self.column = snapshot.frame[name]
        self.snapshot = snapshot
        self.views = [view for view in views if name in view.severals]
        named = {value for view in self.views for value in view.table.where.get(name, [])}
        self.axes = [(view, view.table.axes[view.table.by.index(name)]) for view in self.views if name in view.table.by]
        named.update(code for _, axis in self.axes for code in axis[1:])
        self.values = [NOT_REPORTED, *sorted(named - {NOT_REPORTED})]
        self.start = self.group = self.count = 0

    def number(self, system: System, people: People) -> None:
        """Number the unknowns and state the rules."""
        self.group = people.group_of(self.scope)
        self.count = people.count(people.groups[self.group])
        self.start = system.take(np.concatenate([people.tally(self.group, self._reports(v)) for v in self.values]))
        everybody, silent = people.start[self.group] + np.arange(self.count), self.at(NOT_REPORTED)
        system.rows(np.column_stack([silent, everybody]), [1, -1], -INFINITE, 0)
        for value in self.values[1:]:
            system.rows(np.column_stack([self.at(value), silent, everybody]), [1, 1, -1], -INFINITE, 0)
        cells = self._complete(people)
        each = np.column_stack([*[self.at(value)[cells] for value in self.values], everybody[cells]])
        system.rows(each, [1.0] * len(self.values) + [-1.0], 0, INFINITE)
        self._implied(system, people, everybody)

    def at(self, value: str) -> Ints:
        """The unknowns of one value."""
        return self.start + self.values.index(value) * self.count + np.arange(self.count)

    def _reports(self, value: str) -> np.ndarray:
        silent = self.column.is_null() | (self.column.list.len() == 0).fill_null(True)
        has = silent if value == NOT_REPORTED else self.column.list.contains(value).fill_null(False)
        return has.to_numpy()

    def _complete(self, people: People) -> Ints:
        """Combinations in which every value that occurs is named."""
        if set(self.column.explode().drop_nulls().unique().to_list()) <= set(self.values):
            return np.arange(self.count)
        cells = [people.cells(self.group, view.filter) for view, _ in self.axes]
        return np.unique(np.concatenate(cells)) if cells else np.zeros(0, dtype=np.int64)

    def _implied(self, system: System, people: People, everybody: Ints) -> None:
        """Whoever has a value as the main one has it among all, where every row keeps to that."""
        for f, column in told(self.snapshot, people.families, self.name):
            for value in self.values[1:]:
                mask = people.families[f].having(column, [value])
                rows = self.column.filter(self.snapshot.frame.select(pl.col(column) == value).to_series())
                if mask.any() and rows.list.contains(value).fill_null(False).all():
                    cells = people.cells(self.group, {f: mask})
                    system.rows(np.column_stack([self.at(value)[cells], everybody[cells]]), [1, -1], 0, 0)
