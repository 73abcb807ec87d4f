"""The outsider's linear program while it is not yet chosen what is hidden, and the inequalities that follow from it.

Fischetti and Salazar (2000; Management Science 47, 2001): let x say how far each cell is hidden (0 to 1). An unknown
that is hidden may leave its true count as far as x allows; how far one of them can be moved, up and down together, is
concave in x, so that every dual solution bounds it by a sum over x, valid for every choice. Requiring that bound to
reach the threshold cuts off x, and no choice that is safe.
"""

from __future__ import annotations

from dataclasses import dataclass

import highspy
import numpy as np
import scipy.sparse as sp

from kerege.evidence.sdc.constraints.highs_solver import EPSILON, model
from kerege.evidence.sdc.constraints.linear_system import Floats, Ints
from kerege.evidence.sdc.suppression.problem import Mask, Problem

VIOLATED = 1e-4  # by so much a choice must miss an inequality to be cut off
DIGITS = 6  # any dual values give a valid bound; rounded ones leave no crumbs


@dataclass(frozen=True)
class Cut:
    """`values @ x[cells] >= low`."""

    cells: Ints
    values: Floats
    low: float

    def misses(self, share: Floats) -> bool:
        """Whether a choice does not keep it."""
        return float(self.values @ share[self.cells]) < self.low - VIOLATED

    @property
    def key(self) -> bytes:
        """The same for equal cuts."""
        return self.cells.tobytes() + np.round(self.values, DIGITS).tobytes()


@dataclass(frozen=True)
class Reach:
    """How far a cell can be moved (up and down together), and a bound of it, `constant + capacity @ x`."""

    cell: int
    width: float
    capacity: Floats
    constant: float


