"""Conditions on the columns of all tables: the groups of an assessment are conjunctions of them.

A condition selects a value, a code of an axis, the values of a filter, or the complement of one of these. A variable is
a family of tied columns, or one multi-valued column, of which the conditions are "has the value" and "does not". A
multi-valued column has further variables, of which a condition is about two or three different values of one person.
"""

from __future__ import annotations

import math
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import combinations, product

import numpy as np

from kerege.evidence.counting.frequency_table import NOT_REPORTED, WITHHELD
from kerege.evidence.sdc.constraints.domains import REST, Bools, Family
from kerege.evidence.sdc.constraints.table_views import AxisView, DerivedGroup, Literal, Masks, SetAxisView, TableView
from kerege.evidence.sdc.linear.linear_system import Floats, Ints
from kerege.evidence.sdc.reading.column_names import NOT_STATED

ORDER = 3  # most conditions of a group
MOST_GROUPS = 200_000  # most groups of ORDER variables; in larger sets, long variables come without complements
LONG = 24  # conditions of a long variable
Signs = tuple[tuple[str, bool], ...]
WITHOUT = "without "  # before the names of the columns of a complement


@dataclass(frozen=True)
class Condition:
    """People with one of some values in a column (`codes`, by column), or all others.

    They also meet the conditions `also` on other values of the same multi-valued column.
    """

    codes: tuple[tuple[str, str], ...]
    is_complement: bool = False
    also: tuple[Condition, ...] = ()

    @property
    def parts(self) -> tuple[Condition, ...]:
        """Return the conditions on single values."""
        return (replace(self, also=()), *self.also) if self.also else (self,)

    @cached_property
    def values(self) -> Signs:
        """Return the values, each with whether people lack it."""
        return tuple((part.codes[0][1], part.is_complement) for part in self.parts)

    @property
    def complements(self) -> int:
        """Return how many of the conditions on single values are complements."""
        return sum(part.is_complement for part in self.parts)

    def labels(self) -> dict[str, str]:
        """Return the codes by column; `without` marks the columns of a complement.

        People have all of several values, or are without any of them.
        """
        names: dict[str, list[str]] = {}
        for part in self.parts:
            for column, code in part._names().items():
                names.setdefault(column, []).append(code)
        return {
            column: (" or " if column.startswith(WITHOUT) else " and ").join(codes) for column, codes in names.items()
        }

    def _names(self) -> dict[str, str]:
        if self.is_complement:
            columns, codes = zip(*self.codes, strict=True)
            return {WITHOUT + " and ".join(columns): " and ".join(map(_shown, codes))}
        return {column: _shown(code) for column, code in self.codes}


def _together(parts: Sequence[Condition]) -> Condition:
    """Return the condition of people who meet several conditions on single values of one column."""
    return replace(parts[0], also=tuple(parts[1:]))


@dataclass(frozen=True)
class Variable:
    """A family or a multi-valued column, with its conditions.

    `weights` has a row for each condition. For a family a column is an atom, and the entry is 1 where the condition
    selects it. For a multi-valued column an entry is the coefficient of the people with all values of one set in
    `value_sets`, of which the first, without a value, is everybody. Each condition is about `order` values.
    """

    family: int | None  # None for a multi-valued column
    column: str  # name of a multi-valued column
    value_sets: tuple[tuple[str, ...], ...]  # sets of values of a multi-valued column
    conditions: tuple[Condition, ...]
    weights: Floats
    everybody: Floats  # the weights of all people
    order: int = 1

    part_keys: tuple[tuple[bytes, ...], ...] = ()  # keys of the conditions of a family without each of their parts

    def is_simpler(self, other: Variable) -> bool:
        """Return whether the conditions are about one value less of the same column."""
        return (self.family, self.column, self.order + 1) == (other.family, other.column, other.order)

    def is_of_column(self, other: Variable) -> bool:
        """Return whether the conditions are about another number of values of the same column."""
        return self.order != other.order and (self.family, self.column) == (other.family, other.column)

    def places_without(self, part: int, simpler: Variable) -> Ints:
        """Return the position of each condition without a part in a simpler variable; -1 without one."""
        if self.family is None:
            places = {condition.values: place for place, condition in enumerate(simpler.conditions)}
            simplified = (condition.values[:part] + condition.values[part + 1 :] for condition in self.conditions)
            return np.array([places[values] for values in simplified], dtype=np.int64)
        by_key = {key: place for place, key in enumerate(simpler.keys)}
        return np.array([by_key.get(keys[part], -1) for keys in self.part_keys], dtype=np.int64)

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
        kept = [place for place, condition in enumerate(self.conditions) if not condition.complements]
        return replace(self, conditions=tuple(self.conditions[p] for p in kept), weights=self.weights[kept])

    def mask(self, place: int) -> Bools:
        """Return the atoms that a condition on a family selects."""
        return np.asarray(self.weights[place] > 0)


