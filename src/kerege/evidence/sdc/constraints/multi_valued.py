"""Multi-valued columns: unknowns for how many people of each class report each value.

A class is a set of combinations that every table of the column and every rule treat alike: their people can exchange
values. Two rules hold: a person who reports a value is not counted under "not reported", and a person who is not
counted there has at least one value. Any counts that keep both rules belong to some register, as long as no table
combines two values of one person.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from kerege.evidence.counting.frequency_table import NOT_REPORTED
from kerege.evidence.sdc.constraints.domains import REST, Family, TableSource
from kerege.evidence.sdc.constraints.equations import EquationSystem
from kerege.evidence.sdc.constraints.register import Register
from kerege.evidence.sdc.constraints.table_views import Coords, TableView
from kerege.evidence.sdc.constraints.unknowns import Unknowns
from kerege.evidence.sdc.linear.linear_system import INFINITE, Ints


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
        self.class_of = np.zeros(0, dtype=np.int64)  # class of each combination of the clique `group`
        self.coords: Coords = {}  # the atoms of each class, of one of its combinations

    def add_to(self, system: EquationSystem, people: Unknowns) -> None:
        """Number the unknowns and add the rules to the system."""
        self.group = people.group_of({}, self.scope)
        self.class_of = self._classes(people)
        first = np.unique(self.class_of, return_index=True)[1]
        self.count = len(first)
        self.coords = {f: atoms[first] for f, atoms in people.coords[self.group].items() if f in self.scope}
        self.start = system.add_unknowns(np.concatenate([self._tally(people, value) for value in self.values]))
        self._add_rules(system, people, {NOT_REPORTED: 1.0}, -INFINITE, 0)
        for value in self.values[1:]:
            self._add_rules(system, people, {value: 1.0, NOT_REPORTED: 1.0}, -INFINITE, 0)
        self._add_rules(system, people, dict.fromkeys(self.values, 1.0), 0, INFINITE)
        self._implied(system, people)
        for empty in self._empty_unknowns():
            system.add_rows(empty[:, None], [1.0], 0, 0)

    def _classes(self, people: Unknowns) -> Ints:
        """Return the class of each combination: equal where every table and every rule treat them alike."""
        coords = people.coords[self.group]
        labels = [np.zeros(people.count(self.group), dtype=np.int64)]
        for view in (view for view in self.views if not view.is_unmodelled):
            inside = view.inside(coords)
            labels.append(inside.astype(np.int64))
            labels += [np.where(inside, axis.places[coords[axis.family]], -1) for _, axis in view.axes]
            labels += [np.where(inside, coords[axis.family], -1) for axis in view.set_axes.values()]
        for family, column in implied_columns(self.source, people.families, self.name):
            values = np.unique(people.families[family].value(column), return_inverse=True)[1]
            labels.append(values.ravel()[coords[family]])
        return np.unique(np.stack(labels), axis=1, return_inverse=True)[1].ravel().astype(np.int64)

    def _tally(self, people: Unknowns, value: str) -> Ints:
        """Return how many people of each class report a value."""
        counts = people.tally(self.group, self.reports(value))
        return np.bincount(self.class_of, counts, self.count).astype(np.int64)

    def _add_rules(
        self,
        system: EquationSystem,
        people: Unknowns,
        signs: Mapping[str, float],
        low: float,
        high: float,
        chosen: NDArray[np.bool_] | None = None,
    ) -> None:
        """Add an equation for each (chosen) class: the people with some values, minus all people."""
        classes = np.arange(self.count)
        everybody = people.start[self.group] + np.arange(people.count(self.group))
        row = np.concatenate([*[classes] * len(signs), self.class_of])
        cells = np.concatenate([*[self.at(value) for value in signs], everybody])
        of_cells = np.concatenate([np.repeat(list(signs.values()), self.count), -np.ones(len(everybody))])
        kept = np.ones(len(row), dtype=bool) if chosen is None else chosen[row]
        rows, number = np.unique(row[kept], return_inverse=True)
        ends = np.full(len(rows), low, dtype=float), np.full(len(rows), high, dtype=float)
        system.add_sums(number.ravel(), cells[kept], of_cells[kept], *ends)

    @property
    def named_values(self) -> list[str]:
        """Return the values that a condition can name: those of tables, and all others together."""
        return self.values[0 if self.is_silence_named else 1 :]

    def at(self, value: str) -> Ints:
        """Return the unknowns that count who reports a value: one for each class of people."""
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

    def _empty_unknowns(self) -> Iterator[Ints]:
        """Yield unknowns that are 0 by some table: a value, or a code of people with a value, on no axis."""
        coords = self.coords
        for view in (view for view in self.views if not view.is_unmodelled):
            inside = view.inside(coords)
            for d, dim in enumerate(view.dims):
                if dim == self.name and self._names_all(view):
                    for value in set(self.values) - set(view.table.axes[d]):
                        yield self.at(value)[inside]
            pick = view.pick
            for _, axis in view.complete if pick else ():
                yield self.at(pick[1] if pick else "")[inside & (axis.places[coords[axis.family]] == 0)]

    def _implied(self, system: EquationSystem, people: Unknowns) -> None:
        """Add the rule that a person's main value is among all their values, where every row keeps it."""
        for f, column in implied_columns(self.source, people.families, self.name):
            for value in self.values[1:]:
                mask = people.families[f].having(column, [value])
                if mask.any() and self._is_kept(column, value):
                    self._add_rules(system, people, {value: 1.0}, 0, 0, chosen=mask[self.coords[f]])

    def _is_kept(self, column: str, value: str) -> bool:
        """Return whether every person with a main value has it among all values; True without rows."""
        frame = self.source.frame
        if frame is None or self.column is None:
            return True
        rows = self.column.filter(frame.select(pl.col(column) == value).to_series())
        return bool(rows.list.contains(value).fill_null(False).all())
