"""Who can be in a register: the columns that a release uses, tied where a code list ties them, and their values.

A family is a column, or several that hang together (form and type of exploitation, quarter and year). Its atoms are the
combinations of values that one person can have. All else that tables say are sums over combinations of atoms.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import product
from typing import Protocol

import numpy as np
import polars as pl
from numpy.typing import NDArray

from kerege.evidence.counting.frequency_table import NOT_REPORTED
from kerege.vocabulary import codes

COARSE = "^"  # a column name with this is the column by the next coarser codes
REST = "\0"  # every value that no table of the release names
Bools = NDArray[np.bool_]
Places = NDArray[np.int64]
# child list -> lists of which its codes tell the code
PARENTS = {
    "exploitation_form": ("exploitation",),
    "age_band": ("age_group",),
    "gender": ("sex",),
    "quarter": ("half", "year"),
    "half": ("year",),
    "service": ("service_programme",),
}


class Source(Protocol):
    """Where tables come from: a snapshot whose rows we hold, or a publication of which `frame` is None."""

    @property
    def unit(self) -> str:
        """What a row is."""

    @property
    def multi(self) -> frozenset[str]:
        """Columns in which a row can have several values."""

    @property
    def frame(self) -> pl.DataFrame | None:
        """The rows, for whoever holds them."""

    def list_of(self, column: str) -> str:
        """The code list of a column, '' when none is known."""


@dataclass(frozen=True)
class Family:
    """Columns that hang together, what a person can have in them, and what each row has, for whoever holds rows."""

    columns: tuple[str, ...]
    atoms: tuple[tuple[str, ...], ...]
    rows: Places

    def having(self, column: str, wanted: Iterable[str]) -> Bools:
        """Which atoms have one of the wanted values."""
        place, values = self.columns.index(column), set(wanted)
        return np.array([atom[place] in values for atom in self.atoms], dtype=bool)

    def value(self, column: str) -> list[str]:
        """The value of each atom."""
        return [atom[self.columns.index(column)] for atom in self.atoms]


@cache
def parent(child: str, code: str, above: str) -> str:
    """The code of the list `above` that goes with a code of the list `child`; answers such as unknown stay."""
    if above == "year":
        return code[:4]
    if above == "half" and code[4:6] == "-Q":
        return f"{code[:4]}-H{1 if code[-1] in '12' else 2}"
    known = codes.code_list(child).codes.get(code) if child in codes.names() else None
    if known is None:
        return code
    if above == "service_programme":
        return str(known.extras.get("programme") or NOT_REPORTED)
    return known.parent or code


def families(frame: pl.DataFrame | None, named: Mapping[str, set[str]], lists: Mapping[str, str]) -> list[Family]:
    """The families of the columns in `named`, which gives the values that tables name of each."""
    groups = _groups(lists, list(named))
    if frame is None:
        return [_guessed(group, named, lists) for group in groups]
    return [_family(frame, group, named, lists) for group in groups]


def _groups(lists: Mapping[str, str], columns: list[str]) -> list[list[str]]:
    groups = [[column] for column in columns]
    for child, above in _pairs(lists, columns):
        one = next(group for group in groups if child in group)
        two = next(group for group in groups if above in group)
        if one is not two:
            groups.remove(two)
            one += two
    return groups


def _pairs(lists: Mapping[str, str], columns: Iterable[str]) -> list[tuple[str, str]]:
    columns = list(columns)
    return [
        (a, b)
        for a in columns
        for b in columns
        if a != b and (b == a + COARSE or lists[b] in PARENTS.get(lists[a], ()))
    ]


def _guessed(columns: list[str], named: Mapping[str, set[str]], lists: Mapping[str, str]) -> Family:
    """What somebody without rows takes to be possible: named values, any other one, and what the code lists say."""
    domain = {column: sorted(named[column] | {REST}) for column in columns}
    ties = [_public_tie(columns, pair, domain, lists) for pair in _pairs(lists, columns)]
    return Family(tuple(columns), _atoms(columns, domain, ties), np.zeros(0, dtype=np.int64))


def _family(frame: pl.DataFrame, columns: list[str], named: Mapping[str, set[str]], lists: Mapping[str, str]) -> Family:
    values = {column: _values(frame[column], named[column]) for column in columns}
    domain = {column: sorted(set(values[column]) | named[column]) for column in columns}
    rows = list(zip(*[values[column] for column in columns], strict=True))
    seen = set(rows)
    ties = [_tie(columns, pair, seen, domain, lists) for pair in _pairs(lists, columns)]
    atoms = _atoms(columns, domain, ties)
    index = {atom: place for place, atom in enumerate(atoms)}
    return Family(tuple(columns), atoms, np.array([index[row] for row in rows], dtype=np.int64))


Tie = tuple[int, int, dict[str, set[str]]]


def _atoms(columns: list[str], domain: Mapping[str, list[str]], ties: list[Tie]) -> tuple[tuple[str, ...], ...]:
    return tuple(
        atom
        for atom in product(*[domain[column] for column in columns])
        if all(atom[b] in tied.get(atom[a], (atom[b],)) for a, b, tied in ties)
    )


def _public_tie(
    columns: list[str], pair: tuple[str, str], domain: Mapping[str, list[str]], lists: Mapping[str, str]
) -> Tie:
    """What each code of the first column of a pair tells of the second by the public code lists."""
    child, above = pair
    told = {code: parent(lists[child], code, lists[above]) for code in set(domain[child]) - {REST, NOT_REPORTED}}
    known = {code: {code_above if code_above in domain[above] else REST} for code, code_above in told.items()}
    return columns.index(child), columns.index(above), known


def _values(column: pl.Series, named: set[str]) -> list[str]:
    return [value if value in named else REST for value in column.fill_null(NOT_REPORTED).to_list()]


def _tie(
    columns: list[str],
    pair: tuple[str, str],
    seen: set[tuple[str, ...]],
    domain: Mapping[str, list[str]],
    lists: Mapping[str, str],
) -> Tie:
    """What each code of the first column of a pair tells of the second, as far as every row keeps to it.

    An outsider is taken to know which values occur: codes that no table names are those of some row, and no others.
    """
    child, above = pair
    a, b = columns.index(child), columns.index(above)
    found = {REST: {row[b] for row in seen if row[a] == REST}}
    for code in set(domain[child]) - {REST}:
        told = NOT_REPORTED if code == NOT_REPORTED else parent(lists[child], code, lists[above])
        told = told if told in domain[above] else REST
        if {row[b] for row in seen if row[a] == code} <= {told}:
            found[code] = {told}
    return a, b, found
