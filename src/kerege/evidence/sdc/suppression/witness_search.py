"""Witnesses by a random walk: other tables that fit everything published.

Each step moves one hypercube of hidden cells. A hypercube has two codes in every dimension. Adding a number to its 2^d
corners with alternating signs keeps every sum (a code paired with its total moves with the same sign). While no hidden
count is below the least one and all corners are hidden, each table on the way is consistent with the publication. On
large tables the walk is much faster than linear programming, whose vertices are seldom integer there. The audit decides
the other cells.
"""

from __future__ import annotations

from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from kerege.evidence.numerics.time_limit import TimeLimit
from kerege.evidence.sdc.linear.linear_system import Ints, Rules

MOST_CUBES, MOST_STEPS, PASSES = 300, 25, 10
FAR = np.iinfo(np.int64).max


class WitnessWalk:
    """A walk over the tables that differ from the true one only in hidden cells."""

    def __init__(self, counts: Ints, hidden: NDArray[np.bool_], rules: Rules, *, least: int = 0, seed: int = 0) -> None:
        self.shape, self.rules, self.least = counts.shape, rules, least  # `least` count of a hidden cell
        self.truth, self.current = counts.ravel(), counts.ravel().copy()
        self.hidden = hidden.reshape(counts.shape)
        self.low, self.high = self.current.copy(), self.current.copy()
        self._cubes_of: dict[int, tuple[Ints, Ints]] = {}
        self._rng = np.random.default_rng(seed)

    def run(self, cells: Ints, width: int, clock: TimeLimit) -> Ints:
        """Widen the intervals of `cells` to a width; return those that stay narrower."""
        narrow = cells
        for _ in range(PASSES):
            narrow = self._rng.permutation(narrow)
            narrow = np.array([c for c in narrow.tolist() if not self._widen(c, width, clock)], dtype=np.int64)
            if not len(narrow) or clock.late:
                break
        self._check_sums()
        return narrow

    def _widen(self, cell: int, width: int, clock: TimeLimit) -> bool:
        if self.high[cell] - self.low[cell] >= width:
            return True
        if clock.late or not len(self._hypercubes(cell)[0]):
            return False
        for turn in (1, -1):
            for _ in range(MOST_STEPS):
                need = width - (
                    self.high[cell] - self.current[cell] if turn < 0 else self.current[cell] - self.low[cell]
                )
                if need <= 0 or not self._step(cell, turn, int(need)):
                    break
        return bool(self.high[cell] - self.low[cell] >= width)

    def _step(self, cell: int, turn: int, need: int) -> bool:
        """Move a cell up or down by the hypercube that allows the largest step."""
        corners, signs = self._hypercubes(cell)
        largest_step = np.where(signs * turn < 0, self.current[corners] - self.least, FAR).min(axis=1)
        best = int(self._rng.choice(np.flatnonzero(largest_step == largest_step.max())))
        step = min(int(largest_step[best]), need)
        if step <= 0:
            return False
        cube = corners[best]
        self.current[cube] += turn * step * signs[best]
        self.low[cube] = np.minimum(self.low[cube], self.current[cube])
        self.high[cube] = np.maximum(self.high[cube], self.current[cube])
        return True

    def _hypercubes(self, cell: int) -> tuple[Ints, Ints]:
        """Return the corners and signs of the hypercubes of a cell, the cell itself first."""
        if cell not in self._cubes_of:
            self._cubes_of[cell] = self._find(cell)
        return self._cubes_of[cell]

    def _find(self, cell: int) -> tuple[Ints, Ints]:
        """Find the hypercubes of hidden cells with a given corner, at most MOST_CUBES at random."""
        home = [int(i) for i in np.unravel_index(cell, self.shape)]
        partners = [self._partners(home, d) for d in range(len(home))]
        is_hidden = np.ones([len(p) for p in partners], dtype=bool)
        for size in range(2, len(home) + 1):
            for chosen in combinations(range(len(home)), size):
                index = [partners[d] if d in chosen else np.array([home[d]]) for d in range(len(home))]
                is_hidden &= self.hidden[np.ix_(*index)]
        places = np.argwhere(is_hidden)
        if len(places) > MOST_CUBES:
            places = places[self._rng.choice(len(places), MOST_CUBES, replace=False)]
        partner_codes = np.stack([partners[d][places[:, d]] for d in range(len(home))], axis=1)
        return self._corners(home, partner_codes)

    def _partners(self, home: list[int], d: int) -> Ints:
        line = self.hidden[tuple(slice(None) if i == d else h for i, h in enumerate(home))]
        codes: Ints = np.flatnonzero(line)
        codes = codes[codes != home[d]]
        return codes

    def _corners(self, home: list[int], partner_codes: Ints) -> tuple[Ints, Ints]:
        corners, signs = [], []
        along = np.where((partner_codes == 0) | (np.array(home) == 0), 1, -1)
        for mask in range(2 ** len(home)):
            swap = np.array([bool(mask >> d & 1) for d in range(len(home))])
            corners.append(np.ravel_multi_index(tuple(np.where(swap, partner_codes, home).T), self.shape))
            signs.append(np.where(swap, along, 1).prod(axis=1))
        return np.stack(corners, axis=1), np.stack(signs, axis=1)

    def _check_sums(self) -> None:
        """Check that the last table fits everything published; all tables before it then fit too."""
        sums = self.rules.matrix @ self.current
        hidden = self.hidden.ravel()
        is_in_bounds = (self.current[hidden] >= self.least).all() and (self.current == self.truth)[~hidden].all()
        if not is_in_bounds or (sums < self.rules.low).any() or (sums > self.rules.high).any():
            raise RuntimeError("a step of the walk broke a sum")
