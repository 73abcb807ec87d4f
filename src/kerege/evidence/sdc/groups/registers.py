"""Registers that fit published tables: people with a value in every column.

A register is held as rows of equal people, each with its number of people. It is made from counts of overlapping groups
of columns by matching people of equal overlap one by one, which is always possible (see `junction_tree`).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from kerege.evidence.sdc.constraints.multi_table import JointBuilder
from kerege.evidence.sdc.constraints.multi_valued import MultiValuedColumn
from kerege.evidence.sdc.constraints.register import NO_COLUMN, Register
from kerege.evidence.sdc.constraints.table_views import Coords
from kerege.evidence.sdc.linear.linear_system import Ints

SHUFFLED = 0.25  # share of matchings in which chance alone decides


def true_register(builder: JointBuilder) -> Register:
    """Return the people of a snapshot, one row for each person."""
    height = builder.people.height
    has = {name: {v: column.reports(v) for v in column.values} for name, column in builder.several.items()}
    return Register(np.ones(height, dtype=np.int64), builder.people.rows(), has)


def register_of(builder: JointBuilder, counts: Ints, rng: np.random.Generator) -> Register:
    """Return a register with given counts of all unknowns.

    Chance decides which people of equal overlap are matched. `counts` (unknowns,) must keep all equations of the
    system.
    """
    people = builder.people
    register = _clique(builder, 0, counts)
    joined = {0}
    remaining = list(range(1, len(people.groups)))
    while remaining:
        group = next(
            (g for g in remaining if any({a, b} & joined and g in (a, b) for a, b in people.near)), remaining[0]
        )
        remaining.remove(group)
        register = _match(builder, register, _clique(builder, group, counts), rng)
        joined.add(group)
    for column in builder.several.values():
        register = _with_values(builder, register, column, counts, rng)
    return register


def _clique(builder: JointBuilder, group: int, counts: Ints) -> Register:
    """Return the people of one group of columns."""
    start = builder.people.start[group]
    size = counts[start : start + builder.people.count(group)]
    rows = np.flatnonzero(size > 0)
    return Register(size[rows], {f: atoms[rows] for f, atoms in builder.people.coords[group].items()})


def _match(builder: JointBuilder, first: Register, second: Register, rng: np.random.Generator) -> Register:
    """Return people of both, matched one by one within each combination of the columns that both have."""
    shared = sorted((first.coords.keys() & second.coords.keys()) - {NO_COLUMN})
    order_a, order_b = (_ordered(builder, register, shared, rng) for register in (first, second))
    ends_a, ends_b = np.cumsum(first.people[order_a]), np.cumsum(second.people[order_b])
    ends = np.union1d(ends_a, ends_b)
    people = np.diff(ends, prepend=0)
    last = ends - 1
    rows_a = order_a[np.searchsorted(ends_a, last, side="right")]
    rows_b = order_b[np.searchsorted(ends_b, last, side="right")]
    matched = first.take(rows_a, people)
    matched.coords |= {f: atoms[rows_b] for f, atoms in second.coords.items() if f not in first.coords}
    return matched


def _labels(builder: JointBuilder, coords: Coords, families: Sequence[int], rows: int) -> Ints:
    """Return one number for each combination of the atoms of some families (rows,)."""
    label = np.zeros(rows, dtype=np.int64)
    for f in families:
        label = label * len(builder.families[f].atoms) + coords[f]
    return label


def _ordered(builder: JointBuilder, register: Register, shared: Sequence[int], rng: np.random.Generator) -> Ints:
    """Return the rows sorted by the shared columns.

    Within these, the order is by the atoms of one other column, in random order: people with the same atom are then
    matched with others who have one, so that groups get far apart.
    """
    labels = _labels(builder, register.coords, shared, len(register.people))
    others = sorted(register.coords.keys() - {*shared, NO_COLUMN})
    if not others or rng.random() < SHUFFLED:
        return _shuffled(labels, rng)
    family = int(rng.choice(others))
    rank = rng.permutation(len(builder.families[family].atoms))[register.coords[family]]
    return np.lexsort((rng.random(len(labels)), rank, labels))


def _shuffled(labels: Ints, rng: np.random.Generator) -> Ints:
    """Return the rows sorted by label, in random order within each label."""
    return np.lexsort((rng.random(len(labels)), labels))


def column_classes(builder: JointBuilder, column: MultiValuedColumn, register: Register) -> Ints:
    """Return the class of a multi-valued column to which each row of a register belongs (rows,).

    Each row with a combination that the tables rule out has a negative number of its own.
    """
    families = sorted(builder.people.groups[column.group])
    combinations = _labels(builder, builder.people.coords[column.group], families, builder.people.count(column.group))
    by_label = np.argsort(combinations)
    labels = _labels(builder, register.coords, families, len(register.people))
    places = by_label[np.minimum(np.searchsorted(combinations[by_label], labels), len(combinations) - 1)]
    return np.where(combinations[places] == labels, column.class_of[places], -1 - np.arange(len(labels)))


def _with_values(
    builder: JointBuilder, register: Register, column: MultiValuedColumn, counts: Ints, rng: np.random.Generator
) -> Register:
    """Give the people of a register the values of a multi-valued column.

    The people of each class are placed in a row. Each value takes as many neighbours as have it, and starts where the
    value before ended, around the row: so everybody gets a value if there are enough values for all.
    """
    classes = column_classes(builder, column, register)
    order = _shuffled(classes, rng)
    register, place = register.take(order, register.people[order]), classes[order]
    holders = {value: counts[column.at(value)] for value in column.values}
    silent = holders[column.values[0]]
    everybody = np.bincount(place, weights=register.people, minlength=column.count).astype(np.int64)
    speaking = everybody - silent
    spans, ends = _spans(column, holders, speaking, rng)
    first = np.concatenate([[0], np.cumsum(register.people)])
    base = _first_of_each(place, first, column.count)
    cuts = np.concatenate([base + end for end in [*ends, speaking]])
    total = int(first[-1])
    bounds = np.union1d(first, cuts[(cuts >= 0) & (cuts < total)])
    people = np.diff(bounds)
    rows = np.searchsorted(first, bounds[:-1], side="right") - 1
    cut = register.take(rows, people)
    combination = place[rows]
    offset = bounds[:-1] - base[combination]
    speaks = offset < speaking[combination]
    has = {column.values[0]: ~speaks}
    for value, (start, length) in spans.items():
        span = np.maximum(speaking[combination], 1)
        has[value] = speaks & ((offset - start[combination]) % span < length[combination])
    cut.has[column.name] = has
    return cut


def _spans(
    column: MultiValuedColumn, holders: dict[str, Ints], speaking: Ints, rng: np.random.Generator
) -> tuple[dict[str, tuple[Ints, Ints]], list[Ints]]:
    """Return the first person and the number of people of each value and combination, and where spans end."""
    start = np.zeros(column.count, dtype=np.int64)
    spans: dict[str, tuple[Ints, Ints]] = {}
    ends: list[Ints] = []
    span = np.maximum(speaking, 1)
    values = [column.values[number + 1] for number in rng.permutation(len(column.values) - 1).tolist()]
    for value in values:
        length = holders[value]
        spans[value] = (start.copy(), length)
        start = (start + length) % span
        ends += [spans[value][0], start.copy()]
    return spans, ends


def _first_of_each(place: Ints, first: Ints, count: int) -> Ints:
    """Return the position of the first person of each combination, far below 0 without people."""
    base = np.full(count, -(10**12), dtype=np.int64)
    combination, row = np.unique(place, return_index=True)
    base[combination] = first[row]
    return base
