"""Families of tied columns, and the combinations of values that a person can have in them.

A family is a column, or several columns that a code list ties (form and type of exploitation, quarter and year).
Columns of one variable with overlapping codes (two sets of age bands, two levels of a hierarchy) are a family too:
their codes are cut into common pieces. The atoms of a family are the possible combinations of values. Every count of a
table is a sum over combinations of atoms.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import product
from typing import Protocol

import numpy as np
import polars as pl
from numpy.typing import NDArray

from kerege.evidence.counting.frequency_table import NOT_REPORTED
from kerege.evidence.counting.parent_codes import PARENTS, parent
from kerege.evidence.sdc.published_tables.time_line import TimeLine
from kerege.evidence.sdc.reading.nested_codes import common_atoms, same_variable
from kerege.vocabulary import codes

COARSE = "^"  # suffix of the name of a column that is recoded to its parent codes
REST = "\0"  # every value that no table of the release names
Bools = NDArray[np.bool_]
Places = NDArray[np.int64]


class TableSource(Protocol):
    """The source of tables: a snapshot with its rows, or a publication, whose `frame` is None."""

    @property
    def unit(self) -> str:
        """Return the unit that a row counts, such as victims or services."""

    @property
    def multi(self) -> frozenset[str]:
        """Return the columns in which a row can have several values."""

    @property
    def frame(self) -> pl.DataFrame | None:
        """Return the rows, None for an intruder."""

    def list_of(self, column: str) -> str:
        """Return the code list of a column, '' when none is known."""


@dataclass(frozen=True)
class Family:
    """Tied columns, their possible value combinations (atoms), and the atom of each row.

    `rows` is empty when there are no rows. The atoms of a multi-valued column, the last of `columns`, are sets of
    values (`sets`); a column before it has these sets as codes. Those of time are the pieces of a time line (`line`).
    """

    columns: tuple[str, ...]
    atoms: tuple[tuple[str, ...], ...]
    rows: Places
    sets: tuple[frozenset[str], ...] = ()
    line: TimeLine | None = None

    def having(self, column: str, values: Iterable[str]) -> Bools:
        """Return which atoms have one of `values` in a column."""
        place, chosen = self.columns.index(column), set(values)
        if column == self.set_column:
            is_silent = NOT_REPORTED in chosen
            return np.array([bool(chosen & values_of) or (is_silent and not values_of) for values_of in self.sets])
        return np.array([atom[place] in chosen for atom in self.atoms], dtype=bool)

    @property
    def set_column(self) -> str | None:
        """Return the multi-valued column whose sets of values are the atoms, None for any other family."""
        return self.columns[-1] if self.sets else None

    def value(self, column: str) -> list[str]:
        """Return the value of each atom in a column."""
        return [atom[self.columns.index(column)] for atom in self.atoms]


def time_family(line: TimeLine) -> Family:
    """Return the family of the time in which people entered or left a register."""
    return Family((line.column,), tuple((piece,) for piece in line.pieces), np.zeros(0, dtype=np.int64), line=line)


def families(frame: pl.DataFrame | None, named: Mapping[str, set[str]], lists: Mapping[str, str]) -> list[Family]:
    """Return the families of the columns in `named`, which holds the values that tables name."""
    overlapping = _overlapping_families(frame, named, lists)
    cut = {column for family in overlapping for column in family.columns}
    groups = _groups(lists, [column for column in named if column not in cut])
    if frame is None:
        return [*(_public_family(group, named, lists) for group in groups), *overlapping]
    return [*(_family_of_rows(frame, group, named, lists) for group in groups), *overlapping]


def _overlapping_families(
    frame: pl.DataFrame | None, named: Mapping[str, set[str]], lists: Mapping[str, str]
) -> list[Family]:
    """Return the families of columns whose codes overlap, cut into pieces.

    A tie counts where every row keeps it.
    """
    result = []
    for columns in same_variable(list(named), named):
        if all(lists[column] in codes.names() for column in columns):
            continue  # code lists tie these columns
        atoms = common_atoms(columns, named, REST)
        if frame is None:
            result.append(Family(tuple(columns), atoms, np.zeros(0, dtype=np.int64)))
            continue
        rows = list(zip(*[_values(frame[column], named[column]) for column in columns], strict=True))
        index = {atom: place for place, atom in enumerate(atoms)}
        if index.keys() >= set(rows):
            result.append(Family(tuple(columns), atoms, np.array([index[row] for row in rows], dtype=np.int64)))
    return result


def _groups(lists: Mapping[str, str], columns: list[str]) -> list[list[str]]:
    groups = [[column] for column in columns]
    for child, above in _tied_pairs(lists, columns):
        first = next(group for group in groups if child in group)
        second = next(group for group in groups if above in group)
        if first is not second:
            groups.remove(second)
            first += second
    return groups


def _tied_pairs(lists: Mapping[str, str], columns: Iterable[str]) -> list[tuple[str, str]]:
    columns = list(columns)
    return [
        (a, b)
        for a in columns
        for b in columns
        if a != b and (b == a + COARSE or lists[b] in PARENTS.get(lists[a], ()))
    ]


def _public_family(columns: list[str], named: Mapping[str, set[str]], lists: Mapping[str, str]) -> Family:
    """Return a family without rows: named values, one other value, and the ties of the public code lists."""
    domain = {column: sorted(named[column] | {REST}) for column in columns}
    ties = [_public_tie(columns, pair, domain, lists) for pair in _tied_pairs(lists, columns)]
    return Family(tuple(columns), _atoms(columns, domain, ties), np.zeros(0, dtype=np.int64))


def _family_of_rows(
    frame: pl.DataFrame, columns: list[str], named: Mapping[str, set[str]], lists: Mapping[str, str]
) -> Family:
    """Return a family with the atom of each row; a tie counts only where every row keeps it."""
    values = {column: _values(frame[column], named[column]) for column in columns}
    domain = {column: sorted(set(values[column]) | named[column]) for column in columns}
    rows = list(zip(*[values[column] for column in columns], strict=True))
    occurring = set(rows)
    ties = [_observed_tie(columns, pair, occurring, domain, lists) for pair in _tied_pairs(lists, columns)]
    atoms = _atoms(columns, domain, ties)
    index = {atom: place for place, atom in enumerate(atoms)}
    return Family(tuple(columns), atoms, np.array([index[row] for row in rows], dtype=np.int64))


Tie = tuple[int, int, dict[str, set[str]]]


def _atoms(columns: list[str], domain: Mapping[str, list[str]], ties: list[Tie]) -> tuple[tuple[str, ...], ...]:
    return tuple(
        atom
        for atom in product(*[domain[column] for column in columns])
        if all(atom[b] in allowed.get(atom[a], (atom[b],)) for a, b, allowed in ties)
    )


def _public_tie(
    columns: list[str], pair: tuple[str, str], domain: Mapping[str, list[str]], lists: Mapping[str, str]
) -> Tie:
    """Return the parent codes that each child code allows, by the public code lists."""
    child, above = pair
    needs_year = lists[above] in ("year", "half")  # `Q1` is a quarter of any year
    tied = {code for code in domain[child] if code[:4].isdigit() or not needs_year} - {REST, NOT_REPORTED}
    parents = {code: parent(lists[child], code, lists[above]) for code in tied}
    allowed = {code: {code_above if code_above in domain[above] else REST} for code, code_above in parents.items()}
    return columns.index(child), columns.index(above), allowed


def _values(column: pl.Series, named: set[str]) -> list[str]:
    return [value if value in named else REST for value in column.fill_null(NOT_REPORTED).to_list()]


def _observed_tie(
    columns: list[str],
    pair: tuple[str, str],
    occurring: set[tuple[str, ...]],
    domain: Mapping[str, list[str]],
    lists: Mapping[str, str],
) -> Tie:
    """Return the parent codes that each child code allows, where every row keeps the tie.

    The intruder is assumed to know which values occur: a code that no table names belongs to some row.
    """
    child, above = pair
    a, b = columns.index(child), columns.index(above)
    allowed = {REST: {row[b] for row in occurring if row[a] == REST}}
    for code in set(domain[child]) - {REST}:
        expected = NOT_REPORTED if code == NOT_REPORTED else parent(lists[child], code, lists[above])
        expected = expected if expected in domain[above] else REST
        if {row[b] for row in occurring if row[a] == code} <= {expected}:
            allowed[code] = {expected}
    return a, b, allowed
