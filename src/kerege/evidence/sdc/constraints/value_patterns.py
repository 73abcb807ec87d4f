"""Unknowns for people with several values of one multi-valued column.

The people of a class who report something are split by which of two or three values they have. Any such split belongs
to some register exactly if each value has its number of people, and the other values suffice for those who have none of
the chosen ones: the values of a class can be exchanged between its people.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from kerege.evidence.counting.frequency_table import NOT_REPORTED
from kerege.evidence.sdc.constraints.domains import Bools
from kerege.evidence.sdc.constraints.equations import EquationSystem
from kerege.evidence.sdc.constraints.multi_valued import MultiValuedColumn
from kerege.evidence.sdc.constraints.table_views import Literal
from kerege.evidence.sdc.constraints.unknowns import Unknowns
from kerege.evidence.sdc.linear.linear_system import INFINITE, Floats, Ints

Values = tuple[str, ...]


@dataclass(frozen=True)
class SignedUnknowns:
    """Signed sums of unknowns, one sum for each class: `classes` has the class of each entry."""

    classes: Ints
    cells: Ints
    signs: Floats

    def times(self, factor: float) -> SignedUnknowns:
        """Return the sums times a factor."""
        return SignedUnknowns(self.classes, self.cells, factor * self.signs)


def _added(parts: Sequence[SignedUnknowns]) -> SignedUnknowns:
    """Return the sum of several sums, class by class."""
    return SignedUnknowns(
        np.concatenate([part.classes for part in parts]),
        np.concatenate([part.cells for part in parts]),
        np.concatenate([part.signs for part in parts]),
    )


class ValuePatterns:
    """The people of a column by their values; `counts` has the sums of those with all values of a set."""

    def __init__(self, people: Unknowns, column: MultiValuedColumn, system: EquationSystem, values: Values) -> None:
        self.people, self.column, self.system, self.values = people, column, system, values
        classes = np.arange(column.count)
        everybody = people.start[column.group] + np.arange(people.count(column.group))
        self.everybody = SignedUnknowns(column.class_of, everybody, np.ones(len(everybody)))
        self.silent = self._holders(NOT_REPORTED)
        self.counts: dict[Values, SignedUnknowns] = {(): _added([self.everybody, self.silent.times(-1.0)])}
        for size in range(1, len(values) + 1):
            for chosen in combinations(values, size):
                cells = column.at(chosen[0]) if size == 1 else system.add_unknowns(self._tally(chosen)) + classes
                self.counts[chosen] = SignedUnknowns(classes, cells, np.ones(column.count))
        for size in range(len(values) + 1):
            for chosen in combinations(values, size):
                self._require(self.exactly(chosen), 0, INFINITE)
        others = [self._holders(value) for value in column.values[1:] if value not in values]
        self._require(_added([self.exactly(()), *[other.times(-1.0) for other in others]]), -INFINITE, 0)

    def exactly(self, having: Values) -> SignedUnknowns:
        """Return who reports something, has all of some of the values, and none of the others."""
        return self.matching(having, tuple(value for value in self.values if value not in having))

    def matching(self, having: Values, lacking: Values) -> SignedUnknowns:
        """Return who reports something, has all values in `having` and none in `lacking`."""
        return _added(
            [
                self.counts[tuple(value for value in self.values if value in (*having, *more))].times((-1.0) ** size)
                for size in range(len(lacking) + 1)
                for more in combinations(lacking, size)
            ]
        )

    def _holders(self, value: str) -> SignedUnknowns:
        """Return who reports a value."""
        return SignedUnknowns(np.arange(self.column.count), self.column.at(value), np.ones(self.column.count))

    def _tally(self, chosen: Values) -> Ints:
        """Return how many people of each class have all of some values."""
        has = np.logical_and.reduce([self.column.reports(value) for value in chosen])
        counts = self.people.tally(self.column.group, has)
        return np.bincount(self.column.class_of, counts, self.column.count).astype(np.int64)

    def _require(self, sums: SignedUnknowns, low: float, high: float) -> None:
        """Add an equation for each class."""
        classes, row = np.unique(sums.classes, return_inverse=True)
        ends = np.full(len(classes), low), np.full(len(classes), high)
        self.system.add_sums(row.ravel(), sums.cells, sums.signs, *ends)


def people_meeting(
    people: Unknowns, column: MultiValuedColumn, system: EquationSystem, literals: Sequence[Literal]
) -> SignedUnknowns:
    """Return the people of each class who meet several conditions on one column.

    Those who did not report a value have none: "reported some" is a condition beside complements alone.
    """
    lacking = tuple(literal.value for literal in literals if literal.is_complement)
    having = tuple(literal.value for literal in literals if not literal.is_complement)
    values = tuple(value for value in (*having, *lacking) if value != NOT_REPORTED)
    patterns = ValuePatterns(people, column, system, values)
    speaking = patterns.matching(having, tuple(value for value in lacking if value != NOT_REPORTED))
    return speaking if having or NOT_REPORTED in lacking else _added([speaking, patterns.silent])


def met_by_rows(column: MultiValuedColumn, literals: Sequence[Literal]) -> Bools:
    """Return which rows meet all conditions on a column."""
    is_met = [column.reports(literal.value) != literal.is_complement for literal in literals]
    return np.asarray(np.logical_and.reduce(is_met))