def variables(
    families: Sequence[Family],
    views: Sequence[TableView],
    living: Sequence[Bools],
    several: Mapping[str, Sequence[str]],
    paired: Container[str] = (),
) -> list[Variable]:
    """Return the variables of a system of tables, those of a small order first.

    `living` marks the atoms of each family that some person can have, `several` has the values of each multi-valued
    column. Conditions are about several values of the columns in `paired`.
    """
    single = [_family_variable(f, family, views, living[f]) for f, family in enumerate(families)]
    single += [_multi_valued_variable(name, list(values), 1) for name, values in several.items()]
    result = [variable for variable in single if variable.conditions]
    for order in range(2, ORDER + 1):
        of_sets = [
            _family_of_sets(f, family, views, living[f], order)
            for f, family in enumerate(families)
            if family.set_column in paired
        ]
        of_columns = [
            _multi_valued_variable(name, list(values), order) for name, values in several.items() if name in paired
        ]
        # The search for conditions on two values begins with those on one value. Where all people have the same values,
        # no condition on one value selects only some of them, so none on two values does: leave them out.
        result += [
            variable
            for variable in [*of_sets, *of_columns]
            if variable.conditions and any(other.is_simpler(variable) for other in result)
        ]
    return result


def value_conditions(column: str, values: Sequence[str], order: int) -> Iterator[Condition]:
    """Yield the conditions on `order` different values of a column; each can be a complement.

    People who did not report a value have no other one, so only "reported some" is a condition beside others that are
    complements too. Not stated is no value that people have beside others.
    """
    stated = [value for value in values if order == 1 or not _is_not_stated(value)]
    for signs in product((False, True), repeat=order):
        for chosen in combinations(stated, order):
            if order == 1 or NOT_REPORTED not in chosen or all(signs):
                parts = [Condition(((column, value),), sign) for value, sign in zip(chosen, signs, strict=True)]
                yield _together(parts)


def _is_not_stated(value: str) -> bool:
    """Return whether a value of another publisher's column says that nothing is known."""
    return value != NOT_REPORTED and NOT_STATED.fullmatch(value.strip()) is not None


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
        value_sets=(),
        conditions=tuple(condition for condition, _ in kept),
        weights=weights,
        everybody=living.astype(float),
    )


