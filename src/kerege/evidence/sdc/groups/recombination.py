"""The least and the most people of groups when the people of a register are recombined.

Some columns separate the others into sides that no table combines. People who are equal in the separating columns can
exchange their values on one side: every published figure stays. So can people of one class of a multi-valued column
exchange all their values of it (see `multi_valued`). A group with conditions on several sides then has at
most as many people as the smallest of its sides, and the sides can be kept apart as far as there are people. Both ends
are attained, so one register is a witness for two counts of every such group.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import reduce

import numpy as np

from kerege.evidence.sdc.constraints.domains import Bools
from kerege.evidence.sdc.constraints.junction_tree import Scope
from kerege.evidence.sdc.constraints.multi_table import JointBuilder
from kerege.evidence.sdc.constraints.multi_valued import MultiValuedColumn
from kerege.evidence.sdc.constraints.register import Register
from kerege.evidence.sdc.groups.conditions import Variable
from kerege.evidence.sdc.groups.counts import group_counts_by
from kerege.evidence.sdc.groups.registers import column_classes
from kerege.evidence.sdc.groups.value_exchange import ExchangedValues
from kerege.evidence.sdc.linear.linear_system import Ints

MOST_ENTRIES = 4_000_000  # counts of one side that are held at once
CHUNK = 1_000_000  # entries that are compared at once
Column = int | str  # the number of a family, or the name of a multi-valued column


@dataclass(frozen=True)
class Separator:
    """Families that separate the other columns into sides, and the side of each of these columns.

    Of a multi-valued `column`, its classes separate it from all other columns.
    """

    families: tuple[int, ...]
    sides: Mapping[Column, int]
    column: MultiValuedColumn | None = None

    def strata(self, builder: JointBuilder, register: Register) -> Ints:
        """Return the stratum of each row: people of one stratum can exchange their values."""
        if self.column is not None:
            return column_classes(builder, self.column, register)
        label = np.zeros(len(register.people), dtype=np.int64)
        for family in self.families:
            label = label * len(builder.families[family].atoms) + register.coords[family]
        return label

    def exchanged(self, chosen: Sequence[Variable]) -> list[int]:
        """Return the places of variables about several values of the column: people exchange these."""
        name = None if self.column is None else self.column.name
        return [place for place, variable in enumerate(chosen) if variable.order > 1 and variable.column == name]

    def split(self, chosen: Sequence[Variable]) -> list[list[int]]:
        """Return the places of variables by side; those of the separating families are left out."""
        by_side: dict[int, list[int]] = {}
        for place, variable in enumerate(chosen):
            if variable.family not in self.families:
                by_side.setdefault(self.sides[_column(variable)], []).append(place)
        return list(by_side.values())


def separators(builder: JointBuilder) -> list[Separator]:
    """Return the separators: overlaps of cliques, and scopes and classes of multi-valued columns."""
    edges: list[frozenset[Column]] = [frozenset(group) for group in builder.people.groups]
    edges += [frozenset({name, *column.scope}) for name, column in builder.several.items()]
    overlaps = {builder.people.groups[a] & builder.people.groups[b] for a, b in builder.people.near}
    overlaps |= {frozenset(column.scope) for column in builder.several.values()}
    by_families = sorted(overlaps, key=lambda scope: (len(scope), sorted(scope)))
    classes = [_class_separator(edges, column) for column in builder.several.values()]
    return [*(_separator(edges, overlap) for overlap in by_families), *classes]


def _class_separator(edges: Sequence[frozenset[Column]], column: MultiValuedColumn) -> Separator:
    """Return the separator by the classes of a column: all other columns are on the other side."""
    sides: dict[Column, int] = dict.fromkeys(frozenset().union(*edges), 0)
    return Separator((), sides | {column.name: 1}, column)


def _separator(edges: Sequence[frozenset[Column]], overlap: Scope) -> Separator:
    """Return a separator; columns of one edge that are not separating families are on one side."""
    sides: dict[Column, int] = {}
    for number, edge in enumerate(edges):
        inside = edge - overlap
        joined = {sides[column] for column in inside if column in sides}
        sides |= {column: number for column, side in sides.items() if side in joined}
        sides |= dict.fromkeys(inside, number)
    return Separator(tuple(sorted(overlap)), sides)


def _column(variable: Variable) -> Column:
    return variable.column if variable.family is None else variable.family


def useful_separators(all_separators: Sequence[Separator], chosen: Sequence[Variable]) -> list[Separator]:
    """Return the separators that split some variables, without those that leave less freedom.

    A separator leaves less freedom than one with fewer families that gives the same sides. Classes come last, and are
    left out where families give the same sides.
    """
    useful: list[tuple[Separator, list[list[int]]]] = []
    for separator in all_separators:  # those of few families come first
        sides = separator.split(chosen)
        is_less_free = any(
            sides == others and (separator.column is not None or {*other.families} <= {*separator.families})
            for other, others in useful
        )
        if separator.exchanged(chosen) or (len(sides) > 1 and not is_less_free):
            useful.append((separator, sides))
    return [separator for separator, _ in useful]


@dataclass
class Recombination:
    """A register whose people are recombined across one separator."""

    builder: JointBuilder
    register: Register
    separator: Separator
    _counts: dict[tuple[tuple[Column, int, int], ...], tuple[Ints, Ints]] = field(default_factory=dict)
    _selected: dict[tuple[int, int, int], Bools] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Number the combinations of the separating families that occur."""
        label = self.separator.strata(self.builder, self.register)
        occurring, self._stratum = np.unique(label, return_inverse=True)
        self._people = np.bincount(self._stratum, self.register.people).astype(np.int64)
        sizes = [len(self.builder.families[f].atoms) for f in self.separator.families]
        atoms = np.unravel_index(occurring, sizes) if sizes else ()
        self._atoms = dict(zip(self.separator.families, atoms, strict=True))
        column = self.separator.column
        self._exchanged = (
            None if column is None else ExchangedValues(column, self.register, self._stratum, len(self._people))
        )

    def ends(
        self, chosen: Sequence[Variable], flat: Ints, is_known_empty: Bools | None = None
    ) -> tuple[Ints, Ints] | None:
        """Return the least and the most people of the groups at some places.

        Groups that another register shows to be empty (`is_known_empty`) get 0 as their least count. Return None if
        the conditions are not on several sides, or have too many counts on one side.
        """
        sides = self.separator.split(chosen)
        is_split = len(sides) > 1 or bool(self.separator.exchanged(chosen))
        if not is_split or any(self._size(chosen, side) > MOST_ENTRIES for side in sides):
            return None
        places = np.unravel_index(flat, [len(variable.conditions) for variable in chosen])
        counts = [self._counts_of([chosen[place] for place in side]) for side in sides]
        numbers = [self._numbers(chosen, side, places) for side in sides]
        selected = [
            (self._selected_by(variable, variable.family), numbers_of)
            for variable, numbers_of in zip(chosen, places, strict=True)
            if variable.family in self._atoms
        ]
        low, high = np.zeros(len(flat), dtype=np.int64), np.zeros(len(flat), dtype=np.int64)
        step = max(CHUNK // max(len(self._people), 1), 1)
        for start in range(0, len(flat), step):
            span = np.arange(start, min(start + step, len(flat)))
            masks = [is_selected[numbers_of[span]] for is_selected, numbers_of in selected]
            most = [by_group[number[span]] for (_, by_group), number in zip(counts, numbers, strict=True)]
            high[span] = _sum_selected(reduce(np.minimum, most), masks)
            if is_known_empty is not None:
                is_open = ~is_known_empty[span]
                span, masks = span[is_open], [mask[is_open] for mask in masks]
            parts = [by_group[number[span]] for (by_group, _), number in zip(counts, numbers, strict=True)]
            least = np.maximum(reduce(np.add, parts) - (len(parts) - 1) * self._people, 0)
            low[span] = _sum_selected(least, masks)
        return low, high

    def _selected_by(self, variable: Variable, family: int) -> Bools:
        """Return which strata each condition on a separating family selects."""
        key = (family, variable.order, len(variable.conditions))
        if key not in self._selected:
            self._selected[key] = np.asarray(variable.weights[:, self._atoms[family]] > 0)
        return self._selected[key]

    def _size(self, chosen: Sequence[Variable], side: Sequence[int]) -> int:
        return int(np.prod([len(chosen[place].conditions) for place in side], dtype=object)) * len(self._people)

    def _numbers(self, chosen: Sequence[Variable], side: Sequence[int], places: Sequence[Ints]) -> Ints:
        """Return the number of each group among those of one side."""
        number = np.zeros(len(places[0]), dtype=np.int64)
        for place in side:
            number = number * len(chosen[place].conditions) + places[place]
        return number

    def _counts_of(self, chosen: Sequence[Variable]) -> tuple[Ints, Ints]:
        """Return the least and the most people (groups, strata) of the groups of one side."""
        key = tuple((_column(variable), variable.order, len(variable.conditions)) for variable in chosen)
        if key not in self._counts:
            strata = len(self._people)
            if self._exchanged is not None and self.separator.exchanged(chosen):
                self._counts[key] = self._exchanged.ends(chosen[0].conditions)
                return self._counts[key]
            counts = group_counts_by(self.register, self.builder.families, chosen, self._stratum, strata)
            groups = math.prod(counts.shape[:-1])  # not -1: an empty register has no stratum
            self._counts[key] = counts.reshape(groups, strata), counts.reshape(groups, strata)
        return self._counts[key]


def _sum_selected(people: Ints, masks: Sequence[Bools]) -> Ints:
    """Return the people (groups,) of the strata (groups, strata) that all masks select."""
    return np.asarray(reduce(np.multiply, masks, people).sum(axis=1))
