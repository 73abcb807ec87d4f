"""The intruder's linear program in cell suppression, and the cuts that follow from it.

Fischetti and Salazar (2000; Management Science 47, 2001): x says how far each cell is hidden, from 0 to 1. A hidden
unknown may differ from its true count as far as x allows. The possible movement of a cell, up and down together, is
concave in x. Every dual solution therefore bounds it by a linear function of x that is valid for every choice. The
inequality "this bound reaches the required movement" cuts off x, but no safe choice. A small cell must move by the
threshold less 1, and it must be able to rise to the threshold. The second follows from the first where a suppressed
figure is at least 1.
"""

from __future__ import annotations

from dataclasses import dataclass

import highspy
import numpy as np
import scipy.sparse as sp

from kerege.evidence.sdc.linear.highs_solver import EPSILON, build_model
from kerege.evidence.sdc.linear.linear_system import Floats, Ints
from kerege.evidence.sdc.suppression.problem import Mask, SuppressionProblem

VIOLATED = 1e-4  # a choice violates an inequality when it misses it by more
DIGITS = 6  # decimals of dual values: rounded values give a valid bound too, without tiny coefficients


@dataclass(frozen=True)
class Cut:
    """The inequality `values @ x[cells] >= low`."""

    cells: Ints
    values: Floats
    low: float

    def misses(self, share: Floats) -> bool:
        """Return whether a choice violates the inequality."""
        return float(self.values @ share[self.cells]) < self.low - VIOLATED

    @property
    def key(self) -> bytes:
        """Return a key that is equal for equal cuts."""
        return self.cells.tobytes() + np.round(self.values, DIGITS).tobytes()


@dataclass(frozen=True)
class Movement:
    """Distance that a cell can move (up and down together, or up alone), and the one that makes it safe.

    An upper bound of the first is `constant + capacity @ x`.
    """

    cell: int
    required: float
    capacity: Floats
    constant: float


