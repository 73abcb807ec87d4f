"""The cheapest suppressions that let an unsafe cell move far enough."""

from __future__ import annotations

import highspy
import numpy as np
import scipy.sparse as sp

from kerege.evidence.numerics.time_limit import TimeLimit
from kerege.evidence.sdc.linear.highs_solver import EPSILON, build_model
from kerege.evidence.sdc.linear.linear_system import Floats, Ints
from kerege.evidence.sdc.suppression.audit import Audit
from kerege.evidence.sdc.suppression.problem import Mask, SuppressionProblem


class Repair:
    """Search for the cheapest cells whose suppression lets an unsafe cell move by `distance`.

    `distance` is the one from the least count of a suppressed figure to the threshold. The search minimises the cost of
    a deviation y from the true table. Sums stay, no count falls below the least one, and the cell moves down as far as
    it can and up by the rest. Every published cell that moves must be suppressed. (In two dimensions this is the
    network-flow heuristic of cell suppression.)
    """

    def __init__(self, problem: SuppressionProblem, hidden: Mask) -> None:
        self.gave_up = 0
        self.problem, self.distance, self.hidden = problem, problem.distance, hidden.copy()
        self.truth, self.rules = problem.truth, problem.rules
        self.cells = np.flatnonzero(problem.movable)
        self.place = {int(cell): i for i, cell in enumerate(self.cells)}
        self.cost = problem.weight[self.cells]
        matrix = self.rules.matrix[:, self.cells]
        used = np.flatnonzero(np.diff(matrix.indptr))
        matrix = matrix[used]
        sums = (self.rules.matrix @ self.truth)[used]
        self.size = len(self.cells)
        self.most_down = np.minimum(problem.most_down[self.cells], self.distance).astype(float)
        self.solver = build_model(
            sp.hstack([matrix, -matrix]).tocsr(),
            self.rules.low[used] - sums,
            self.rules.high[used] - sums,
            np.zeros(2 * self.size),
            np.concatenate([np.full(self.size, float(self.distance)), self.most_down]),
        )
        self.solver.setOptionValue("presolve", "off")
        self._price(np.arange(self.size))

    def _price(self, places: Ints) -> None:
        """Set the cost of cells to 0 where they are hidden."""
        hidden = self.hidden[self.cells[places]]
        cost = np.where(hidden, 0.0, self.cost[places])
        both = np.concatenate([places, places + self.size]).astype(np.int32)
        self.solver.changeColsCost(len(both), both, np.concatenate([cost, cost]))

    def hide_two_in_each_sum(self) -> None:
        """Hide at least two addends of every sum with a published total and a hidden addend.

        Together they leave the distance above the least counts. This is necessary, rarely sufficient, and fast: it
        saves the solver most of its work on large tables.
        """
        changed = True
        while changed:
            changed = sum(self._hide_two(row) for row in range(self.rules.matrix.shape[0])) > 0
        self._price(np.arange(self.size))

    def _hide_two(self, row: int) -> bool:
        """Hide addends of one sum, smallest first; return whether any was hidden."""
        span = slice(self.rules.matrix.indptr[row], self.rules.matrix.indptr[row + 1])
        cells, signs = self.rules.matrix.indices[span], self.rules.matrix.data[span]
        addends = cells[(signs > 0) & (self.truth[cells] > 0)]
        hidden = self.hidden[addends]
        if not hidden.any() or self.hidden[cells[signs < 0]].any():
            return False
        total, count = int(self.problem.most_down[addends[hidden]].sum()), int(hidden.sum())
        has_changed = False
        for cell in sorted(addends[~hidden].tolist(), key=lambda c: self.truth[c]):
            if total >= self.distance and count >= 2:
                break
            self.hidden[cell], has_changed = True, True
            total, count = total + int(self.problem.most_down[cell]), count + 1
        return has_changed

    def hide(self, cells: Ints) -> None:
        """Hide cells, at no further cost."""
        self.hidden[cells] = True
        self._price(np.array([self.place[cell] for cell in cells.tolist()], dtype=np.int64))

    def hide_neighbours(self, unsafe: Ints, most: int) -> bool:
        """Hide up to `most` addends of each sum that contains an unsafe cell, cheapest first.

        The information loss is large; this is the last resort when time is up. Return False when nothing changed.
        """
        before = int(self.hidden.sum())
        for row in np.unique(self.rules.matrix[:, unsafe].nonzero()[0]).tolist():
            touched = self.rules.matrix[row].indices
            candidates = touched[self.problem.movable[touched] & ~self.hidden[touched] & (touched != 0)]
            self.hidden[sorted(candidates.tolist(), key=lambda c: self.cost[self.place[c]])[:most]] = True
        self._price(np.arange(self.size))
        return int(self.hidden.sum()) > before

    def protect(self, state: Audit, clock: TimeLimit | None = None) -> bool:
        """Repair the unsafe cells, large counts first; return False when nothing changed."""
        before = int(self.hidden.sum())
        for cell in sorted(state.unsafe.tolist(), key=lambda c: -self.truth[c]):
            down = int(min(self.problem.most_down[cell], self.distance))
            if down and self._must_move(cell, state, clock) and not self._move(cell, -down, state):
                down = 0  # its addends are too near their least counts: the cell must rise by the whole distance
            if self.distance > down and self._must_move(cell, state, clock):
                self._move(cell, self.distance - down, state)
        return int(self.hidden.sum()) > before

    def _must_move(self, cell: int, state: Audit, clock: TimeLimit | None) -> bool:
        """Return whether there is time, and the cell has no witness of its safety."""
        is_late = clock is not None and clock.late
        return not is_late and not self.problem.is_wide(state.lower[cell], state.upper[cell])

    def _move(self, cell: int, by: int, state: Audit) -> bool:
        """Move one cell at the least cost; hide the published cells that move with it.

        Return False when no table that fits has the cell so far from its true count.
        """
        place = self.place[cell]
        ends = np.array([place, place + self.size], dtype=np.int32)
        up, down = float(max(by, 0)), float(max(-by, 0))
        self.solver.changeColsBounds(2, ends, np.array([up, down]), np.array([up, down]))
        self.solver.run()
        is_possible = self.solver.getModelStatus() == highspy.HighsModelStatus.kOptimal
        values = np.array(self.solver.getSolution().col_value)
        self.solver.changeColsBounds(2, ends, np.zeros(2), np.array([float(self.distance), self.most_down[place]]))
        if not is_possible:
            return False
        step = values[: self.size] - values[self.size :]
        moved = np.flatnonzero(np.abs(step) > EPSILON)
        newly_hidden = moved[~self.hidden[self.cells[moved]]]
        self.hidden[self.cells[newly_hidden]] = True
        self._price(newly_hidden)
        self._witness(np.rint(step), step, state)
        return True

    def _witness(self, integers: Floats, step: Floats, state: Audit) -> None:
        """Record the moved table as a witness when it is integer."""
        if np.abs(integers - step).max(initial=0) < EPSILON:
            reached = self.truth[self.cells] + integers.astype(np.int64)
            state.lower[self.cells] = np.minimum(state.lower[self.cells], reached)
            state.upper[self.cells] = np.maximum(state.upper[self.cells], reached)

    def give_up(self) -> bool:
        """Suppress every other cell with people; at the second call the total too.

        Return False when both were done.
        """
        if self.gave_up > 1:
            return False
        self.gave_up += 1
        self.hidden[self.cells] = True
        self.hidden[0] = self.problem.always[0] or self.gave_up > 1
        self._price(np.arange(self.size))
        return True
