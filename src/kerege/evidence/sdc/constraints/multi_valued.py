"""Columns in which a person can have several values: how many of each combination report each value.

Rules: whoever reports a value does not report nothing, and whoever does not report nothing has at least one value. Any
counts that keep them belong to some register, as long as no table combines two values of one person.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from kerege.evidence.counting.frequency_table import NOT_REPORTED
from kerege.evidence.sdc.constraints.domains import Family, Source
from kerege.evidence.sdc.constraints.equations import System
from kerege.evidence.sdc.constraints.linear_system import INFINITE, Ints
from kerege.evidence.sdc.constraints.table_views import View
from kerege.evidence.sdc.constraints.unknowns import People


def told(source: Source, families: Sequence[Family], name: str) -> list[tuple[int, str]]:
    """Single-valued columns, with their family, whose value may always be among the several values of `name`."""
    own = source.list_of(name)
    wanted = {own, "programme"} if own == "payer" else {own}
    return [
        (place, column)
        for place, family in enumerate(families)
        for column in family.columns
        if source.list_of(column) in wanted - {""}
    ]


class Several:
    """One multi-valued column: its unknowns and rules."""

    def __init__(self, source: Source, views: Sequence[View], name: str, scope: frozenset[int]) -> None:
        self.name, self.scope = name, scope
        self.column = None if source.frame is None else source.frame[name]
        self.source = source
        self.views = [view for view in views if name in view.severals]
        named = {value for view in self.views for value in view.table.where.get(name, [])}
        self.axes = [(view, view.table.axes[view.table.by.index(name)]) for view in self.views if name in view.table.by]
        named.update(code for _, axis in self.axes for code in axis[1:])
        self.values = [NOT_REPORTED, *sorted(named - {NOT_REPORTED})]
        self.start = self.group = self.count = 0

    def number(self, system: System, people: People) -> None:
        """Number the unknowns and state the rules."""
        self.group = people.group_of({}, self.scope)
        self.count = people.count(self.group)
        self.start = system.take(np.concatenate([people.tally(self.group, self.reports(v)) for v in self.values]))
        everybody, silent = people.start[self.group] + np.arange(self.count), self.at(NOT_REPORTED)
        system.rows(np.column_stack([silent, everybody]), [1, -1], -INFINITE, 0)
        for value in self.values[1:]:
            system.rows(np.column_stack([self.at(value), silent, everybody]), [1, 1, -1], -INFINITE, 0)
        cells = self._complete(people)
        each = np.column_stack([*[self.at(value)[cells] for value in self.values], everybody[cells]])
        system.rows(each, [1.0] * len(self.values) + [-1.0], 0, INFINITE)
        self._implied(system, people, everybody)
        for nobody in self._nobody(people):
            system.rows(nobody[:, None], [1.0], 0, 0)

    def at(self, value: str) -> Ints:
        """The unknowns of one value."""
        return self.start + self.values.index(value) * self.count + np.arange(self.count)

    def reports(self, value: str) -> NDArray[np.bool_]:
        """Which rows report a value."""
        if self.column is None:
            return np.zeros(0, dtype=bool)
        silent = self.column.is_null() | (self.column.list.len() == 0).fill_null(True)
        has = silent if value == NOT_REPORTED else self.column.list.contains(value).fill_null(False)
        return has.to_numpy()

    def _complete(self, people: People) -> Ints:
        """Combinations in which every value that occurs is named."""
        column = self.column
        if column is not None and set(column.explode().drop_nulls().unique().to_list()) <= set(self.values):
            return np.arange(self.count)
        cells = [people.cells(self.group, view.filter) for view, _ in self.axes if self.name not in view.incomplete]
        return np.unique(np.concatenate(cells)) if cells else np.zeros(0, dtype=np.int64)

    def _nobody(self, people: People) -> Iterator[Ints]:
        """Unknowns of which tables say that there are none: values, or codes of those with a value, on no axis."""
        coords = people.coords[self.group]
        for view in (view for view in self.views if view.kind != "filter"):
            inside = view.inside(coords)
            for d, dim in enumerate(view.dims):
                if dim == self.name and self.name not in view.incomplete:
                    for value in set(self.values) - set(view.table.axes[d]):
                        yield self.at(value)[inside]
            pick = view.pick
            for _, axis in view.complete if pick else ():
                yield self.at(pick[1] if pick else "")[inside & (axis.places[coords[axis.family]] == 0)]

    def _implied(self, system: System, people: People, everybody: Ints) -> None:
        """Whoever has a value as the main one has it among all, where every row keeps to that."""
        for f, column in told(self.source, people.families, self.name):
            for value in self.values[1:]:
                mask = people.families[f].having(column, [value])
                if mask.any() and self._holds(column, value):
                    cells = people.cells(self.group, {f: mask})
                    system.rows(np.column_stack([self.at(value)[cells], everybody[cells]]), [1, -1], 0, 0)

    def _holds(self, column: str, value: str) -> bool:
        """Whether all who have a main value have it among all; taken as the rule by whoever holds no rows."""
        frame = self.source.frame
        if frame is None or self.column is None:
            return True
        rows = self.column.filter(frame.select(pl.col(column) == value).to_series())
        return bool(rows.list.contains(value).fill_null(False).all())
