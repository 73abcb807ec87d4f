"""Complementary suppression by the hypercube method: fast, rarely optimal.

The method hides the cheapest hypercube of each cell (see `witness_search`).
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np
import scipy.sparse as sp

from kerege.evidence.numerics.time_limit import TimeLimit
from kerege.evidence.sdc.linear.linear_system import Floats, Ints
from kerege.evidence.sdc.suppression.problem import Mask, SuppressionProblem

MOST_PARTNERS = 60  # codes tried in each dimension, the cheapest first
NEVER = np.inf


@dataclass(frozen=True)
class Hypercube:
    """Hypercube of hidden cells.

    Every sum stays when each cell changes by its sign times t, for any integer t from -down to up.
    """

    cells: Ints
    signs: Ints
    down: int
    up: int


@dataclass
class CubeOffers:
    """All hypercubes of one cell: the cost of each, and how far it lets the cell move down and up."""

    cost: Floats
    down: Floats
    up: Floats
    partners: list[Ints]


class HypercubeRepair:
    """Suppression of hypercubes until every hidden cell can move far enough."""

    def __init__(self, problem: SuppressionProblem, hidden: Mask) -> None:
        size = problem.size
        self.counts, self.rules, self.distance = problem.table.counts, problem.sums, problem.distance
        self.most_down = problem.most_down[:size].reshape(self.counts.shape)
        self.truth = self.counts.ravel()
        self.hidden = hidden[:size].copy()
        self.weight = np.where(problem.movable[:size], problem.weight[:size], NEVER)
        self.weight[0] = NEVER if not hidden[0] else 0.0
        self.price = np.where(self.hidden, 0.0, self.weight)
        self.lowest: dict[int, Hypercube] = {}
        self.highest: dict[int, Hypercube] = {}

    def width(self, cell: int) -> int:
        """Return the width of a cell's interval that the hypercubes found so far prove."""
        return self._movement(cell, self.lowest) + self._movement(cell, self.highest)

    def movements(self, cell: int) -> tuple[int, int]:
        """Return the largest change of a cell, down and up, that the hypercubes found so far prove possible."""
        return self._movement(cell, self.lowest), self._movement(cell, self.highest)

    def _movement(self, cell: int, ends: dict[int, Hypercube]) -> int:
        """Return the largest possible change of a cell in one direction."""
        cube = ends.get(cell)
        if cube is None:
            return 0
        along = int(cube.signs[np.flatnonzero(cube.cells == cell)[0]]) * (1 if ends is self.highest else -1)
        return cube.up if along > 0 else cube.down

    def protect(self, cells: Ints, clock: TimeLimit) -> None:
        """Widen the cells, large counts first; the caller audits the cells that are hidden for them."""
        for cell in sorted(cells.tolist(), key=lambda c: -self.truth[c]):
            if not clock.late:
                self.widen(cell)

    def widen(self, cell: int) -> bool:
        """Hide the cheapest hypercubes for a cell; return whether the cell can move far enough."""
        offers = None
        for _ in range(4):  # first hypercubes without cost, then at most one with a cost in each direction
            if self.width(cell) >= self.distance:
                return True
            offers = self._offers(cell) if offers is None else offers
            place = self._cheapest(cell, offers)
            if place is None:
                return False
            cube = self._hypercube(cell, offers, place)
            if self._keeps_rules(cube):
                self._hide(cube)
                offers = None
            else:
                offers.cost[place] = NEVER
        return self.width(cell) >= self.distance

    def _cheapest(self, cell: int, offers: CubeOffers) -> tuple[int, ...] | None:
        """Return the cheapest sufficient hypercube, or one without cost that helps; None when none helps."""
        low, high = self._movement(cell, self.lowest), self._movement(cell, self.highest)
        wide = np.maximum(offers.down, low) + np.maximum(offers.up, high)
        cost = np.where(wide >= self.distance, offers.cost, NEVER)
        if not cost.size or cost.min() == NEVER:
            return self._best_free(offers, low, high)
        place = tuple(int(i) for i in np.unravel_index(int(cost.argmin()), cost.shape))
        free = offers.cost == 0
        if cost[place] > 0 and free.any():
            gain = np.where(free, np.maximum(offers.down - low, 0) + np.maximum(offers.up - high, 0), 0)
            if gain.max() > 0:
                return tuple(int(i) for i in np.unravel_index(int(gain.argmax()), gain.shape))
        return place

    @staticmethod
    def _best_free(offers: CubeOffers, low: int, high: int) -> tuple[int, ...] | None:
        """Return the hypercube without cost that widens the interval most; None if none widens it.

        The caller repeats the choice, because no single hypercube suffices.
        """
        gain = np.maximum(offers.down - low, 0) + np.maximum(offers.up - high, 0)
        gain = np.where(offers.cost == 0, gain, 0)
        if not gain.size or gain.max() == 0:
            return None
        return tuple(int(i) for i in np.unravel_index(int(gain.argmax()), gain.shape))

    def _offers(self, cell: int) -> CubeOffers:
        """Return all hypercubes of a cell."""
        home = tuple(int(i) for i in np.unravel_index(cell, self.counts.shape))
        dims = len(home)
        partners = [self._partners(home, d) for d in range(dims)]
        shape = [len(p) for p in partners]
        cost, down = np.zeros(shape), np.full(shape, float(self.most_down.flat[cell]))
        up = np.full(shape, float(self.distance))
        price = self.price.reshape(self.counts.shape)
        for size in range(1, dims + 1):
            for chosen in combinations(range(dims), size):
                index = [partners[d] if d in chosen else np.array([home[d]]) for d in range(dims)]
                here = np.ix_(*index)
                cost += price[here]
                room, sign = self.most_down[here], self._signs(home, index, chosen)
                np.minimum(down, np.where(sign > 0, room, NEVER), out=down)
                np.minimum(up, np.where(sign < 0, room, NEVER), out=up)
        np.minimum(down, self.distance, out=down)
        return CubeOffers(cost, down, up, partners)

    def _partners(self, home: tuple[int, ...], d: int) -> Ints:
        """Return partner codes in a dimension whose corner may be hidden, cheapest first."""
        line = self.price.reshape(self.counts.shape)[tuple(slice(None) if i == d else h for i, h in enumerate(home))]
        order: Ints = np.argsort(line, kind="stable")
        order = order[(line[order] < NEVER) & (order != home[d])][:MOST_PARTNERS]
        return order

    @staticmethod
    def _signs(home: tuple[int, ...], index: list[Ints], chosen: tuple[int, ...]) -> Ints:
        """Return the sign of each corner: opposite to its partner's, equal to its total's."""
        sign: Ints = np.ones([1] * len(home), dtype=np.int64)
        for d in chosen:
            along = np.where((index[d] == 0) | (home[d] == 0), 1, -1)
            sign = sign * along.reshape([-1 if i == d else 1 for i in range(len(home))])
        return sign

    def _hypercube(self, cell: int, offers: CubeOffers, place: tuple[int, ...]) -> Hypercube:
        home = [int(i) for i in np.unravel_index(cell, self.counts.shape)]
        partner = [int(offers.partners[d][i]) for d, i in enumerate(place)]
        cells, signs = [], []
        for mask in range(2 ** len(home)):
            corner = [partner[d] if mask >> d & 1 else home[d] for d in range(len(home))]
            cells.append(int(np.ravel_multi_index(corner, self.counts.shape)))
            turns = sum(1 for d in range(len(home)) if mask >> d & 1 and home[d] and partner[d])
            signs.append(1 - 2 * (turns % 2))
        return Hypercube(np.array(cells), np.array(signs), int(offers.down[place]), int(offers.up[place]))

    def _keeps_rules(self, cube: Hypercube) -> bool:
        """Return whether both ends of the hypercube keep every rule.

        Sums always hold; the rules of multi-valued columns may not.
        """
        change = sp.csr_matrix((cube.signs, (cube.cells, np.zeros(len(cube.cells), int))), (self.truth.size, 1))
        change_of_sums = (self.rules.matrix @ change).toarray().ravel()
        rows = np.flatnonzero(change_of_sums)
        if not len(rows):
            return True
        sums = self.rules.matrix[rows] @ self.truth
        ends = np.stack([sums + change_of_sums[rows] * cube.up, sums - change_of_sums[rows] * cube.down])
        return bool((ends >= self.rules.low[rows]).all() and (ends <= self.rules.high[rows]).all())

    def _hide(self, cube: Hypercube) -> None:
        """Hide the corners, and store the hypercube where it widens the movement of a corner."""
        self.hidden[cube.cells] = True
        self.price[cube.cells] = 0.0
        for cell, sign in zip(cube.cells.tolist(), cube.signs.tolist(), strict=True):
            down, up = (cube.down, cube.up) if sign > 0 else (cube.up, cube.down)
            for ends, distance in ((self.lowest, down), (self.highest, up)):
                if distance > self._movement(cell, ends):
                    ends[cell] = cube
