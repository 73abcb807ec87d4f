"""The groups of the definition: conjunctions of up to three conditions, and every cell of every table.

A condition is written as its columns and the labels that it accepts: `(("sex",), frozenset({("female",)}))`. An atom
meets a condition if its codes in these columns are one of the labels. In a multi-valued column a label holds a set:
`(("service",), frozenset({(frozenset({"food"}),), (frozenset({"food", "*"}),)}))` is *has food*. A group is a frozenset
of conditions. Two groups that select the same atoms are the same group: compare the atoms, not the words.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations_with_replacement

import numpy as np

from tests.evidence.sdc.oracle.registers import OTHER, AtomSpace, Bools, Label, Named, Variable, is_counted
from tests.evidence.sdc.oracle.releases import TOTAL, PublishedTable

ORDER = 3
Condition = tuple[tuple[str, ...], frozenset[Label]]
Group = frozenset[Condition]


@dataclass(frozen=True)
class GroupFamily:
    """All groups, each once: `members` has a row for each group and a column for each atom."""

    names: list[Group]
    members: Bools


def named_codes(tables: Iterable[PublishedTable]) -> dict[str, set[str]]:
    """Return the codes that the axes and filters of the tables name, by column."""
    named: dict[str, set[str]] = {}
    for table in tables:
        for place, column in enumerate(table.by):
            named.setdefault(column, set()).update(key[place] for key in table.cells)
        for column, codes in table.where.items():
            named.setdefault(column, set()).update(codes)
    return {column: codes - {TOTAL} for column, codes in named.items()}


def list_groups(space: AtomSpace, tables: Sequence[PublishedTable], order: int = ORDER) -> GroupFamily:
    """Return the conjunctions of up to `order` conditions, and all cells.

    The conditions are in different variables, or about different values of one multi-valued column.
    """
    named = named_codes(tables)
    by_variable = [list_conditions(variable, named, tables) for variable in space.variables]
    of_values = [value_conditions(variable, named) if variable.multi else [] for variable in space.variables]
    names: list[Group] = []
    members = [np.zeros((0, len(space.atoms)), dtype=bool)]
    for size in range(1, order + 1):
        for chosen in _variables_of(space.variables, size):
            conjunction, parts = np.ones((1, len(space.atoms)), dtype=bool), [frozenset[Condition]()]
            for v in chosen:
                conditions = of_values[v] if chosen.count(v) > 1 else by_variable[v]
                masks = np.array([space.having(*condition) for condition in conditions]).reshape(-1, len(space.atoms))
                conjunction = (conjunction[:, None] & masks[None]).reshape(-1, len(space.atoms))
                parts = [group | {condition} for group in parts for condition in conditions]
            names += parts
            members.append(conjunction)
    for table in tables:
        for key in table.cells:
            names.append(cell_group(space, table, key))
            members.append(cell_members(space, table, key)[None])
    return _distinct(names, np.concatenate(members))


def _variables_of(variables: Sequence[Variable], size: int) -> Iterator[tuple[int, ...]]:
    """Yield the variables of `size` conditions: a multi-valued column can have several of them."""
    for chosen in combinations_with_replacement(range(len(variables)), size):
        if all(variables[v].multi or chosen.count(v) == 1 for v in chosen):
            yield chosen


def _distinct(names: list[Group], members: Bools) -> GroupFamily:
    """Return the groups that select different atoms, without those that select none."""
    first: dict[bytes, int] = {}
    for place, row in enumerate(np.packbits(members, axis=1)):
        first.setdefault(row.tobytes(), place)
    kept = [place for place in first.values() if members[place].any()]
    return GroupFamily([names[place] for place in kept], members[kept])


def list_conditions(variable: Variable, named: Named, tables: Sequence[PublishedTable]) -> list[Condition]:
    """Return the conditions in a variable: values, axis codes, sets of filters, and complements."""
    labels = frozenset(variable.labels({column: named[column] for column in variable.columns}))
    accepted = {*_elementary(variable, labels, named), *_codes(variable, labels, named)}
    accepted |= set(_filter_sets(variable, labels, tables))
    accepted |= {labels - chosen for chosen in accepted}
    in_order = sorted(accepted, key=lambda chosen: sorted(map(repr, chosen)))
    return [(variable.columns, chosen) for chosen in in_order if 0 < len(chosen) < len(labels)]


def value_conditions(variable: Variable, named: Named) -> list[Condition]:
    """Return the conditions on one value of a multi-valued variable, and their complements."""
    labels = frozenset(variable.labels({column: named[column] for column in variable.columns}))
    column = variable.columns[-1]
    accepted = [_accepting(column, variable, labels, [code]) for code in sorted({*named[column], OTHER})]
    both = dict.fromkeys([*accepted, *(labels - chosen for chosen in accepted)])
    return [(variable.columns, chosen) for chosen in both if 0 < len(chosen) < len(labels)]


def _elementary(variable: Variable, labels: frozenset[Label], named: Named) -> Iterator[frozenset[Label]]:
    """Yield the elementary values; in a multi-valued column, the people who have an unnamed value."""
    if variable.multi:
        yield _accepting(variable.columns[0], variable, labels, [OTHER])
    else:
        yield from (frozenset({label}) for label in labels)


def _codes(variable: Variable, labels: frozenset[Label], named: Named) -> Iterator[frozenset[Label]]:
    for column in variable.columns:
        for code in named[column]:
            yield _accepting(column, variable, labels, [code])


def _filter_sets(
    variable: Variable, labels: frozenset[Label], tables: Sequence[PublishedTable]
) -> Iterator[frozenset[Label]]:
    for table in tables:
        for column in variable.columns:
            if column in table.where:
                yield _accepting(column, variable, labels, table.where[column])


def _accepting(column: str, variable: Variable, labels: Iterable[Label], codes: Iterable[str]) -> frozenset[Label]:
    """Return the labels that a filter with these codes accepts."""
    place, codes = variable.columns.index(column), list(codes)
    return frozenset(label for label in labels if any(is_counted(label[place], code) for code in codes))


def group_members(space: AtomSpace, group: Iterable[Condition]) -> Bools:
    """Return the atoms that a group selects."""
    members = np.ones(len(space.atoms), dtype=bool)
    for columns, labels in group:
        members &= space.having(columns, labels)
    return members


def filter_members(space: AtomSpace, where: Mapping[str, Iterable[str]]) -> Bools:
    """Return the atoms that a filter accepts."""
    members = np.ones(len(space.atoms), dtype=bool)
    for column, codes in where.items():
        members &= np.any([space.counted_by(column, code) for code in codes], axis=0)
    return members


def cell_members(space: AtomSpace, table: PublishedTable, key: Sequence[str]) -> Bools:
    """Return the atoms that a cell counts."""
    codes = {column: [code] for column, code in zip(table.by, key, strict=True) if code != TOTAL}
    return filter_members(space, table.where) & filter_members(space, codes)


def cell_group(space: AtomSpace, table: PublishedTable, key: Sequence[str]) -> Group:
    """Return the conditions of a cell: those of the filter, and one for each code."""
    codes = [(column, [code]) for column, code in zip(table.by, key, strict=True) if code != TOTAL]
    return frozenset(
        ((column,), frozenset((value,) for value in space.codes(column) if any(is_counted(value, c) for c in accepted)))
        for column, accepted in [*table.where.items(), *codes]
    )
