"""Unknowns for groups whose columns no clique holds together.

A group is counted along the junction tree, from the leaves to a root. A clique passes to its neighbour how many people
of each overlap fulfil the conditions beyond it. People of equal overlap can be matched in any way, so two conditions on
different sides are fulfilled together by any number of people between the Frechet bounds. The unknowns are those
numbers. They are whole numbers of some register exactly if they keep the bounds, whatever the counts of the cliques.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from kerege.evidence.sdc.constraints.domains import Bools
from kerege.evidence.sdc.constraints.equations import EquationSystem
from kerege.evidence.sdc.constraints.multi_valued import MultiValuedColumn
from kerege.evidence.sdc.constraints.table_views import DerivedGroup, Literal, Masks, selected
from kerege.evidence.sdc.constraints.unknowns import Unknowns
from kerege.evidence.sdc.constraints.value_patterns import met_by_rows, people_meeting
from kerege.evidence.sdc.linear.linear_system import Floats, Ints

INFINITE = np.inf


@dataclass(frozen=True)
class ConditionCounts:
    """People who fulfil some conditions, as signed sums of unknowns.

    The arrays have an entry for each unknown of a sum; `key` is a combination of some families, with a sum for each.
    `is_met` marks the rows of a register that fulfil the conditions.
    """

    key: Ints
    cells: Ints
    signs: Floats
    is_met: Bools


@dataclass(frozen=True)
class CliqueClasses:
    """The possible combinations of a clique that its own conditions select, in classes of equal overlaps.

    `combinations` are their places in the clique, `number` the class of each, `first` one combination of each class.
    `of_rows` is the class of each row of a register, -1 for rows that are not selected.
    """

    combinations: Ints
    number: Ints
    first: Ints
    of_rows: Ints


class CrossingGroups:
    """Counts of groups across the cliques of a system."""

    def __init__(self, people: Unknowns, several: Mapping[str, MultiValuedColumn], system: EquationSystem) -> None:
        self.people, self.several, self.system = people, several, system
        self.neighbours: list[list[int]] = [[] for _ in people.groups]
        for a, b in people.near:
            self.neighbours[a].append(b)
            self.neighbours[b].append(a)

    def people_of(self, group: DerivedGroup) -> tuple[Ints, Floats]:
        """Return the unknowns that a group sums up, and their signs; add unknowns and equations as needed."""
        places = {literal: self.several[literal.column].group for literal in group.literals}
        root = max(
            range(len(self.people.groups)),
            key=lambda g: (len(self.people.groups[g] & group.masks.keys()), sum(g == at for at in places.values())),
        )
        counts = _GroupCount(self, group, places).count(root, None)
        return counts.cells, counts.signs


class _GroupCount:
    """The count of one group along the junction tree."""

    def __init__(self, crossing: CrossingGroups, group: DerivedGroup, places: Mapping[Literal, int]) -> None:
        self.people, self.system = crossing.people, crossing.system
        self.neighbours, self.several = crossing.neighbours, crossing.several
        self.literals = places
        self.open_masks = dict(group.masks)  # those that no visited clique has applied

    def count(self, clique: int, source: int | None) -> ConditionCounts:
        """Count who fulfils the conditions of a clique and those beyond it, by overlap with the source."""
        masks = {f: self.open_masks.pop(f) for f in sorted(self.people.groups[clique] & self.open_masks.keys())}
        overlap = frozenset() if source is None else self.people.groups[clique] & self.people.groups[source]
        beyond = [g for g in self.neighbours[clique] if g != source and self._has_conditions(g, clique)]
        by_column: dict[str, list[Literal]] = {}
        for literal, place in self.literals.items():
            if place == clique:
                by_column.setdefault(literal.column, []).append(literal)
        shared = [self.people.groups[g] & self.people.groups[clique] for g in beyond]
        if not masks and not by_column and len(beyond) == 1 and overlap <= shared[0]:
            return self._passed_on(clique, self.count(beyond[0], clique), sorted(shared[0]), sorted(overlap))
        columns = [self.several[name] for name in by_column]
        classes = self._classes(clique, masks, sorted(overlap.union(*shared)), columns)
        parts = [
            self._within(clique, classes, self._with_literals(clique, literals), self.several[name].class_of)
            for name, literals in by_column.items()
        ]
        for g, families in zip(beyond, shared, strict=True):
            label = self.people.label(self.people.coords[clique], sorted(families))
            parts.append(self._within(clique, classes, self.count(g, clique), label))
        return self._by_overlap(clique, classes, self._together(clique, classes, parts), sorted(overlap))

    def _has_conditions(self, clique: int, source: int) -> bool:
        """Return whether a condition that no visited clique has applied is in a clique or beyond it."""
        if self.people.groups[clique] & self.open_masks.keys() or clique in self.literals.values():
            return True
        return any(self._has_conditions(g, clique) for g in self.neighbours[clique] if g != source)

    def _classes(
        self, clique: int, masks: Masks, families: Sequence[int], columns: Sequence[MultiValuedColumn]
    ) -> CliqueClasses:
        """Return the selected combinations in classes of equal atoms and of equal classes of columns."""
        coords = self.people.coords[clique]
        combinations = np.flatnonzero(selected(masks, coords))
        label = self.people.label(coords, families)
        for column in columns:
            label = label * max(column.count, 1) + column.class_of
        _, first, number = np.unique(label[combinations], return_index=True, return_inverse=True)
        of_combinations = np.full(self.people.count(clique) + 1, -1, dtype=np.int64)  # the last is of impossible rows
        of_combinations[combinations] = number.ravel()
        rows = self.people.places(clique) if self.people.height else np.zeros(0, dtype=np.int64)
        return CliqueClasses(combinations, number.ravel(), combinations[first], of_combinations[rows])

    def _everybody(self, clique: int, classes: CliqueClasses) -> ConditionCounts:
        """Return all people of each class."""
        cells = self.people.start[clique] + classes.combinations
        return ConditionCounts(classes.number, cells, np.ones(len(cells)), classes.of_rows >= 0)

    def _with_literals(self, clique: int, literals: Sequence[Literal]) -> ConditionCounts:
        """Return the people of each class of a column who meet all conditions on it."""
        if len(literals) == 1:
            return self._with_literal(clique, literals[0])
        column = self.several[literals[0].column]
        is_met = met_by_rows(column, literals) if self.people.height else np.zeros(0, dtype=bool)
        sums = people_meeting(self.people, column, self.system, literals)
        return ConditionCounts(sums.classes, sums.cells, sums.signs, is_met)

    def _with_literal(self, clique: int, literal: Literal) -> ConditionCounts:
        """Return the people of each class of a column who have a value of it, or lack it."""
        column = self.several[literal.column]
        height = self.people.height
        is_met = column.reports(literal.value) != literal.is_complement if height else np.zeros(0, dtype=bool)
        numbers, holders = np.arange(column.count), column.at(literal.value)
        if not literal.is_complement:
            return ConditionCounts(numbers, holders, np.ones(column.count), is_met)
        everybody = self.people.start[clique] + np.arange(self.people.count(clique))
        signs = np.concatenate([np.ones(len(everybody)), -np.ones(column.count)])
        cells = np.concatenate([everybody, holders])
        return ConditionCounts(np.concatenate([column.class_of, numbers]), cells, signs, is_met)

    def _within(self, clique: int, classes: CliqueClasses, beyond: ConditionCounts, label: Ints) -> ConditionCounts:
        """Return the people of each class who fulfil further conditions, as new unknowns.

        `label` is the key of those conditions for each combination of the clique. In each key the people are at most
        those who fulfil the conditions, and at least those minus the people in no class.
        """
        is_met = beyond.is_met & (classes.of_rows >= 0)
        fulfilling = self._new(classes, is_met)
        self._bound_sum([(fulfilling, 1.0), (self._everybody(clique, classes), -1.0)], -INFINITE, 0)
        by_overlap = ConditionCounts(label[classes.first], fulfilling.cells, fulfilling.signs, is_met)
        self._bound_sum([(by_overlap, 1.0), (beyond, -1.0)], -INFINITE, 0)
        others = np.setdiff1d(np.arange(self.people.count(clique)), classes.combinations)
        unselected = ConditionCounts(label[others], self.people.start[clique] + others, np.ones(len(others)), is_met)
        self._bound_sum([(beyond, 1.0), (by_overlap, -1.0), (unselected, -1.0)], -INFINITE, 0)
        return fulfilling

    def _together(self, clique: int, classes: CliqueClasses, parts: Sequence[ConditionCounts]) -> ConditionCounts:
        """Return the people of each class who fulfil all parts, as new unknowns within Frechet bounds."""
        everybody = self._everybody(clique, classes)
        if len(parts) < 2:
            return parts[0] if parts else everybody
        both = self._new(classes, np.logical_and.reduce([part.is_met for part in parts]))
        for part in parts:
            self._bound_sum([(both, 1.0), (part, -1.0)], -INFINITE, 0)
        excess = [(both, 1.0), *[(part, -1.0) for part in parts], (everybody, float(len(parts) - 1))]
        self._bound_sum(excess, 0, INFINITE)
        return both

    def _new(self, classes: CliqueClasses, is_met: Bools) -> ConditionCounts:
        """Add an unknown for the people of each class who fulfil some conditions."""
        size = len(classes.first)
        tally = np.bincount(classes.of_rows[is_met], self.people.sizes[is_met], size) if size else np.zeros(0)
        start = self.system.add_unknowns(np.asarray(tally))
        return ConditionCounts(np.arange(size), start + np.arange(size), np.ones(size), is_met)

    def _bound_sum(self, terms: Sequence[tuple[ConditionCounts, float]], low: float, high: float) -> None:
        """Add an equation for every key: the signed sum of some counts lies within bounds."""
        keys, row = np.unique(np.concatenate([counts.key for counts, _ in terms]), return_inverse=True)
        cells = np.concatenate([counts.cells for counts, _ in terms])
        signs = np.concatenate([sign * counts.signs for counts, sign in terms])
        self.system.add_sums(row.ravel(), cells, signs, np.full(len(keys), low), np.full(len(keys), high))

    def _by_overlap(
        self, clique: int, classes: CliqueClasses, counts: ConditionCounts, families: Sequence[int]
    ) -> ConditionCounts:
        """Return counts by class as counts by combination of an overlap."""
        label = self.people.label(self.people.coords[clique], families)[classes.first]
        return ConditionCounts(label[counts.key], counts.cells, counts.signs, counts.is_met)

    def _passed_on(
        self, clique: int, beyond: ConditionCounts, families: Sequence[int], overlap: Sequence[int]
    ) -> ConditionCounts:
        """Return counts by combination of one overlap as counts by combination of a smaller one."""
        coords = self.people.coords[clique]
        labels, first = np.unique(self.people.label(coords, families), return_index=True)
        place = np.minimum(np.searchsorted(labels, beyond.key), len(labels) - 1)
        is_possible = labels[place] == beyond.key  # nobody has the other combinations
        key = self.people.label(coords, overlap)[first[place]]
        return ConditionCounts(key[is_possible], beyond.cells[is_possible], beyond.signs[is_possible], beyond.is_met)
