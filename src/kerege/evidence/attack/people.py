"""The unknowns of an outsider: how many people there are of every combination of values, group by group of columns."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from kerege.evidence.attack import cliques
from kerege.evidence.attack.cliques import Scope
from kerege.evidence.attack.families import Family
from kerege.evidence.attack.views import Masks
from kerege.evidence.protect.system import Floats, Ints, Part, Rules, stack


class System:
    """Numbers unknowns, each with its true value and an upper bound, and collects equations."""

    def __init__(self) -> None:
        self.size = 0
        self._truth: list[Ints] = []
        self._parts: list[Part] = []

    def take(self, truth: Ints) -> int:
        """Number further unknowns; returns the first number."""
        start = self.size
        self.size += len(truth)
        self._truth.append(truth.astype(np.int64))
        return start

    def rows(self, cells: Ints, values: Sequence[float], low: float, high: float) -> None:
        """Equations of one shape: a line of cells each, with the same coefficients and bounds."""
        count, width = cells.shape
        row = np.repeat(np.arange(count), width)
        self._parts.append((row, cells.ravel(), np.tile(np.asarray(values, dtype=float), count), np.full(count, low),
                            np.full(count, high)))  # fmt: skip

    def row(self, cells: Ints, values: Floats, low: float, high: float) -> None:
        """One equation."""
        self.rows(cells[None, :], values.tolist(), low, high)

    def include(self, rules: Rules, place: Ints) -> None:
        """Equations over cells of one table."""
        entries = rules.matrix.tocoo()
        self._parts.append((entries.row, place[entries.col], entries.data, rules.low, rules.high))

    def rules(self) -> Rules:
        """All equations."""
        return stack(self._parts, self.size)

    def truth(self) -> Ints:
        """The true value of every unknown."""
        return np.concatenate(self._truth)


def size(families: Sequence[Family], scope: Scope) -> int:
    """How many combinations of values the families of a scope have."""
    return int(np.prod([len(families[f].atoms) for f in scope], dtype=object))


class People:
    """Groups of families, and where in the system the people of each combination of their atoms are."""

    def __init__(self, families: list[Family], scopes: Sequence[Scope], height: int, *, loose: bool = False) -> None:
        self.families, self.height = families, height
        self.groups = cliques.largest(scopes) if loose else cliques.cliques(scopes)
        self.near = cliques.overlapping(self.groups) if loose else cliques.tree(self.groups)
        self.start: list[int] = []

    def number(self, system: System) -> None:
        """Give all combinations their numbers; groups that overlap count the same people there."""
        self.start = [system.take(self.tally(g, np.ones(self.height, dtype=bool))) for g in range(len(self.groups))]
        for a, b in self.near:
            self._agree(system, a, b)

    def count(self, group: Scope) -> int:
        """How many combinations a group has."""
        return size(self.families, group)

    def fits(self, scope: Scope) -> bool:
        """Whether some group holds a scope."""
        return any(scope <= group for group in self.groups)

    def tally(self, group: int, chosen: np.ndarray) -> Ints:
        """How many of the chosen rows have each combination."""
        place = np.zeros(self.height, dtype=np.int64)
        for f in sorted(self.groups[group]):
            place = place * len(self.families[f].atoms) + self.families[f].rows
        return np.bincount(place[chosen], minlength=self.count(self.groups[group])).astype(np.int64)

    def group_of(self, scope: Scope) -> int:
        """The smallest group that holds a scope."""
        fitting = [g for g, group in enumerate(self.groups) if scope <= group]
        return min(fitting, key=lambda g: self.count(self.groups[g]))

    def cells(self, group: int, masks: Masks) -> Ints:
        """Positions, within a group, of the combinations that are meant."""
        place = np.zeros(1, dtype=np.int64)
        for f in sorted(self.groups[group]):
            atoms = len(self.families[f].atoms)
            chosen = np.flatnonzero(masks[f]) if f in masks else np.arange(atoms)
            place = (place[:, None] * atoms + chosen[None, :]).ravel()
        return place

    def _agree(self, system: System, a: int, b: int) -> None:
        both = sorted(self.groups[a] & self.groups[b])
        one, two = self._overlap(a, both), self._overlap(b, both)
        for place in range(one.max() + 1):
            left, right = (self.start[g] + np.flatnonzero(label == place) for g, label in ((a, one), (b, two)))
            signs = np.concatenate([np.ones(len(left)), -np.ones(len(right))])
            system.row(np.concatenate([left, right]), signs, 0, 0)

    def _overlap(self, group: int, both: list[int]) -> Ints:
        """The combination of the shared families to which each combination of a group belongs."""
        order = sorted(self.groups[group])
        shape = [len(self.families[f].atoms) for f in order]
        label = np.zeros(self.count(self.groups[group]), dtype=np.int64)
        grid = np.unravel_index(np.arange(len(label)), shape) if shape else ()
        for f, places in zip(order, grid, strict=True):
            if f in both:
                label = label * len(self.families[f].atoms) + places
        return label
