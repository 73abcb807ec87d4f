"""The unknowns of an outsider: how many people there are of every combination of values, group by group of columns.

Only combinations of which there can be any are numbered: a code that stands on no axis, and a zero that is published,
rule out all combinations they count.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from kerege.evidence.sdc.constraints import junction_tree
from kerege.evidence.sdc.constraints.domains import Bools, Family
from kerege.evidence.sdc.constraints.equations import System
from kerege.evidence.sdc.constraints.junction_tree import Scope
from kerege.evidence.sdc.constraints.linear_system import Ints
from kerege.evidence.sdc.constraints.table_views import Coords, Masks, View, length, meet, selected

MOST = 40_000  # combinations of which there can be any, that are looked at together
WORK = 2_000_000  # combinations tried on the way


class People:
    """Groups of families, the kinds of people in each, and where in the system they are."""

    def __init__(
        self,
        families: list[Family],
        views: Sequence[View],
        scopes: Sequence[Scope],
        height: int,
        *,
        zeros: bool = True,
    ) -> None:
        self.families, self.views, self.height, self.zeros = families, views, height, zeros
        self.groups: list[Scope] = []
        self.coords: list[Coords] = []
        self.parts: list[Masks] = []  # by group, the filter by which alone its people are looked at; {} for all
        self.large: list[Scope] = []  # groups that would have had too many combinations
        for group in junction_tree.cliques(scopes):
            self._settle(group, scopes)
        self._choose()
        self._prune()
        self.start: list[int] = []

    def _settle(self, group: Scope, scopes: Sequence[Scope]) -> None:
        """Take a group as it is, or else the scopes of which it is made."""
        found = self._live(group)
        if found is not None and length(found) <= MOST:
            self._take(group, found, {})
            return
        self.large.append(group)
        for scope in junction_tree.largest([scope for scope in scopes if scope < group]):
            part = self._live(scope)
            if part is not None and length(part) <= MOST:
                self._take(scope, part, {})
        for view in self.views:
            if view.scope <= group and not self.fits(view.filter, view.scope):
                part = self._live(view.scope, view.filter)
                if part is not None:
                    self._take(view.scope, part, view.filter)

    def _take(self, group: Scope, coords: Coords, part: Masks) -> None:
        if not any(group == other and not known for other, known in zip(self.groups, self.parts, strict=True)):
            self.groups.append(group)
            self.coords.append(coords)
            self.parts.append(part)

    def _choose(self) -> None:
        """Leave out groups within others, and find those that overlap."""
        whole = [group for group, part in zip(self.groups, self.parts, strict=True) if not part]
        kept = [g for g, group in enumerate(self.groups) if not any(group < other for other in whole)]
        self.groups, self.parts = [self.groups[g] for g in kept], [self.parts[g] for g in kept]
        self.coords = [self.coords[g] for g in kept]
        self.near = junction_tree.overlapping(self.groups) if self.large else junction_tree.tree(self.groups)

    def _live(self, group: Scope, part: Masks | None = None) -> Coords | None:
        """The combinations of a group of which there can be any; None when they are too many to go through.

        With `part` only those whom a filter selects.
        """
        coords: Coords = {}
        asked: set[int] = set()
        for family in sorted(self._order(group), key=lambda f: f not in (part or {})):
            atoms = len(self.families[family].atoms)
            if length(coords) * atoms > WORK:
                return None
            there = length(coords)
            coords = {f: np.repeat(each, atoms) for f, each in coords.items()}
            coords[family] = np.tile(np.arange(atoms), there)
            if part and family in part:
                chosen = part[family][coords[family]]
                coords = {f: each[chosen] for f, each in coords.items()}
            for number, view in enumerate(self.views):
                if number not in asked and view.scope <= coords.keys():
                    asked.add(number)
                    dead = view.dead(coords, zeros=self.zeros)
                    if dead.any():
                        coords = {f: each[~dead] for f, each in coords.items()}
        return coords

    def _order(self, group: Scope) -> list[int]:
        """The families of a group, those of one table after one another, large tables first."""
        inside = [view.scope for view in self.views if view.scope <= group]
        inside.sort(key=lambda scope: (-self._size(scope), sorted(scope)))
        order = dict.fromkeys(f for scope in inside for f in sorted(scope))
        return list(dict.fromkeys([*order, *sorted(group)]))

    def _size(self, scope: Scope) -> int:
        return int(np.prod([len(self.families[f].atoms) for f in scope], dtype=object))

    def _prune(self) -> None:
        """Whom one group rules out where it overlaps with another is ruled out there too."""
        for _ in range(2 * len(self.groups)):
            changed = False
            for a, b in self.near:
                both = sorted(self.groups[a] & self.groups[b])
                one, two = self._label(self.coords[a], both), self._label(self.coords[b], both)
                for g, mine, theirs, other in ((a, one, two, b), (b, two, one, a)):
                    kept = np.isin(mine, theirs)
                    if not kept.all() and not self.parts[other]:
                        changed = True
                        self.coords[g] = {f: each[kept] for f, each in self.coords[g].items()}
            if not changed:
                return

    def _label(self, coords: Coords, families: Sequence[int]) -> Ints:
        """One number for each combination of the atoms of some families."""
        place = np.zeros(length(coords), dtype=np.int64)
        for f in families:
            place = place * len(self.families[f].atoms) + coords[f]
        return place

    def number(self, system: System) -> None:
        """Give all combinations their numbers; groups that overlap count the same people there."""
        everybody = np.ones(self.height, dtype=bool)
        self.start = [system.take(self.tally(g, everybody)) for g in range(len(self.groups))]
        for a, b in self.near:
            self._agree(system, a, b)

    def rows(self) -> Coords:
        """The atoms of the rows, for whoever holds them."""
        return {f: family.rows for f, family in enumerate(self.families)}

    def tally(self, group: int, chosen: Bools) -> Ints:
        """How many of the chosen rows have each combination."""
        coords = self.coords[group]
        found = np.zeros(length(coords), dtype=np.int64)
        if not self.height or not len(found):
            return found
        order = sorted(self.groups[group])
        if not order:
            return np.array([chosen.sum()], dtype=np.int64)
        mine, rows = self._label(coords, order), self._label(self.rows(), order)[chosen]
        sort = np.argsort(mine)
        place = np.minimum(np.searchsorted(mine[sort], rows), len(mine) - 1)
        hit = sort[place]
        np.add.at(found, hit[mine[hit] == rows], 1)
        return found

    def fits(self, masks: Masks, scope: Scope | None = None) -> bool:
        """Whether some group holds the families of a box, and all whom the box selects."""
        return bool(self._fitting(masks, scope))

    def group_of(self, masks: Masks, scope: Scope | None = None) -> int:
        """The smallest such group."""
        return min(self._fitting(masks, scope), key=lambda g: length(self.coords[g]))

    def _fitting(self, masks: Masks, scope: Scope | None) -> list[int]:
        wanted = frozenset(masks) if scope is None else scope
        return [
            g
            for g, (group, part) in enumerate(zip(self.groups, self.parts, strict=True))
            if wanted <= group and all(f in masks and (masks[f] <= mask).all() for f, mask in part.items())
        ]

    def count(self, group: int) -> int:
        """How many combinations a group has."""
        return length(self.coords[group])

    def cells(self, group: int, masks: Masks) -> Ints:
        """Positions, within a group, of the combinations that are meant."""
        return np.flatnonzero(selected(masks, self.coords[group]))

    def _agree(self, system: System, a: int, b: int) -> None:
        """Two groups count the same people of each combination that they share; those of a filter are some of them."""
        both = sorted(self.groups[a] & self.groups[b])
        seen = meet(self._within(a, both), self._within(b, both))
        some = [bool(self.parts[g].keys() - set(both)) for g in (a, b)]
        if all(some):
            return
        one, two = self._cells(a, both, seen), self._cells(b, both, seen)
        places, row = np.unique(np.concatenate([one[1], two[1]]), return_inverse=True)
        signs = np.concatenate([np.ones(len(one[0])), -np.ones(len(two[0]))])
        low, high = (
            np.full(len(places), -np.inf if some[0] else 0.0),
            np.full(len(places), np.inf if some[1] else 0.0),
        )
        system.tied(row.ravel(), np.concatenate([one[0], two[0]]), signs, low, high)

    def _within(self, group: int, both: list[int]) -> Masks:
        return {f: mask for f, mask in self.parts[group].items() if f in both}

    def _cells(self, group: int, both: list[int], seen: Masks) -> tuple[Ints, Ints]:
        """The unknowns of a group within the filters of a pair, and the label of each."""
        kept = np.flatnonzero(selected(seen, self.coords[group]))
        return self.start[group] + kept, self._label(self.coords[group], both)[kept]
