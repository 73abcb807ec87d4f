"""Conditions on the columns of all tables: the groups of an assessment are conjunctions of them.

A condition selects a value, a code of an axis, the values of a filter, or the complement of one of these. A variable is
a family of tied columns, or one multi-valued column, of which the conditions are "has the value" and "does not".
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import combinations

import numpy as np

from kerege.evidence.counting.frequency_table import NOT_REPORTED, WITHHELD
from kerege.evidence.sdc.constraints.domains import REST, Bools, Family
from kerege.evidence.sdc.constraints.table_views import AxisView, DerivedGroup, Literal, Masks, SetAxisView, TableView
from kerege.evidence.sdc.linear.linear_system import Floats, Ints
from kerege.evidence.sdc.reading.column_names import NOT_STATED

ORDER = 3  # most conditions of a group
MOST_GROUPS = 200_000  # most groups of ORDER variables; in larger sets, long variables come without complements
LONG = 24  # conditions of a long variable
WITHOUT = "without "  # before the names of the columns of a complement


@dataclass(frozen=True)
class Condition:
    """People with one of some values in a column (`codes`, by column), or all others."""

    codes: tuple[tuple[str, str], ...]
    is_complement: bool = False

    def labels(self) -> dict[str, str]:
        """Return the codes by column; `without` marks the columns of a complement."""
        if self.is_complement:
            columns, codes = zip(*self.codes, strict=True)
            return {WITHOUT + " and ".join(columns): " and ".join(map(_shown, codes))}
        return {column: _shown(code) for column, code in self.codes}


@dataclass(frozen=True)
class Variable:
    """A family or a multi-valued column, with its conditions.

    `weights` has a row for each condition. For a family a column is an atom, and the entry is 1 where the condition
    selects it. For a multi-valued column the first column is everybody, the others are people with each value.
    """

    family: int | None  # None for a multi-valued column
    column: str  # name of a multi-valued column
    values: tuple[str, ...]  # values of a multi-valued column
    conditions: tuple[Condition, ...]
    weights: Floats
    everybody: Floats  # the weights of all people

    @cached_property
    def keys(self) -> list[bytes]:
        """Return a key of the people whom each condition selects."""
        return [row.tobytes() for row in self.weights + 0.0]

    @cached_property
    def inverse_keys(self) -> list[bytes]:
        """Return the key of the complement of each condition."""
        return [row.tobytes() for row in self.everybody - self.weights + 0.0]

    def places_in(self, other: Variable, *, inverse: bool = False) -> Ints:
        """Return the position of each condition, or of its complement, in another variable; -1 without one."""
        places = {key: place for place, key in enumerate(other.keys)}
        keys = self.inverse_keys if inverse else self.keys
        return np.array([places.get(key, -1) for key in keys], dtype=np.int64)

    @property
    def accepted(self) -> Variable:
        """Return the variable without the complements."""
        kept = [place for place, condition in enumerate(self.conditions) if not condition.is_complement]
        return replace(self, conditions=tuple(self.conditions[p] for p in kept), weights=self.weights[kept])

    def mask(self, place: int) -> Bools:
        """Return the atoms that a condition on a family selects."""
        return np.asarray(self.weights[place] > 0)


def variables(
    families: Sequence[Family],
    views: Sequence[TableView],
    living: Sequence[Bools],
    several: Mapping[str, Sequence[str]],
) -> list[Variable]:
    """Return the variables of a system of tables.

    `living` marks the atoms of each family that some person can have, `several` has the values of each multi-valued
    column.
    """
    result = [_family_variable(f, family, views, living[f]) for f, family in enumerate(families)]
    result += [_multi_valued_variable(name, list(values)) for name, values in several.items()]
    return [variable for variable in result if variable.conditions]


def _family_variable(number: int, family: Family, views: Sequence[TableView], living: Bools) -> Variable:
    masks: dict[bytes, tuple[Condition, Bools]] = {}
    for condition, mask in _conditions(number, family, views):
        for complement, selected in ((condition, mask & living), (Condition(condition.codes, True), ~mask & living)):
            if selected.any() and (selected != living).any():
                _keep_simplest(masks, complement, selected)
    kept = list(masks.values())
    weights = np.array([mask for _, mask in kept], dtype=float).reshape(len(kept), len(family.atoms))
    return Variable(
        family=number,
        column="",
        values=(),
        conditions=tuple(condition for condition, _ in kept),
        weights=weights,
        everybody=living.astype(float),
    )


def _keep_simplest(masks: dict[bytes, tuple[Condition, Bools]], condition: Condition, mask: Bools) -> None:
    """Keep the first condition for each set of atoms, but one without a complement if there is any."""
    present = masks.get(mask.tobytes())
    if present is None or (present[0].is_complement and not condition.is_complement):
        masks[mask.tobytes()] = (condition, mask)


def _conditions(number: int, family: Family, views: Sequence[TableView]) -> Iterator[tuple[Condition, Bools]]:
    """Yield the codes of axes, the filters, and the single atoms of a family; of time, the intervals."""
    if family.line is not None:
        pieces = np.arange(len(family.atoms))
        for first, last in family.line.intervals():
            label = family.line.label(first, last)
            yield Condition(((family.line.column, label),)), (pieces >= first) & (pieces <= last)
        return
    for view in (view for view in views if (view.table.status != WITHHELD).any()):
        for d, dim in enumerate(view.dims):
            if isinstance(dim, AxisView) and dim.family == number:
                for place, code in enumerate(view.table.axes[d]):
                    if place:
                        yield Condition(((view.table.by[d], code),)), dim.mask(place)
            elif isinstance(dim, SetAxisView) and dim.family == number:
                for place, code in enumerate(view.table.axes[d]):
                    if place:
                        yield Condition(((view.table.by[d], code),)), dim.masks[place]
    for view in views:
        if number in view.filter:
            columns = [name for name in view.table.where if name in family.columns]
            yield Condition(tuple((name, _text(view.table.where[name])) for name in columns)), view.filter[number]
    if (name := family.set_column) is not None:
        is_silent_named = any(NOT_REPORTED in view.table.where.get(name, ()) for view in views)
        for value in [*sorted(frozenset().union(*family.sets)), *[NOT_REPORTED] * is_silent_named]:
            yield Condition(((name, _shown(value)),)), family.having(name, [value])
        if family.is_paired:
            stated = [value for value in frozenset().union(*family.sets) if not NOT_STATED.fullmatch(value.strip())]
            for pair in combinations(sorted(stated), 2):
                text = " and ".join(map(_shown, pair))
                yield Condition(((name, text),)), family.having(name, pair[:1]) & family.having(name, pair[1:])
        for column in family.columns[:-1]:
            yield Condition(((column, _shown(REST)),)), family.having(column, [REST])
        return
    for place, atom in enumerate(family.atoms):
        yield (
            Condition(tuple((name, _shown(value)) for name, value in zip(family.columns, atom, strict=True))),
            np.arange(len(family.atoms)) == place,
        )


def _shown(value: str) -> str:
    """Return a value as a report names it."""
    return "another" if value == REST else value


def _text(values: Sequence[str]) -> str:
    return " or ".join(sorted(values))


def _multi_valued_variable(name: str, values: list[str]) -> Variable:
    size = len(values)
    has = np.hstack([np.zeros((size, 1)), np.eye(size)])
    has_not = np.hstack([np.ones((size, 1)), -np.eye(size)])
    conditions = [Condition(((name, value),), is_complement) for is_complement in (False, True) for value in values]
    return Variable(
        family=None,
        column=name,
        values=tuple(values),
        conditions=tuple(conditions),
        weights=np.vstack([has, has_not]),
        everybody=np.eye(1, 1 + size)[0],
    )


def derived_group(chosen: Sequence[Variable], places: Sequence[int]) -> DerivedGroup:
    """Return the group of the conditions at `places` of some variables."""
    masks: Masks = {v.family: v.mask(p) for v, p in zip(chosen, places, strict=True) if v.family is not None}
    conditions = tuple(v.conditions[p] for v, p in zip(chosen, places, strict=True))
    literals = tuple(
        Literal(*condition.codes[0], condition.is_complement)
        for variable, condition in zip(chosen, conditions, strict=True)
        if variable.family is None
    )
    labels = {name: code for condition in conditions for name, code in condition.labels().items()}
    return DerivedGroup(masks, literals, labels, (sum(c.is_complement for c in conditions), len(conditions)))


def variable_sets(all_variables: Sequence[Variable]) -> Iterator[tuple[tuple[int, ...], list[Variable]]]:
    """Yield every set of at most ORDER variables with their numbers, small sets first.

    A set of ORDER variables with more than MOST_GROUPS groups leaves out the complements of its variables with more
    than LONG conditions.
    """
    for size in range(ORDER + 1):
        for numbers in combinations(range(len(all_variables)), size):
            chosen = [all_variables[number] for number in numbers]
            is_large = size == ORDER and math.prod(len(variable.conditions) for variable in chosen) > MOST_GROUPS
            yield numbers, [v.accepted if is_large and len(v.conditions) > LONG else v for v in chosen]
