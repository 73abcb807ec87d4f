"""The unknowns of an intruder: the number of people of every combination of values.

Combinations are grouped by columns. Only possible ones get an unknown: a code on no axis, and a published zero, rule
out the combinations that they count.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from kerege.evidence.sdc.constraints import junction_tree
from kerege.evidence.sdc.constraints.domains import Bools, Family
from kerege.evidence.sdc.constraints.equations import EquationSystem
from kerege.evidence.sdc.constraints.junction_tree import Scope
from kerege.evidence.sdc.constraints.table_views import Coords, Masks, TableView, intersect, length, selected
from kerege.evidence.sdc.linear.linear_system import Ints

MOST_COMBINATIONS = 40_000  # possible combinations of one group
MOST_TRIED = 2_000_000  # combinations that are held at once while a group is enumerated


class Unknowns:
    """Groups of families, the possible combinations in each, and their numbers in the system."""

    def __init__(
        self,
        families: list[Family],
        views: Sequence[TableView],
        scopes: Sequence[Scope],
        height: int,
        *,
        zeros: bool = True,
        sizes: Ints | None = None,
    ) -> None:
        self.families, self.views, self.height, self.zeros = families, views, height, zeros
        self.sizes = np.ones(height, dtype=np.int64) if sizes is None else sizes  # people of each row
        self.groups: list[Scope] = []
        self.coords: list[Coords] = []
        self.parts: list[Masks] = []  # for each group, the filter of its people; {} for all people
        self.large: list[Scope] = []  # groups with too many combinations
        for group in junction_tree.cliques(scopes):
            self._add_group(group, scopes)
        self._drop_contained()
        self._prune()
        self.start: list[int] = []

    def _add_group(self, group: Scope, scopes: Sequence[Scope]) -> None:
        """Add a group, or the scopes of which it is made when it has too many combinations."""
        coords = self._possible(group)
        is_table = any(view.scope == group and not view.filter for view in self.views)
        if coords is not None and (is_table or length(coords) <= MOST_COMBINATIONS):
            self._store_group(group, coords, {})
            return
        self.large.append(group)
        for scope in junction_tree.maximal_scopes([scope for scope in scopes if scope < group]):
            coords_of_part = self._possible(scope)
            if coords_of_part is not None and length(coords_of_part) <= MOST_COMBINATIONS:
                self._store_group(scope, coords_of_part, {})
        for view in self.views:
            if view.scope <= group and not self.fits(view.filter, view.scope):
                coords_of_part = self._possible(view.scope, view.filter)
                if coords_of_part is not None:
                    self._store_group(view.scope, coords_of_part, view.filter)

    def _store_group(self, group: Scope, coords: Coords, part: Masks) -> None:
        """Store a group with its combinations, unless it is already there for all people."""
        if not any(
            group == stored and not filter_of for stored, filter_of in zip(self.groups, self.parts, strict=True)
        ):
            self.groups.append(group)
            self.coords.append(coords)
            self.parts.append(part)

    def _drop_contained(self) -> None:
        """Drop groups that are contained in others; find the pairs of groups that overlap."""
        unfiltered = [group for group, part in zip(self.groups, self.parts, strict=True) if not part]
        remaining = [g for g, group in enumerate(self.groups) if not any(group < larger for larger in unfiltered)]
        self.groups, self.parts = [self.groups[g] for g in remaining], [self.parts[g] for g in remaining]
        self.coords = [self.coords[g] for g in remaining]
        self.near = junction_tree.all_pairs(self.groups) if self.large else junction_tree.spanning_tree(self.groups)

    def _possible(self, group: Scope, part: Masks | None = None) -> Coords | None:
        """Return the possible combinations of a group, with `part` only those that a filter selects.

        Return None when there are too many to enumerate.
        """
        coords: Coords = {}
        applied: set[int] = set()
        for family in sorted(self._order(group), key=lambda f: f not in (part or {})):
            atoms = len(self.families[family].atoms)
            if length(coords) * atoms > MOST_TRIED:
                return None
            size = length(coords)
            coords = {f: np.repeat(atoms_of, atoms) for f, atoms_of in coords.items()}
            coords[family] = np.tile(np.arange(atoms), size)
            if part and family in part:
                chosen = part[family][coords[family]]
                coords = {f: atoms_of[chosen] for f, atoms_of in coords.items()}
            for number, view in enumerate(self.views):
                if number not in applied and view.scope <= coords.keys():
                    applied.add(number)
                    dead = view.dead(coords, zeros=self.zeros)
                    if dead.any():
                        coords = {f: atoms_of[~dead] for f, atoms_of in coords.items()}
        return coords

    def _order(self, group: Scope) -> list[int]:
        """Return the families of a group in table order, largest tables first."""
        inside = [view.scope for view in self.views if view.scope <= group]
        inside.sort(key=lambda scope: (-self._size(scope), sorted(scope)))
        order = dict.fromkeys(f for scope in inside for f in sorted(scope))
        return list(dict.fromkeys([*order, *sorted(group)]))

    def _size(self, scope: Scope) -> int:
        return int(np.prod([len(self.families[f].atoms) for f in scope], dtype=object))

    def _prune(self) -> None:
        """Drop combinations that an overlapping group rules out."""
        for _ in range(2 * len(self.groups)):
            changed = False
            for a, b in self.near:
                both = sorted(self.groups[a] & self.groups[b])
                labels_a, labels_b = self.label(self.coords[a], both), self.label(self.coords[b], both)
                for g, own, others, neighbour in ((a, labels_a, labels_b, b), (b, labels_b, labels_a, a)):
                    is_kept = np.isin(own, others)
                    if not is_kept.all() and not self.parts[neighbour]:
                        changed = True
                        self.coords[g] = {f: atoms_of[is_kept] for f, atoms_of in self.coords[g].items()}
            if not changed:
                return

    def label(self, coords: Coords, families: Sequence[int]) -> Ints:
        """Return one number for each combination of the atoms of some families."""
        place = np.zeros(length(coords), dtype=np.int64)
        for f in families:
            place = place * len(self.families[f].atoms) + coords[f]
        return place

    def number(self, system: EquationSystem) -> None:
        """Number all combinations; require that overlapping groups count the same people."""
        everybody = np.ones(self.height, dtype=bool)
        self.start = [system.add_unknowns(self.tally(g, everybody)) for g in range(len(self.groups))]
        for a, b in self.near:
            self._equate(system, a, b)

    def rows(self) -> Coords:
        """Return the atoms of each row."""
        return {f: family.rows for f, family in enumerate(self.families)}

    def tally(self, group: int, chosen: Bools) -> Ints:
        """Return how many people of the chosen rows have each combination."""
        if not self.height:
            return np.zeros(self.count(group), dtype=np.int64)
        place = self.places(group)
        is_counted = chosen & (place >= 0)
        return np.bincount(place[is_counted], self.sizes[is_counted], self.count(group)).astype(np.int64)

    def places(self, group: int) -> Ints:
        """Return the combination of each row, -1 for rows whose combination is not possible."""
        coords, order = self.coords[group], sorted(self.groups[group])
        if not order:
            return np.zeros(self.height, dtype=np.int64)
        labels, rows = self.label(coords, order), self.label(self.rows(), order)
        if not len(labels):
            return np.full(len(rows), -1, dtype=np.int64)
        sort = np.argsort(labels)
        matches = sort[np.minimum(np.searchsorted(labels[sort], rows), len(labels) - 1)]
        return np.where(labels[matches] == rows, matches, -1)

    def fits(self, masks: Masks, scope: Scope | None = None) -> bool:
        """Return whether some group holds the families of a term and everyone whom it selects."""
        return bool(self._groups_with(masks, scope))

    def group_of(self, masks: Masks, scope: Scope | None = None) -> int:
        """Return the smallest group that holds the families and the selected people."""
        return min(self._groups_with(masks, scope), key=lambda g: length(self.coords[g]))

    def _groups_with(self, masks: Masks, scope: Scope | None) -> list[int]:
        """Return the groups that hold the families and the selected people."""
        families = frozenset(masks) if scope is None else scope
        return [
            g
            for g, (group, part) in enumerate(zip(self.groups, self.parts, strict=True))
            if families <= group and all(f in masks and (masks[f] <= mask).all() for f, mask in part.items())
        ]

    def count(self, group: int) -> int:
        """Return the number of combinations of a group."""
        return length(self.coords[group])

    def cells(self, group: int, masks: Masks) -> Ints:
        """Return the positions, within a group, of the combinations that the masks select."""
        return np.flatnonzero(selected(masks, self.coords[group]))

    def _equate(self, system: EquationSystem, a: int, b: int) -> None:
        """Add equations: two groups count the same people in each shared combination.

        A group with a filter on other families counts only some of these people.
        """
        shared = sorted(self.groups[a] & self.groups[b])
        common = intersect(self._within(a, shared), self._within(b, shared))
        is_partial = [bool(self.parts[g].keys() - set(shared)) for g in (a, b)]
        if all(is_partial):
            return
        first, second = self._cells(a, shared, common), self._cells(b, shared, common)
        places, row = np.unique(np.concatenate([first[1], second[1]]), return_inverse=True)
        signs = np.concatenate([np.ones(len(first[0])), -np.ones(len(second[0]))])
        low, high = (
            np.full(len(places), -np.inf if is_partial[0] else 0.0),
            np.full(len(places), np.inf if is_partial[1] else 0.0),
        )
        system.add_sums(row.ravel(), np.concatenate([first[0], second[0]]), signs, low, high)

    def _within(self, group: int, both: list[int]) -> Masks:
        return {f: mask for f, mask in self.parts[group].items() if f in both}

    def _cells(self, group: int, both: list[int], common: Masks) -> tuple[Ints, Ints]:
        """Return the unknowns of a group within the filters of a pair, and the label of each."""
        positions = np.flatnonzero(selected(common, self.coords[group]))
        return self.start[group] + positions, self.label(self.coords[group], both)[positions]
