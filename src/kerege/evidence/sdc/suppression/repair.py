"""The cheapest cells whose suppression lets an unsafe cell move by the threshold."""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp

from kerege.evidence.numerics.time_limit import Clock
from kerege.evidence.sdc.constraints.highs_solver import EPSILON, model
from kerege.evidence.sdc.constraints.linear_system import Floats, Ints
from kerege.evidence.sdc.suppression.audit import Audit
from kerege.evidence.sdc.suppression.problem import Mask, Problem


class Repair:
    """Finds, for an unsafe cell, the cheapest cells whose suppression lets it move by the threshold.

    Minimum-cost deviation y from the true table: sums stay, counts stay non-negative, the cell moves down by
    min(count, threshold) and up by the rest; whatever published cell moves must be suppressed. (For two dimensions
    this is the network-flow heuristic of cell suppression.)
    """

    def __init__(self, problem: Problem, hidden: Mask) -> None:
        self.gave_up = 0
        self.problem, self.threshold, self.hidden = problem, problem.threshold, hidden.copy()
        self.truth, self.rules = problem.truth, problem.rules
        self.cells = np.flatnonzero(problem.movable)
        self.place = {int(cell): i for i, cell in enumerate(self.cells)}
        self.cost = problem.weight[self.cells]
        matrix = self.rules.matrix[:, self.cells]
        used = np.flatnonzero(np.diff(matrix.indptr))
        matrix = matrix[used]
        sums = (self.rules.matrix @ self.truth)[used]
        self.size = len(self.cells)
        self.room = np.minimum(self.truth[self.cells], self.threshold).astype(float)
        self.solver = model(
            sp.hstack([matrix, -matrix]).tocsr(),
            self.rules.low[used] - sums,
            self.rules.high[used] - sums,
            np.zeros(2 * self.size),
            np.concatenate([np.full(self.size, float(self.threshold)), self.room]),
        )
        self.solver.setOptionValue("presolve", "off")
        self._price(np.arange(self.size))

    def _price(self, places: Ints) -> None:
        hidden = self.hidden[self.cells[places]]
        cost = np.where(hidden, 0.0, self.cost[places])
        both = np.concatenate([places, places + self.size]).astype(np.int32)
        self.solver.changeColsCost(len(both), both, np.concatenate([cost, cost]))

    def fill_lines(self) -> None:
        """In every sum that shows its total, hide at least two addends that reach the threshold together.

        Necessary, hardly ever sufficient, and fast: it spares the solver most of its work on large tables.
        """
        changed = True
        while changed:
            changed = sum(self._fill(row) for row in range(self.rules.matrix.shape[0])) > 0
        self._price(np.arange(self.size))

    def _fill(self, row: int) -> bool:
        span = slice(self.rules.matrix.indptr[row], self.rules.matrix.indptr[row + 1])
        cells, signs = self.rules.matrix.indices[span], self.rules.matrix.data[span]
        parts = cells[(signs > 0) & (self.truth[cells] > 0)]
        hidden = self.hidden[parts]
        if not hidden.any() or self.hidden[cells[signs < 0]].any():
            return False
        reached, count = int(self.truth[parts[hidden]].sum()), int(hidden.sum())
        fresh = False
        for cell in sorted(parts[~hidden].tolist(), key=lambda c: self.truth[c]):
            if reached >= self.threshold and count >= 2:
                break
            self.hidden[cell], fresh = True, True
            reached, count = reached + int(self.truth[cell]), count + 1
        return fresh

    def hide(self, cells: Ints) -> None:
        """Hide cells, at no further cost."""
        self.hidden[cells] = True
        self._price(np.array([self.place[cell] for cell in cells.tolist()], dtype=np.int64))

    def neighbours(self, unsafe: Ints, most: int) -> bool:
        """Hide up to `most` addends of each sum in which an unsafe cell stands, cheapest first: costly, for when time
        is up. False when that changed nothing."""
        before = int(self.hidden.sum())
        for row in np.unique(self.rules.matrix[:, unsafe].nonzero()[0]).tolist():
            touched = self.rules.matrix[row].indices
            spare = touched[self.problem.movable[touched] & ~self.hidden[touched] & (touched != 0)]
            self.hidden[sorted(spare.tolist(), key=lambda c: self.cost[self.place[c]])[:most]] = True
        self._price(np.arange(self.size))
        return int(self.hidden.sum()) > before

    def protect(self, state: Audit, clock: Clock | None = None) -> bool:
        """Work through the unsafe cells; False when that changed nothing."""
        before = int(self.hidden.sum())
        for cell in sorted(state.unsafe.tolist(), key=lambda c: -self.truth[c]):
            down = int(min(self.truth[cell], self.threshold))
            for up, by in ((False, down), (True, self.threshold - down)):
                late = clock is not None and clock.late
                if by and not late and state.upper[cell] - state.lower[cell] < self.threshold:
                    self._move(cell, by if up else -by, state)
        return int(self.hidden.sum()) > before

    def _move(self, cell: int, by: int, state: Audit) -> None:
        place = self.place[cell]
        ends = np.array([place, place + self.size], dtype=np.int32)
        up, down = float(max(by, 0)), float(max(-by, 0))
        self.solver.changeColsBounds(2, ends, np.array([up, down]), np.array([up, down]))
        self.solver.run()
        values = np.array(self.solver.getSolution().col_value)
        self.solver.changeColsBounds(2, ends, np.zeros(2), np.array([float(self.threshold), self.room[place]]))
        step = values[: self.size] - values[self.size :]
        moved = np.flatnonzero(np.abs(step) > EPSILON)
        fresh = moved[~self.hidden[self.cells[moved]]]
        self.hidden[self.cells[fresh]] = True
        self._price(fresh)
        self._witness(np.rint(step), step, state)

    def _witness(self, whole: Floats, step: Floats, state: Audit) -> None:
        if np.abs(whole - step).max(initial=0) < EPSILON:
            reached = self.truth[self.cells] + whole.astype(np.int64)
            state.lower[self.cells] = np.minimum(state.lower[self.cells], reached)
            state.upper[self.cells] = np.maximum(state.upper[self.cells], reached)

    def give_up(self) -> bool:
        """Suppress every other cell that counts anybody; called again, the total too. False when all was tried."""
        if self.gave_up > 1:
            return False
        self.gave_up += 1
        self.hidden[self.cells] = True
        self.hidden[0] = self.problem.always[0] or self.gave_up > 1
        self._price(np.arange(self.size))
        return True
