"""Other tables that fit everything published, found by walking: each step is one box of hidden cells.

A box has two codes in every dimension; adding a number to its 2^d corners with alternating signs leaves every sum
unchanged (a code paired with its total moves with the same sign). While no count falls below zero and all corners are
hidden, each table on the way is a witness of what the attacker cannot rule out. On large tables this is far faster
than linear programming, whose corners are seldom whole numbers there; what it does not find, the auditor decides.
"""

from __future__ import annotations

from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from kerege.evidence.numerics.time_limit import Clock
from kerege.evidence.sdc.constraints.linear_system import Ints, Rules

MOST_BOXES, MOST_STEPS, PASSES = 300, 25, 10
FAR = np.iinfo(np.int64).max


class Walk:
    """A walk over the tables that differ from the true one only in hidden cells."""

    def __init__(self, counts: Ints, hidden: NDArray[np.bool_], rules: Rules, *, seed: int = 0) -> None:
        self.shape, self.rules = counts.shape, rules
        self.truth, self.now = counts.ravel(), counts.ravel().copy()
        self.hidden = hidden.reshape(counts.shape)
        self.low, self.high = self.now.copy(), self.now.copy()
        self._known: dict[int, tuple[Ints, Ints]] = {}
        self._rng = np.random.default_rng(seed)

    def run(self, cells: Ints, threshold: int, clock: Clock) -> Ints:
        """Widen the intervals of `cells` to the threshold; returns those for which no way was found."""
        left = cells
        for _ in range(PASSES):
            left = self._rng.permutation(left)
            left = np.array([c for c in left.tolist() if not self._widen(c, threshold, clock)], dtype=np.int64)
            if not len(left) or clock.late:
                break
        self._prove()
        return left

    def _widen(self, cell: int, threshold: int, clock: Clock) -> bool:
        if self.high[cell] - self.low[cell] >= threshold:
            return True
        if clock.late or not len(self._boxes(cell)[0]):
            return False
        for turn in (1, -1):
            for _ in range(MOST_STEPS):
                need = threshold - (self.high[cell] - self.now[cell] if turn < 0 else self.now[cell] - self.low[cell])
                if need <= 0 or not self._step(cell, turn, int(need)):
                    break
        return bool(self.high[cell] - self.low[cell] >= threshold)

    def _step(self, cell: int, turn: int, need: int) -> bool:
        """Move a cell up or down by the box that has most room."""
        corners, signs = self._boxes(cell)
        room = np.where(signs * turn < 0, self.now[corners], FAR).min(axis=1)
        best = int(self._rng.choice(np.flatnonzero(room == room.max())))
        step = min(int(room[best]), need)
        if step <= 0:
            return False
        here = corners[best]
        self.now[here] += turn * step * signs[best]
        self.low[here] = np.minimum(self.low[here], self.now[here])
        self.high[here] = np.maximum(self.high[here], self.now[here])
        return True

    def _boxes(self, cell: int) -> tuple[Ints, Ints]:
        """Corners and signs of the boxes of a cell, the cell itself first."""
        if cell not in self._known:
            self._known[cell] = self._find(cell)
        return self._known[cell]

    def _find(self, cell: int) -> tuple[Ints, Ints]:
        home = [int(i) for i in np.unravel_index(cell, self.shape)]
        partners = [self._partners(home, d) for d in range(len(home))]
        whole = np.ones([len(p) for p in partners], dtype=bool)
        for size in range(2, len(home) + 1):
            for chosen in combinations(range(len(home)), size):
                index = [partners[d] if d in chosen else np.array([home[d]]) for d in range(len(home))]
                whole &= self.hidden[np.ix_(*index)]
        places = np.argwhere(whole)
        if len(places) > MOST_BOXES:
            places = places[self._rng.choice(len(places), MOST_BOXES, replace=False)]
        other = np.stack([partners[d][places[:, d]] for d in range(len(home))], axis=1)
        return self._corners(home, other)

    def _partners(self, home: list[int], d: int) -> Ints:
        line = self.hidden[tuple(slice(None) if i == d else h for i, h in enumerate(home))]
        found: Ints = np.flatnonzero(line)
        found = found[found != home[d]]
        return found

    def _corners(self, home: list[int], other: Ints) -> tuple[Ints, Ints]:
        corners, signs = [], []
        along = np.where((other == 0) | (np.array(home) == 0), 1, -1)
        for mask in range(2 ** len(home)):
            swap = np.array([bool(mask >> d & 1) for d in range(len(home))])
            corners.append(np.ravel_multi_index(tuple(np.where(swap, other, home).T), self.shape))
            signs.append(np.where(swap, along, 1).prod(axis=1))
        return np.stack(corners, axis=1), np.stack(signs, axis=1)

    def _prove(self) -> None:
        """The end of the walk fits everything published: so did every table before it."""
        sums = self.rules.matrix @ self.now
        fits = (sums >= self.rules.low).all() and (sums <= self.rules.high).all() and (self.now >= 0).all()
        if not fits or (self.now != self.truth)[~self.hidden.ravel()].any():
            raise RuntimeError("a step of the walk broke a sum")
