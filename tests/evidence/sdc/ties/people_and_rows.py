"""An oracle for people and rows about them: every register of few people with any number of rows.

It shares no code with the product. A person has a region and rows; a row has a kind and a payer. Registers are built
person by person, and only what tables can count of them is kept.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations_with_replacement, product

import numpy as np

REGIONS, KINDS, PAYERS = ("A", "B"), ("k", "l"), ("x", "y")
Person = tuple[str, tuple[tuple[str, str], ...]]  # region, rows as (kind, payer)
Group = tuple[str, tuple[tuple[str, str, bool], ...]]  # unit, conditions (column, code, is complement)
Ends = tuple[int, int]
Profile = tuple[int, ...]


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
    """Return all conjunctions of at most one condition on each column, complements included."""
    groups = []
    for unit, names in columns.items():
        options = [
            [None, *[(name, code, negated) for code in codes_of(name) for negated in (False, True)]] for name in names
        ]
        groups += [(unit, tuple(condition for condition in chosen if condition)) for chosen in product(*options)]
    return groups


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
) -> tuple[dict[Group, Ends], np.ndarray]:
    """Return the ends of the size of each group, and its size in every register (registers, groups).

    The numbers of all people and of all rows are known.
    """
    cells = [
        (table.unit, tuple((c, k, False) for c, k in [*zip(table.by, codes, strict=True), *table.where] if k != "_T"))
        for table in tables
        for codes, _, _ in table.cells
    ]
    stated = [(number, hidden) for table in tables for _, number, hidden in table.cells]
    measured = [*cells, *groups]
    profiles = {
        (len(person[1]), tuple(count(group, [person]) for group in measured))
        for person in persons(rows, is_once=is_once, has_payer=has_payer)
    }
    most = [None if hidden else number for number, hidden in stated]
    reached: set[tuple[int, Profile]] = {(0, (0,) * len(measured))}
    for _ in range(people):
        reached = {
            (used + more, tuple(map(sum, zip(profile, added, strict=True))))
            for used, profile in reached
            for more, added in profiles
            if used + more <= rows
            and all(m is None or a + b <= m for m, a, b in zip(most, profile, added, strict=False))
        }
    fitting = [
        profile[len(cells) :]
        for used, profile in reached
        if used == rows
        and all(
            value >= 1 if hidden else value == number for value, (number, hidden) in zip(profile, stated, strict=False)
        )
    ]
    sizes = np.array(fitting, dtype=np.int64).reshape(len(fitting), len(groups))
    return {g: (int(sizes[:, n].min()), int(sizes[:, n].max())) for n, g in enumerate(groups)}, sizes


def is_safe(ends: Ends, threshold: int) -> bool:
    """Return whether a group is safe by the definition."""
    least, most = ends
    return least >= threshold or most == 0 or (most >= threshold and most - least >= threshold - 1)
