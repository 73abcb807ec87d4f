"""Complementary suppression by boxes (see `walk`): the cheapest box of each cell is hidden whole. Fast, rarely best."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np
import scipy.sparse as sp

from kerege.evidence.numerics.time_limit import Clock
from kerege.evidence.sdc.constraints.linear_system import Floats, Ints
from kerege.evidence.sdc.suppression.problem import Mask, Problem

MOST_PARTNERS = 60  # codes tried in a dimension, those that cost least first
NEVER = np.inf


@dataclass(frozen=True)
class Box:
    """Hidden corners that can move together: by `sign` times any whole number from -down to up."""

    cells: Ints
    signs: Ints
    down: int
    up: int


@dataclass
class Offer:
    """All boxes of one cell: what each costs, and how far it lets the cell move."""

    cost: Floats
    down: Floats
    up: Floats
    partners: list[Ints]


class Boxes:
    """Hides cells until every hidden cell can move by the threshold along boxes."""

    def __init__(self, problem: Problem, hidden: Mask) -> None:
        size = problem.size
        self.counts, self.rules, self.threshold = problem.table.counts, problem.sums, problem.threshold
        self.truth = self.counts.ravel()
        self.hidden = hidden[:size].copy()
        self.weight = np.where(problem.movable[:size], problem.weight[:size], NEVER)
        self.weight[0] = NEVER if not hidden[0] else 0.0
        self.price = np.where(self.hidden, 0.0, self.weight)
        self.lowest: dict[int, Box] = {}
        self.highest: dict[int, Box] = {}

    def width(self, cell: int) -> int:
        """How far the boxes found so far let a cell move."""
        return self._reach(cell, self.lowest) + self._reach(cell, self.highest)

    def _reach(self, cell: int, ends: dict[int, Box]) -> int:
        box = ends.get(cell)
        if box is None:
            return 0
        along = int(box.signs[np.flatnonzero(box.cells == cell)[0]]) * (1 if ends is self.highest else -1)
        return box.up if along > 0 else box.down

    def protect(self, cells: Ints, clock: Clock) -> None:
        """Give the cells their width, large counts first; the caller examines what is hidden for their sake."""
        for cell in sorted(cells.tolist(), key=lambda c: -self.truth[c]):
            if not clock.late:
                self.widen(cell)

    def widen(self, cell: int) -> bool:
        """Whether the cell has its width, hiding the cheapest box where it must."""
        offer = None
        for _ in range(4):  # free ways first, then at most one that is paid for in each direction
            if self.width(cell) >= self.threshold:
                return True
            offer = self._offer(cell) if offer is None else offer
            place = self._cheapest(cell, offer)
            if place is None:
                return False
            box = self._box(cell, offer, place)
            if self._fits(box):
                self._take(box)
                offer = None
            else:
                offer.cost[place] = NEVER
        return self.width(cell) >= self.threshold

    def _cheapest(self, cell: int, offer: Offer) -> tuple[int, ...] | None:
        low, high = self._reach(cell, self.lowest), self._reach(cell, self.highest)
        wide = np.maximum(offer.down, low) + np.maximum(offer.up, high)
        cost = np.where(wide >= self.threshold, offer.cost, NEVER)
        if not cost.size or cost.min() == NEVER:
            return self._better(offer, low, high)
        place = tuple(int(i) for i in np.unravel_index(int(cost.argmin()), cost.shape))
        free = offer.cost == 0
        if cost[place] > 0 and free.any():
            gain = np.where(free, np.maximum(offer.down - low, 0) + np.maximum(offer.up - high, 0), 0)
            if gain.max() > 0:
                return tuple(int(i) for i in np.unravel_index(int(gain.argmax()), gain.shape))
        return place

    @staticmethod
    def _better(offer: Offer, low: int, high: int) -> tuple[int, ...] | None:
        """No single box is enough: the free one that helps most."""
        gain = np.maximum(offer.down - low, 0) + np.maximum(offer.up - high, 0)
        gain = np.where(offer.cost == 0, gain, 0)
        if not gain.size or gain.max() == 0:
            return None
        return tuple(int(i) for i in np.unravel_index(int(gain.argmax()), gain.shape))

    def _offer(self, cell: int) -> Offer:
        home = tuple(int(i) for i in np.unravel_index(cell, self.counts.shape))
        dims = len(home)
        partners = [self._partners(home, d) for d in range(dims)]
        shape = [len(p) for p in partners]
        cost, down = np.zeros(shape), np.full(shape, float(self.truth[cell]))
        up = np.full(shape, float(self.threshold))
        price, truth = self.price.reshape(self.counts.shape), self.counts
        for size in range(1, dims + 1):
            for chosen in combinations(range(dims), size):
                index = [partners[d] if d in chosen else np.array([home[d]]) for d in range(dims)]
                here = np.ix_(*index)
                cost += price[here]
                count, sign = truth[here], self._signs(home, index, chosen)
                np.minimum(down, np.where(sign > 0, count, NEVER), out=down)
                np.minimum(up, np.where(sign < 0, count, NEVER), out=up)
        np.minimum(down, self.threshold, out=down)
        return Offer(cost, down, up, partners)

    def _partners(self, home: tuple[int, ...], d: int) -> Ints:
        """The codes that may stand beside that of a cell: those with a corner that may be hidden, cheapest first."""
        line = self.price.reshape(self.counts.shape)[tuple(slice(None) if i == d else h for i, h in enumerate(home))]
        order: Ints = np.argsort(line, kind="stable")
        order = order[(line[order] < NEVER) & (order != home[d])][:MOST_PARTNERS]
        return order

    @staticmethod
    def _signs(home: tuple[int, ...], index: list[Ints], chosen: tuple[int, ...]) -> Ints:
        """The sign with which each corner moves: against its partner, with its total."""
        sign: Ints = np.ones([1] * len(home), dtype=np.int64)
        for d in chosen:
            along = np.where((index[d] == 0) | (home[d] == 0), 1, -1)
            sign = sign * along.reshape([-1 if i == d else 1 for i in range(len(home))])
        return sign

    def _box(self, cell: int, offer: Offer, place: tuple[int, ...]) -> Box:
        home = [int(i) for i in np.unravel_index(cell, self.counts.shape)]
        other = [int(offer.partners[d][i]) for d, i in enumerate(place)]
        cells, signs = [], []
        for mask in range(2 ** len(home)):
            corner = [other[d] if mask >> d & 1 else home[d] for d in range(len(home))]
            cells.append(int(np.ravel_multi_index(corner, self.counts.shape)))
            turns = sum(1 for d in range(len(home)) if mask >> d & 1 and home[d] and other[d])
            signs.append(1 - 2 * (turns % 2))
        return Box(np.array(cells), np.array(signs), int(offer.down[place]), int(offer.up[place]))

    def _fits(self, box: Box) -> bool:
        """Whether both ends of the box keep every rule (sums always hold; with several values a person, not all)."""
        change = sp.csr_matrix((box.signs, (box.cells, np.zeros(len(box.cells), int))), (self.truth.size, 1))
        turn = (self.rules.matrix @ change).toarray().ravel()
        rows = np.flatnonzero(turn)
        if not len(rows):
            return True
        sums = self.rules.matrix[rows] @ self.truth
        ends = np.stack([sums + turn[rows] * box.up, sums - turn[rows] * box.down])
        return bool((ends >= self.rules.low[rows]).all() and (ends <= self.rules.high[rows]).all())

    def _take(self, box: Box) -> None:
        self.hidden[box.cells] = True
        self.price[box.cells] = 0.0
        for cell, sign in zip(box.cells.tolist(), box.signs.tolist(), strict=True):
            down, up = (box.down, box.up) if sign > 0 else (box.up, box.down)
            for ends, reach in ((self.lowest, down), (self.highest, up)):
                if reach > self._reach(cell, ends):
                    ends[cell] = box