class Attacker:
    """Moves hidden cells as far as everything published allows, over the reals."""

    def __init__(self, problem: Problem) -> None:
        self.problem, self.threshold = problem, float(problem.threshold)
        self.cells = np.flatnonzero(problem.movable)
        self.place = np.full(len(problem.truth), -1)
        self.place[self.cells] = np.arange(len(self.cells))
        matrix = problem.rules.matrix[:, self.cells]
        used = np.flatnonzero(np.diff(matrix.indptr))
        self.matrix = matrix[used].tocsr()
        sums = (problem.rules.matrix @ problem.truth)[used]
        self.low, self.high = problem.rules.low[used] - sums, problem.rules.high[used] - sums
        self._limits()
        size = len(self.cells)
        self._all = np.arange(size, dtype=np.int32)
        self._lp = model(self.matrix, self.low, self.high, np.zeros(size), np.zeros(size))
        for option, value in (("presolve", "off"), ("solver", "simplex"), ("simplex_strategy", 4)):
            self._lp.setOptionValue(option, value)
        self.top, self.bottom = np.zeros(size), np.zeros(size)

    def _limits(self) -> None:
        """How far each cell can go down and up at most.

        In a network nobody needs to move farther than the threshold for the sake of another; elsewhere one may, yet a
        short leash finds the better inequalities.
        """
        truth = self.problem.truth[self.cells].astype(float)
        self.near = np.full(len(truth), self.threshold)
        self.down = np.minimum(truth, self.threshold) if self.problem.network else truth
        self.far = self.near if self.problem.network else self.problem.ceiling - truth

    def look(self, share: Floats, *, whole: bool = False) -> None:
        """Hide cells as far as `share` says (0 to 1, by unknown); `whole` for a choice that is made, to judge it."""
        x = np.clip(share[self.cells], 0.0, 1.0)
        up = self.far if whole else self.near
        self._lp.changeColsBounds(len(x), self._all, -self.down * x, up * x)
        self.top, self.bottom = np.zeros(len(x)), np.zeros(len(x))

    def within(self, cell: int, needed: float) -> Reach | None:
        """What bounds the reach of a cell to less than needed; None when it reaches as far."""
        place = int(self.place[cell])
        capacity, constant = np.zeros(len(self.cells)), 0.0
        for sign in (1.0, -1.0):
            if self.top[place] - self.bottom[place] >= needed - EPSILON:
                return None
            limits, fixed = self._end(place, sign)
            capacity, constant = capacity + limits, constant + fixed
        width = self.top[place] - self.bottom[place]
        return None if width >= needed - EPSILON else Reach(cell, width, capacity, constant)

    def _end(self, place: int, sign: float) -> tuple[Floats, float]:
        """Move a cell up (1) or down (-1) as far as it goes; what bounds that by each cell's share, and a constant."""
        cost = np.zeros(len(self.cells))
        cost[place] = -sign
        self._lp.changeColsCost(len(cost), self._all, cost)
        self._lp.run()
        if self._lp.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            self._lp.clearSolver()
            self._lp.run()
        solution = self._lp.getSolution()
        point = np.array(solution.col_value)
        np.maximum(self.top, point, out=self.top)
        np.minimum(self.bottom, point, out=self.bottom)
        price = np.round(np.array(solution.row_dual), DIGITS)
        price[(price > 0) & ~np.isfinite(self.low) | (price < 0) & ~np.isfinite(self.high)] = 0.0
        rest = np.round(cost - self.matrix.T @ price, DIGITS + 2)
        bound = np.where(price > 0, self.low, self.high)
        constant = -float((price[price != 0] * bound[price != 0]).sum())
        return np.maximum(rest, 0) * self.down + np.maximum(-rest, 0) * self.far, constant

    def cut(self, reach: Reach, given: Ints) -> Cut | None:
        """The inequality that a reach below the threshold gives when all `given` cells are hidden; None for none.

        No coefficient needs to be larger than what is missing.
        """
        given = given[~self.problem.always[given]]
        fixed = self.problem.always[self.cells]
        fixed[self.place[given]] = True
        missing = self.threshold - reach.constant - float(reach.capacity[fixed].sum())
        if missing <= EPSILON:
            return None
        values = np.where(fixed, 0.0, np.minimum(reach.capacity / missing, 1.0))
        values[self.place[given]] = -1.0
        used = np.flatnonzero(np.abs(values) > EPSILON)
        return Cut(self.cells[used], values[used], 1.0 - len(given))

    def other(self, hidden: Mask, given: Ints) -> Cut:
        """When all `given` cells are hidden, something else must be hidden than in a choice found wanting."""
        given = given[~self.problem.always[given]]
        more = np.flatnonzero(self.problem.movable & ~hidden)
        values = np.concatenate([np.ones(len(more)), -np.ones(len(given))])
        return Cut(np.concatenate([more, given]), values, 1.0 - len(given))

    def least(self, hidden: Mask, cell: int) -> Ints:
        """Hidden cells, preferably few, that together let a cell fall below the threshold."""
        inside = np.flatnonzero(hidden[self.cells])
        own = int(np.flatnonzero(inside == self.place[cell])[0])
        part, size = self.matrix[:, inside], len(inside)
        fall = float(self.problem.truth[cell] - self.threshold + 1)
        truth = self.problem.truth[self.cells[inside]].astype(float)
        limits = np.concatenate([self.problem.ceiling - truth, truth])
        one = model(sp.hstack([part, -part]).tocsr(), self.low, self.high, np.zeros(2 * size), limits)
        ends = np.array([own, own + size], dtype=np.int32)
        one.changeColsBounds(2, ends, np.array([0.0, fall]), np.array([0.0, fall]))
        one.changeColsCost(2 * size, np.arange(2 * size, dtype=np.int32), np.ones(2 * size))
        one.run()
        point = np.array(one.getSolution().col_value)
        step = point[:size] - point[size:]
        if one.getModelStatus() != highspy.HighsModelStatus.kOptimal or np.abs(step - np.rint(step)).max() > EPSILON:
            return np.flatnonzero(hidden)  # too many, and right all the same
        moved: Ints = self.cells[inside[np.abs(step) > EPSILON]]
        return moved
