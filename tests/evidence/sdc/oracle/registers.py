"""Registers of few people: variables, atoms, and every register that fits given figures.

An elementary value of a variable is a label: one code for each column of the variable, `*` for a code that no table
names. In a multi-valued column the code is the set of the values of a person; the empty set is not reported. An atom
has one label for each variable. A register is the number of people in each atom.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations, product

import numpy as np
from numpy.typing import NDArray

OTHER, NOT_REPORTED = "*", "_U"
OLDEST = 200  # an age above that of every person
Code = str | frozenset[str]
Label = tuple[Code, ...]
Atom = tuple[Label, ...]
Named = Mapping[str, Collection[str]]  # column -> codes that tables name
Bools = NDArray[np.bool_]
Registers = NDArray[np.int32]  # one row for each register


class TooManyRegisters(Exception):
    """More registers fit than the oracle can hold."""


@dataclass(frozen=True)
class Variable:
    """A variable and the columns that show it.

    `parents` gives the code of the second column for codes of the first. `bands` states that codes are ranges of ages
    such as `15-17` or `25+`. `fixed` lists all codes of a variable that has no other value.
    """

    columns: tuple[str, ...]
    multi: bool = False
    bands: bool = False
    parents: Mapping[str, str] = field(default_factory=dict)
    fixed: tuple[str, ...] = ()

    def restricted(self, columns: Collection[str]) -> Variable:
        """Return the variable as seen in some of its columns."""
        return replace(self, columns=tuple(column for column in self.columns if column in columns))

    def labels(self, named: Named) -> list[Label]:
        """Return all elementary values."""
        if self.fixed:
            return [(code,) for code in self.fixed]
        if self.multi:
            values = [*sorted(set(named[self.columns[0]]) - {NOT_REPORTED}), OTHER]
            sets = [frozenset(chosen) for size in range(len(values) + 1) for chosen in combinations(values, size)]
            return [(values_of_person,) for values_of_person in sets]
        if self.bands:
            return self._pieces(named)
        codes = [[*sorted(named[column]), OTHER] for column in self.columns]
        return [label for label in product(*codes) if self._agrees(label, named)]

    def _agrees(self, label: tuple[str, ...], named: Named) -> bool:
        """Check that a child code has its parent; a child that no table names can have any."""
        if len(label) < 2 or label[0] not in self.parents:
            return True
        parent = self.parents[label[0]]
        return label[1] == (parent if parent in named[self.columns[1]] else OTHER)

    def _pieces(self, named: Named) -> list[Label]:
        """Return the common pieces of overlapping bands, and the label of people without any of them."""
        ranges = {column: {code: age_range(code) for code in named[column]} for column in self.columns}
        ends = [end for codes in ranges.values() for end in codes.values()]
        ages = sorted({0, *(age for first, last in ends for age in (first, last + 1))})
        pieces = [
            tuple(
                next((code for code, (first, last) in ranges[column].items() if first <= age <= last), OTHER)
                for column in self.columns
            )
            for age in ages
        ]
        return list(dict.fromkeys([*pieces, (OTHER,) * len(self.columns)]))


def age_range(code: str) -> tuple[int, int]:
    """Return the first and the last age of a band such as `15-17` or `25+`."""
    first, last = re.fullmatch(r"(\d+)(?:-(\d+)|\+)", code).groups()  # type: ignore[union-attr]
    return int(first), OLDEST if last is None else int(last)


@dataclass(frozen=True)
class AtomSpace:
    """The atoms of a union of releases."""

    variables: tuple[Variable, ...]
    atoms: tuple[Atom, ...]

    @classmethod
    def of_columns(cls, variables: Iterable[Variable], named: Named) -> AtomSpace:
        """Return all atoms of the variables that have a column in `named`."""
        used = tuple(v.restricted(named.keys()) for v in variables if set(v.columns) & named.keys())
        return cls(used, tuple(product(*[variable.labels(named) for variable in used])))

    def keeping(self, kept: Bools) -> AtomSpace:
        """Return the space with some of its atoms."""
        return replace(self, atoms=tuple(atom for atom, is_kept in zip(self.atoms, kept, strict=True) if is_kept))

    def codes(self, column: str) -> list[Code]:
        """Return the code of each atom in a column."""
        position, place = next(
            (position, variable.columns.index(column))
            for position, variable in enumerate(self.variables)
            if column in variable.columns
        )
        return [atom[position][place] for atom in self.atoms]

    def counted_by(self, column: str, code: str) -> Bools:
        """Return which atoms a row with this code counts."""
        return np.array([is_counted(value, code) for value in self.codes(column)], dtype=bool)

    def having(self, columns: Sequence[str], labels: Collection[Label]) -> Bools:
        """Return which atoms have one of the labels in these columns."""
        labels_of_atoms = zip(*[self.codes(column) for column in columns], strict=True)
        return np.array([label in labels for label in labels_of_atoms], dtype=bool)


def is_counted(value: Code, code: str) -> bool:
    """Check whether a row with this code counts a person with this value, or with this set of values."""
    if isinstance(value, str):
        return value == code
    return code in value or (code == NOT_REPORTED and not value)


def every_register(people: int, atoms: int) -> Registers:
    """Return every register of so many people over so many atoms."""
    registers, left = np.zeros((1, 0), np.int32), np.array([people])
    for _ in range(atoms - 1):
        origin, value = _spread(left + 1)
        registers = np.column_stack([registers[origin], value])
        left = left[origin] - value
    return np.column_stack([registers, left]).astype(np.int32)


def fitting_registers(counted: Bools, lower: Sequence[int], upper: Sequence[int | None], most: int) -> Registers:
    """Return every register whose figures lie between their bounds.

    `counted` has a row for each figure and a column for each unknown. An unknown without an upper bound takes only
    values that some lower bound asks for: more people there change no other figure. Raises TooManyRegisters.
    """
    figures, unknowns = counted.shape
    far = 10**6
    low = np.array(lower, np.int32)
    high = np.array([far if bound is None else bound for bound in upper], np.int32)
    largest = np.array([_largest_value(counted[:, k], low, high, far) for k in range(unknowns)], np.int32)
    order = _order(counted)
    registers, sums = np.zeros((1, unknowns), np.int32), np.zeros((1, figures), np.int32)
    left = counted.astype(np.int64) @ largest
    if ((low > 0) & ~counted.any(axis=1)).any():
        return registers[:0]
    for k in order:
        rows = counted[:, k]
        left = left - rows * largest[k]
        slack = (high[rows] - sums[:, rows]).min(axis=1, initial=largest[k])
        need = (low[rows] - sums[:, rows] - left[rows]).max(axis=1, initial=0)
        origin, value = _spread(np.maximum(slack - need + 1, 0))
        if len(origin) > most:
            raise TooManyRegisters(f"more than {most:,} registers")
        value = value + need[origin]
        registers, sums = registers[origin], sums[origin]
        registers[:, k] = value
        sums[:, rows] += value[:, None].astype(np.int32)
    return registers


def _largest_value(rows: Bools, low: NDArray[np.int32], high: NDArray[np.int32], far: int) -> int:
    """Return the largest value that an unknown needs to take."""
    bound = int(high[rows].min(initial=far))
    return bound if bound < far else int(low[rows].max(initial=0))


def _order(counted: Bools) -> list[int]:
    """Return the unknowns in an order that completes short rows first."""
    order: list[int] = []
    for row in sorted(counted.tolist(), key=sum):
        order += [k for k, is_in in enumerate(row) if is_in and k not in order]
    return order + [k for k in range(counted.shape[1]) if k not in order]


def _spread(sizes: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return, for a list of runs, the run of each element and its place in the run."""
    origin = np.repeat(np.arange(len(sizes)), sizes)
    first = np.repeat(np.cumsum(sizes) - sizes, sizes)
    return origin, np.arange(len(origin)) - first