class Intruder:
    """The intruder's linear program: it moves hidden cells as far as everything published allows."""

    def __init__(self, problem: SuppressionProblem) -> None:
        self.problem = problem
        self.cells = np.flatnonzero(problem.movable)
        self.place = np.full(len(problem.truth), -1)
        self.place[self.cells] = np.arange(len(self.cells))
        matrix = problem.rules.matrix[:, self.cells]
        used = np.flatnonzero(np.diff(matrix.indptr))
        self.matrix = matrix[used].tocsr()
        sums = (problem.rules.matrix @ problem.truth)[used]
        self.low, self.high = problem.rules.low[used] - sums, problem.rules.high[used] - sums
        self._set_limits()
        size = len(self.cells)
        self._all = np.arange(size, dtype=np.int32)
        self._lp = build_model(self.matrix, self.low, self.high, np.zeros(size), np.zeros(size))
        for option, value in (("presolve", "off"), ("solver", "simplex"), ("simplex_strategy", 4)):
            self._lp.setOptionValue(option, value)
        self.top, self.bottom = np.zeros(size), np.zeros(size)

    def _set_limits(self) -> None:
        """Set how far each cell can go down and up at most.

        In a network no cell needs to move farther for another one than that one must. In other tables a cell may need
        to, yet the shorter limits give stronger inequalities.
        """
        truth, down = self.problem.truth[self.cells].astype(float), self.problem.most_down[self.cells].astype(float)
        self.near = np.full(len(truth), float(self.problem.distance))
        self.down = np.minimum(down, self.problem.distance) if self.problem.network else down
        self.far = self.near if self.problem.network else self.problem.ceiling - truth

    def set_hidden(self, share: Floats, *, full: bool = False) -> None:
        """Hide cells as far as `share` says (0 to 1, by unknown).

        `full` applies the full limits, to judge a complete choice.
        """
        x = np.clip(share[self.cells], 0.0, 1.0)
        up = self.far if full else self.near
        self._lp.changeColsBounds(len(x), self._all, -self.down * x, up * x)
        self.top, self.bottom = np.zeros(len(x)), np.zeros(len(x))

    def bound_movement(self, cell: int, share: float = 1.0) -> Movement | None:
        """Return a bound of a movement of a cell below a share of the required one, None if there is none."""
        place, width = int(self.place[cell]), float(self.problem.width)
        rise = max(float(self.problem.threshold - self.problem.truth[cell]), 0.0)
        capacity, constant = np.zeros(len(self.cells)), 0.0
        for sign in (1.0, -1.0):
            is_high = self.top[place] >= share * rise - EPSILON
            if is_high and self.top[place] - self.bottom[place] >= share * width - EPSILON:
                return None
            limits, fixed = self._move_to_end(place, sign)
            capacity, constant = capacity + limits, constant + fixed
            if sign > 0 and not self.problem.least and self.top[place] < share * rise - EPSILON:
                return Movement(cell, rise, capacity, constant)
        is_wide = self.top[place] - self.bottom[place] >= share * width - EPSILON
        return None if is_wide else Movement(cell, width, capacity, constant)

    def _move_to_end(self, place: int, sign: float) -> tuple[Floats, float]:
        """Move a cell up (1) or down (-1) as far as possible.

        Return the coefficients of the bound by each cell's share, and its constant.
        """
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
        reduced_cost = np.round(cost - self.matrix.T @ price, DIGITS + 2)
        bound = np.where(price > 0, self.low, self.high)
        constant = -float((price[price != 0] * bound[price != 0]).sum())
        return np.maximum(reduced_cost, 0) * self.down + np.maximum(-reduced_cost, 0) * self.far, constant

    def cut(self, movement: Movement, given: Ints) -> Cut | None:
        """Return the inequality of a movement that is too short when all `given` cells are hidden, or None.

        No coefficient exceeds what is missing to the required movement.
        """
        given = given[~self.problem.always[given]]
        fixed = self.problem.always[self.cells]
        fixed[self.place[given]] = True
        missing = movement.required - movement.constant - float(movement.capacity[fixed].sum())
        if missing <= EPSILON:
            return None
        values = np.where(fixed, 0.0, np.minimum(movement.capacity / missing, 1.0))
        values[self.place[given]] = -1.0
        used = np.flatnonzero(np.abs(values) > EPSILON)
        return Cut(self.cells[used], values[used], 1.0 - len(given))

    def require_another(self, given: Ints, more: Ints) -> Cut:
        """Return the cut that excludes an unsafe choice: with `given` hidden, hide one of `more` as well."""
        given = given[~self.problem.always[given]]
        values = np.concatenate([np.ones(len(more)), -np.ones(len(given))])
        return Cut(np.concatenate([more, given]), values, 1.0 - len(given))

    def smallest_support(self, hidden: Mask, cell: int) -> Ints:
        """Return hidden cells, preferably few, that together let a cell fall below the threshold."""
        inside = np.flatnonzero(hidden[self.cells])
        own = int(np.flatnonzero(inside == self.place[cell])[0])
        columns, size = self.matrix[:, inside], len(inside)
        fall = float(self.problem.truth[cell] - self.problem.threshold + 1)
        limits = np.concatenate([self.problem.ceiling - self.problem.truth, self.problem.most_down])
        limits = limits.reshape(2, -1)[:, self.cells[inside]].ravel()
        solver = build_model(sp.hstack([columns, -columns]).tocsr(), self.low, self.high, np.zeros(2 * size), limits)
        ends = np.array([own, own + size], dtype=np.int32)
        solver.changeColsBounds(2, ends, np.array([0.0, fall]), np.array([0.0, fall]))
        solver.changeColsCost(2 * size, np.arange(2 * size, dtype=np.int32), np.ones(2 * size))
        solver.run()
        point = np.array(solver.getSolution().col_value)
        step = point[:size] - point[size:]
        if solver.getModelStatus() != highspy.HighsModelStatus.kOptimal or np.abs(step - np.rint(step)).max() > EPSILON:
            return np.flatnonzero(hidden)  # a valid answer, though larger than necessary
        moved: Ints = self.cells[inside[np.abs(step) > EPSILON]]
        return moved