def _family_of_sets(number: int, family: Family, views: Sequence[TableView], living: Bools, order: int) -> Variable:
    """Return the conditions on several values of a multi-valued column whose sets of values are atoms."""
    name = family.columns[-1]
    values = _values_in_sets(family, views)
    has = {value: family.having(name, [value]) for value in values}
    conditions = list(value_conditions(name, values, order))
    masks = [[has[part.codes[0][1]] != part.is_complement for part in condition.parts] for condition in conditions]
    weights = np.array([np.logical_and.reduce([living, *parts]) for parts in masks], dtype=float)
    return Variable(
        family=number,
        column="",
        value_sets=(),
        conditions=tuple(conditions),
        weights=weights.reshape(len(conditions), len(family.atoms)),
        everybody=living.astype(float),
        order=order,
        part_keys=tuple(
            tuple(
                (np.logical_and.reduce([living, *parts[:left_out], *parts[left_out + 1 :]]) + 0.0).tobytes()
                for left_out in range(order)
            )
            for parts in masks
        ),
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
        for value in _values_in_sets(family, views):
            yield Condition(((name, _shown(value)),)), family.having(name, [value])
        for column in family.columns[:-1]:
            yield Condition(((column, _shown(REST)),)), family.having(column, [REST])
        return
    for place, atom in enumerate(family.atoms):
        yield (
            Condition(tuple((name, _shown(value)) for name, value in zip(family.columns, atom, strict=True))),
            np.arange(len(family.atoms)) == place,
        )


def _values_in_sets(family: Family, views: Sequence[TableView]) -> list[str]:
    """Return the values of a family of sets, with "not reported" if a filter or an axis names it."""
    name = family.columns[-1]
    tables = [view.table for view in views]
    named: list[Sequence[str]] = [table.where.get(name, ()) for table in tables]
    named += [table.axes[table.by.index(name)] for table in tables if name in table.by]
    is_silent_named = any(NOT_REPORTED in values for values in named)
    return [*sorted(frozenset().union(*family.sets)), *[NOT_REPORTED] * is_silent_named]


def _shown(value: str) -> str:
    """Return a value as a report names it."""
    return "another" if value == REST else value


def _text(values: Sequence[str]) -> str:
    return " or ".join(sorted(values))


def _multi_valued_variable(name: str, values: Sequence[str], order: int) -> Variable:
    """Return the conditions on `order` values of a multi-valued column."""
    value_sets = [chosen for size in range(order + 1) for chosen in combinations(values, size)]
    place = {chosen: number for number, chosen in enumerate(value_sets)}
    conditions = list(value_conditions(name, values, order))
    weights = np.zeros((len(conditions), len(value_sets)))
    for row, condition in enumerate(conditions):
        lacking = [part.codes[0][1] for part in condition.parts if part.is_complement]
        having = [part.codes[0][1] for part in condition.parts if not part.is_complement]
        for size in range(len(lacking) + 1):
            for more in combinations(lacking, size):
                weights[row, place[tuple(value for value in values if value in (*having, *more))]] = (-1.0) ** size
    return Variable(
        family=None,
        column=name,
        value_sets=tuple(value_sets),
        conditions=tuple(conditions),
        weights=weights,
        everybody=np.eye(1, len(value_sets))[0],
        order=order,
    )


def derived_group(chosen: Sequence[Variable], places: Sequence[int]) -> DerivedGroup:
    """Return the group of the conditions at `places` of some variables."""
    masks: Masks = {v.family: v.mask(p) for v, p in zip(chosen, places, strict=True) if v.family is not None}
    conditions = tuple(v.conditions[p] for v, p in zip(chosen, places, strict=True))
    literals = tuple(
        Literal(*part.codes[0], part.is_complement)
        for variable, condition in zip(chosen, conditions, strict=True)
        if variable.family is None
        for part in condition.parts
    )
    labels = {name: code for condition in conditions for name, code in condition.labels().items()}
    complements, order = sum(c.complements for c in conditions), sum(len(c.parts) for c in conditions)
    return DerivedGroup(masks, literals, labels, (complements, order))


def order_of(chosen: Sequence[Variable]) -> int:
    """Return the number of conditions of the groups of some variables."""
    return sum(variable.order for variable in chosen)


def variable_sets(all_variables: Sequence[Variable]) -> Iterator[tuple[tuple[int, ...], list[Variable]]]:
    """Yield every set of variables of different columns with their numbers, few conditions first.

    The groups have at most ORDER conditions. Of a set with ORDER conditions and more than MOST_GROUPS groups, the
    variables with more than LONG conditions come without complements.
    """
    by_order: dict[int, list[tuple[int, ...]]] = {order: [] for order in range(ORDER + 1)}
    for size in range(ORDER + 1):
        for numbers in combinations(range(len(all_variables)), size):
            chosen = [all_variables[number] for number in numbers]
            if order_of(chosen) <= ORDER and not any(a.is_of_column(b) for a, b in combinations(chosen, 2)):
                by_order[order_of(chosen)].append(numbers)
    for order, sets in by_order.items():
        for numbers in sets:
            chosen = [all_variables[number] for number in numbers]
            is_large = order == ORDER and math.prod(len(variable.conditions) for variable in chosen) > MOST_GROUPS
            yield numbers, [v.accepted if is_large and len(v.conditions) > LONG else v for v in chosen]
