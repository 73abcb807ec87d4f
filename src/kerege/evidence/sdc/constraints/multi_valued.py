"""Multi-valued columns: unknowns for how many people of each combination report each value.

A person who reports a value is not among those who report nothing. A person who is not among these has at least one
value. Any counts that keep both rules belong to some register, as long as no table combines two values of one person.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from kerege.evidence.counting.frequency_table import NOT_REPORTED
from kerege.evidence.sdc.constraints.domains import REST, Family, TableSource
from kerege.evidence.sdc.constraints.equations import EquationSystem
from kerege.evidence.sdc.constraints.linear_system import INFINITE, Ints
from kerege.evidence.sdc.constraints.register import Register
from kerege.evidence.sdc.constraints.table_views import TableView
from kerege.evidence.sdc.constraints.unknowns import Unknowns


def implied_columns(source: TableSource, families: Sequence[Family], name: str) -> list[tuple[int, str]]:
    """Return single-valued columns whose value is always among the values of `name`.

    Each comes with the number of its family.
    """
    code_list = source.list_of(name)
    lists = {code_list, "programme"} if code_list == "payer" else {code_list}
    return [
        (place, column)
        for place, family in enumerate(families)
        for column in family.columns
        if source.list_of(column) in lists - {""}
    ]


class MultiValuedColumn:
    """The unknowns and the rules of one multi-valued column."""

    def __init__(
        self,
        source: TableSource,
        views: Sequence[TableView],
        name: str,
        scope: frozenset[int],
        register: Register | None = None,
    ) -> None:
        self.name, self.scope, self.register = name, scope, register
        self.column = None if source.frame is None else source.frame[name]
        self.source = source
        self.views = [view for view in views if name in view.multi_columns]
        named = {value for view in self.views for value in view.table.where.get(name, [])}
        self.axes = [(view, view.table.axes[view.table.by.index(name)]) for view in self.views if name in view.table.by]
        named.update(code for _, axis in self.axes for code in axis[1:])
        self.values = [NOT_REPORTED, *sorted(named - {NOT_REPORTED})]
        self.is_silence_named = NOT_REPORTED in named
        if REST not in named and not any(
            self._names_all(view) and not view.filter and view.pick is None for view, _ in self.axes
        ):
            self.values.append(REST)
        self.start = self.group = self.count = 0

    def add_to(self, system: EquationSystem, people: Unknowns) -> None:
        """Number the unknowns and add the rules to the system."""
        self.group = people.group_of({}, self.scope)
        self.count = people.count(self.group)
        self.start = system.add_unknowns(
            np.concatenate([people.tally(self.group, self.reports(v)) for v in self.values])
        )
        everybody, silent = people.start[self.group] + np.arange(self.count), self.at(NOT_REPORTED)
        system.add_rows(np.column_stack([silent, everybody]), [1, -1], -INFINITE, 0)
        for value in self.values[1:]:
            system.add_rows(np.column_stack([self.at(value), silent, everybody]), [1, 1, -1], -INFINITE, 0)
        all_values = np.column_stack([*[self.at(value) for value in self.values], everybody])
        system.add_rows(all_values, [1.0] * len(self.values) + [-1.0], 0, INFINITE)
        self._implied(system, people, everybody)
        for empty in self._empty_unknowns(people):
            system.add_rows(empty[:, None], [1.0], 0, 0)

    @property
    def named_values(self) -> list[str]:
        """Return the values that a condition can name: those of tables, and all others together."""
        return self.values[0 if self.is_silence_named else 1 :]

    def at(self, value: str) -> Ints:
        """Return the unknowns of one value."""
        return self.start + self.values.index(value) * self.count + np.arange(self.count)

    def reports(self, value: str) -> NDArray[np.bool_]:
        """Return which rows report a value (rows,); `_U` for rows that report none."""
        if self.register is not None:
            return self.register.has[self.name][value]
        if self.column is None:
            return np.zeros(0, dtype=bool)
        silent = self.column.is_null() | (self.column.list.len() == 0).fill_null(True)
        if value == NOT_REPORTED:
            return silent.to_numpy()
        if value == REST:
            named = set(self.values)
            return np.array([bool(set(values or ()) - named - {None}) for values in self.column.to_list()], dtype=bool)
        return self.column.list.contains(value).fill_null(False).to_numpy()

    def _names_all(self, view: TableView) -> bool:
        """Return whether the axis of a table names every value that occurs."""
        return self.name not in view.incomplete

    def _empty_unknowns(self, people: Unknowns) -> Iterator[Ints]:
        """Yield unknowns that are 0 by some table: a value, or a code of people with a value, on no axis."""
        coords = people.coords[self.group]
        for view in (view for view in self.views if not view.is_unmodelled):
            inside = view.inside(coords)
            for d, dim in enumerate(view.dims):
                if dim == self.name and self._names_all(view):
                    for value in set(self.values) - set(view.table.axes[d]):
                        yield self.at(value)[inside]
            pick = view.pick
            for _, axis in view.complete if pick else ():
                yield self.at(pick[1] if pick else "")[inside & (axis.places[coords[axis.family]] == 0)]

    def _implied(self, system: EquationSystem, people: Unknowns, everybody: Ints) -> None:
        """Add the rule that a person's main value is among all their values, where every row keeps it."""
        for f, column in implied_columns(self.source, people.families, self.name):
            for value in self.values[1:]:
                mask = people.families[f].having(column, [value])
                if mask.any() and self._is_kept(column, value):
                    cells = people.cells(self.group, {f: mask})
                    system.add_rows(np.column_stack([self.at(value)[cells], everybody[cells]]), [1, -1], 0, 0)

    def _is_kept(self, column: str, value: str) -> bool:
        """Return whether every person with a main value has it among all values; True without rows."""
        frame = self.source.frame
        if frame is None or self.column is None:
            return True
        rows = self.column.filter(frame.select(pl.col(column) == value).to_series())
        return bool(rows.list.contains(value).fill_null(False).all())
