"""The least and the most people of each group, over every register that fits everything published.

The intruder knows the published figures, the stated bounds, that a suppressed figure is at least 1, and that nobody is
outside a complete axis. Atoms that the same figures count are one unknown: people can be anywhere inside it, and no
figure changes. A group has at least the unknowns that lie wholly inside it, and at most those that it touches.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tests.evidence.sdc.oracle.groups import (
    ORDER,
    Group,
    GroupFamily,
    cell_members,
    filter_members,
    group_members,
    list_groups,
    named_codes,
)
from tests.evidence.sdc.oracle.registers import AtomSpace, Bools, fitting_registers
from tests.evidence.sdc.oracle.releases import PublishedTable, ReleaseUnion

MOST_REGISTERS = 200_000
UNLIMITED = float("inf")
Ends = tuple[int, int]
Floats = NDArray[np.float64]


class NoRegister(Exception):
    """No register fits all releases: they contradict one another, or an assumption."""


@dataclass(frozen=True)
class PublishedSystem:
    """The atoms of a union, and one row for each published figure: which atoms it counts, and its bounds."""

    space: AtomSpace
    counted: Bools
    lower: list[int]
    upper: list[int | None]

    @classmethod
    def of_union(cls, union: ReleaseUnion) -> PublishedSystem:
        """Return the system of all releases together."""
        named = named_codes(union.tables)
        space = AtomSpace.of_columns(union.variables, named)
        space = space.keeping(~np.any([list_outside(space, table, union.multi) for table in union.tables], axis=0))
        rows = [(cell_members(space, table, key), cell) for table in union.tables for key, cell in table.cells.items()]
        counted = np.array([members for members, _ in rows]).reshape(len(rows), len(space.atoms))
        return cls(space, counted, [cell.lower for _, cell in rows], [cell.upper for _, cell in rows])

    def classes(self) -> NDArray[np.int64]:
        """Return the number of the unknown of each atom: atoms that the same figures count are one unknown."""
        _, numbers = np.unique(self.counted, axis=1, return_inverse=True)
        return numbers.ravel()


def list_outside(space: AtomSpace, table: PublishedTable, multi: set[str]) -> Bools:
    """Return the atoms for which a complete table would have a row, and has none."""
    outside = np.zeros(len(space.atoms), dtype=bool)
    if not table.complete:
        return outside
    for place, column in enumerate(table.by):
        codes = {key[place] for key in table.cells}
        for number, value in enumerate(space.codes(column)):
            rows = (value or {"_U"}) if column in multi else {value}
            outside[number] |= not set(rows) <= codes
    return outside & filter_members(space, table.where)


@dataclass(frozen=True)
class OracleFindings:
    """The groups that are not safe, by their place in the family, with their ends.

    `possible` marks the atoms in which some fitting register has people.
    """

    space: AtomSpace
    family: GroupFamily
    possible: Bools
    disclosed: dict[int, Ends]

    def key(self, members: Bools) -> bytes:
        """Return the possible atoms of a group: two groups with the same atoms are the same group."""
        return np.packbits(members & self.possible).tobytes()

    @property
    def keys(self) -> list[bytes]:
        """Return the key of each group of the family."""
        return [row.tobytes() for row in np.packbits(self.family.members & self.possible, axis=1)]


@dataclass(frozen=True)
class GroupEnds:
    """The exact ends of all groups; `possible` marks the atoms in which some fitting register has people."""

    space: AtomSpace
    family: GroupFamily
    possible: Bools
    lower: NDArray[np.int64]
    upper: Floats
    registers: int

    def findings(self, threshold: int) -> OracleFindings:
        """Return the groups that are not safe."""
        disclosed = {
            group: (int(lower), int(upper))
            for group, (lower, upper) in enumerate(zip(self.lower, self.upper, strict=True))
            if not is_safe(lower, upper, threshold)
        }
        return OracleFindings(self.space, self.family, self.possible, disclosed)

    def of_group(self, group: Group) -> tuple[int, float]:
        """Return the ends of a group of the family, however it is written."""
        findings = OracleFindings(self.space, self.family, self.possible, {})
        place = findings.keys.index(findings.key(group_members(self.space, group)))
        return int(self.lower[place]), float(self.upper[place])


def is_safe(lower: float, upper: float, threshold: int) -> bool:
    """Return whether a group with these ends is safe by the definition."""
    return lower >= threshold or upper == 0 or (upper >= threshold and upper - lower >= threshold - 1)


def find_ends(union: ReleaseUnion, order: int = ORDER, most: int = MOST_REGISTERS) -> GroupEnds:
    """Return the exact ends of all groups; raises TooManyRegisters and NoRegister."""
    system = PublishedSystem.of_union(union)
    family = list_groups(system.space, union.tables, order)
    lower, upper, possible, registers = ends_of(system, family.members, most)
    return GroupEnds(system.space, family, possible, lower, upper, registers)


def ends_of(
    system: PublishedSystem, members: Bools, most: int = MOST_REGISTERS
) -> tuple[NDArray[np.int64], Floats, Bools, int]:
    """Return least, most, the possible atoms and the number of registers."""
    numbers = system.classes()
    unknowns = int(numbers.max(initial=-1)) + 1
    one_atom = [int(np.flatnonzero(numbers == k)[0]) for k in range(unknowns)]
    counted = system.counted[:, one_atom]
    registers = fitting_registers(counted, system.lower, system.upper, most)
    if not len(registers):
        raise NoRegister("no register fits all releases")
    has_bound = np.array([bound is not None for bound in system.upper], dtype=bool)
    is_limited = counted[has_bound].any(axis=0)
    is_possible = ~is_limited | (registers.max(axis=0, initial=0) > 0)
    possible = is_possible[numbers]
    in_unknown = np.arange(unknowns)[:, None] == numbers[None]
    sizes = in_unknown.sum(axis=1)
    inside = members.astype(np.int64) @ in_unknown.T.astype(np.int64)
    whole, touched = inside == sizes, inside > 0
    least = _extreme(registers, whole, np.min)
    greatest = _extreme(registers, touched, np.max).astype(float)
    greatest[(touched & ~is_limited).any(axis=1)] = UNLIMITED
    return least, greatest, possible, len(registers)


def _extreme(registers: NDArray[np.int32], chosen: Bools, function: Callable[..., Floats]) -> NDArray[np.int64]:
    """Return the least or the largest sum of chosen unknowns over all registers."""
    masks, origin = np.unique(chosen, axis=0, return_inverse=True)
    table = registers.astype(np.float64)
    extremes = np.empty(len(masks), np.int64)
    for start in range(0, len(masks), 64):
        sums = table @ masks[start : start + 64].T.astype(np.float64)
        extremes[start : start + 64] = function(sums, axis=0)
    return extremes[origin.ravel()]


def describe(group: Group) -> str:
    """Return a group in words for a failed comparison."""
    conditions = sorted(f"{'+'.join(columns)} in {_labels(labels)}" for columns, labels in group)
    return " & ".join(conditions) or "everybody"


def _labels(labels: Iterable[object]) -> str:
    return "{" + ", ".join(sorted(map(repr, labels))) + "}"
