"""An oracle for people and rows about them: every register of few people with any number of rows.

It shares no code with the product. A person has a region and rows; a row has a kind and a payer. Registers are built
person by person, and only what tables can count of them is kept.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, combinations, combinations_with_replacement, product

import numpy as np
from numpy.typing import NDArray

REGIONS, KINDS, PAYERS = ("A", "B"), ("k", "l"), ("x", "y")
Person = tuple[str, tuple[tuple[str, str], ...]]  # region, rows as (kind, payer)
Group = tuple[str, tuple[tuple[str, str, bool], ...]]  # unit, conditions (column, code, is complement)
Ends = tuple[int, int]
Ints = NDArray[np.int64]
UNLIMITED = 2**31


@dataclass(frozen=True)
class CountedTable:
    """A table of people or of rows, with the cells that are hidden."""

    unit: str
    by: tuple[str, ...]
    where: tuple[tuple[str, str], ...]
    cells: tuple[tuple[tuple[str, ...], int, bool], ...]  # codes, count, whether it is hidden


def codes_of(column: str) -> tuple[str, ...]:
    """Return the codes of a column."""
    return {"region": REGIONS, "kind": KINDS, "payer": PAYERS, "kinds": (*KINDS, "_U")}[column]


def has(unit: str, thing: tuple[str, str, str] | Person, column: str, code: str) -> bool:
    """Return whether a person or a row has a code."""
    if unit == "rows":
        return thing[("region", "kind", "payer").index(column)] == code
    if column == "region":
        return thing[0] == code
    kinds = {kind for kind, _ in thing[1]}
    return not kinds if code == "_U" else code in kinds


def things(unit: str, people: Iterable[Person]) -> Iterator[tuple[str, str, str] | Person]:
    """Yield the people, or their rows with their region."""
    for person in people:
        if unit == "people":
            yield person
        else:
            yield from ((person[0], kind, payer) for kind, payer in person[1])


def count(group: Group, people: Sequence[Person]) -> int:
    """Return the size of a group."""
    unit, conditions = group
    return sum(
        all(has(unit, thing, column, code) != is_complement for column, code, is_complement in conditions)
        for thing in things(unit, people)
    )


def make_table(
    unit: str,
    by: tuple[str, ...],
    where: tuple[tuple[str, str], ...],
    people: Sequence[Person],
    hidden: Mapping[object, bool],
) -> CountedTable:
    """Count a table; `hidden` says which cells to hide, zeros never."""
    cells = []
    for codes in product(*[("_T", *codes_of(column)) for column in by]):
        conditions = [(c, k, False) for c, k in zip(by, codes, strict=True) if k != "_T"]
        conditions += [(c, k, False) for c, k in where]
        number = count((unit, tuple(conditions)), people)
        cells.append((codes, number, bool(number) and hidden.get(codes, False)))
    return CountedTable(unit, by, where, tuple(cells))


def all_groups(columns: Mapping[str, Sequence[str]]) -> list[Group]:
    """Return all conjunctions of up to three conditions, complements included.

    Only a person can have several kinds: other columns have at most one condition.
    """
    groups = []
    for unit, names in columns.items():
        options = [list(_conditions(name, 3 if name == "kinds" else 1)) for name in names]
        conjunctions = (tuple(chain.from_iterable(chosen)) for chosen in product(*options))
        groups += [(unit, conditions) for conditions in conjunctions if len(conditions) <= 3]
    return groups


def _conditions(name: str, most: int) -> Iterator[tuple[tuple[str, str, bool], ...]]:
    """Yield conjunctions of conditions on different codes of a column."""
    for size in range(most + 1):
        for codes in combinations(codes_of(name), size):
            for signs in product((False, True), repeat=size):
                yield tuple((name, code, sign) for code, sign in zip(codes, signs, strict=True))


def persons(most_rows: int, *, is_once: bool, has_payer: bool) -> list[Person]:
    """Return every kind of person with at most so many rows."""
    kinds = [(kind, payer) for kind in KINDS for payer in (PAYERS if has_payer else PAYERS[:1])]
    result = []
    for size in range(most_rows + 1):
        for rows in combinations_with_replacement(kinds, size):
            if not is_once or len({kind for kind, _ in rows}) == len(rows):
                result += [(region, rows) for region in REGIONS]
    return result


def ends_of(
    tables: Sequence[CountedTable], groups: Sequence[Group], people: int, rows: int, *, is_once: bool, has_payer: bool
) -> tuple[dict[Group, Ends], Ints]:
    """Return the ends of the size of each group, and its size in every register (registers, groups).

    The numbers of all people and of all rows are known.
    """
    cells = [
        (table.unit, tuple((c, k, False) for c, k in [*zip(table.by, codes, strict=True), *table.where] if k != "_T"))
        for table in tables
        for codes, _, _ in table.cells
    ]
    stated = [(number, hidden) for table in tables for _, number, hidden in table.cells]
    kinds = persons(rows, is_once=is_once, has_payer=has_payer)
    measured = [(len(kind[1]), *(count(group, [kind]) for group in (*cells, *groups))) for kind in kinds]
    most = [rows, *[UNLIMITED if hidden else number for number, hidden in stated]]
    least = [rows, *[1 if hidden else number for number, hidden in stated]]
    registers = sums_of(np.unique(measured, axis=0), people, np.array(least), np.array(most))
    sizes = registers[:, len(most) :]
    return {g: (int(sizes[:, n].min()), int(sizes[:, n].max())) for n, g in enumerate(groups)}, sizes


def sums_of(vectors: Ints, number: int, least: Ints, most: Ints) -> Ints:
    """Return the different sums of so many vectors; their first entries are from `least` to `most`."""
    basis = independent_columns(vectors)
    largest = number * vectors.max(axis=0)
    largest[: len(most)] = np.minimum(largest[: len(most)], most)
    weights = [math.prod(int(n) + 1 for n in largest[basis[:place]]) for place in range(len(basis) + 1)]
    assert weights[-1] < 2**63, "the sums have no different 64-bit numbers"
    bounded = vectors[:, : len(most)]
    sums = np.zeros((1, vectors.shape[1]), dtype=np.int64)
    for further in reversed(range(number)):
        enough = least - further * bounded.max(axis=0)
        longer = []
        for vector, first in zip(vectors, bounded, strict=True):
            is_kept = ((sums[:, : len(most)] <= most - first) & (sums[:, : len(most)] >= enough - first)).all(axis=1)
            longer.append(sums[is_kept] + vector)
        sums = np.concatenate(longer)
        # the other columns are linear combinations of the basis: equal there means equal everywhere
        sums = sums[np.unique(sums[:, basis] @ weights[:-1], return_index=True)[1]]
    return sums


def independent_columns(vectors: Ints) -> list[int]:
    """Return the positions of columns that are a basis of the space of all columns."""
    basis: list[int] = []
    for column in range(vectors.shape[1]):
        if np.linalg.matrix_rank(vectors[:, [*basis, column]]) > len(basis):
            basis.append(column)
    return basis


def is_safe(ends: Ends, threshold: int) -> bool:
    """Return whether a group is safe by the definition."""
    least, most = ends
    return least >= threshold or most == 0 or (most >= threshold and most - least >= threshold - 1)
