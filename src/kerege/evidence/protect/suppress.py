"""Threshold and complementary suppression, repaired until the auditor finds no cell."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from kerege.evidence.protect.audit import Audit, audit
from kerege.evidence.protect.solver import EPSILON, model
from kerege.evidence.protect.system import Floats, Ints, Rules, knowledge, rules_of
from kerege.evidence.tables import OK, SUPPRESSED, Table
from kerege.standard.faults import Refused

Status = NDArray[np.uint8]
TIDY_CELLS, TIDY_SECONDS = 2_000, 4.0
SECONDS = 25.0
DEAR_TOTAL = 50.0  # the grand total is the last figure that anybody wants to lose


def primary(table: Table, threshold: int) -> Status:
    """Status with every count from 1 to threshold - 1 suppressed."""
    status = table.status.copy()
    status[(table.counts > 0) & (table.counts < threshold) & (status == OK)] = SUPPRESSED
    return status


def weights(table: Table) -> Floats:
    """What the public loses with each cell: its count, margins twice, the grand total fifty times."""
    weight = np.add(table.counts, 1.0, out=np.empty(table.counts.shape))
    margin = np.zeros(table.counts.shape, dtype=bool)
    for d in range(table.counts.ndim):
        np.moveaxis(margin, d, 0)[0] = True
    weight[margin] *= 2
    weight[(0,) * table.counts.ndim] *= DEAR_TOTAL
    return weight.ravel()


def suppress(table: Table, threshold: int) -> Table:
    """The table with primary and complementary suppression, proved safe by the auditor over all cells."""
    from kerege.evidence.protect.large import is_large, make_large_safe

    rules = rules_of(table)
    if is_large(table):
        return replace(table, status=make_large_safe(table, primary(table, threshold), rules, threshold))
    status = make_safe(table, primary(table, threshold), rules, threshold)
    status = tidy(table, status, rules, threshold)
    return replace(table, status=status)


def make_safe(table: Table, status: Status, rules: Rules, threshold: int) -> Status:
    """Suppress further cells until no cell is unsafe."""
    hidden, totals = status.ravel() == SUPPRESSED, np.zeros(1, dtype=np.int64)
    repair = Repair(table.counts.ravel(), weights(table), rules, threshold, hidden, totals)
    state = Audit(table.counts.ravel().copy(), table.counts.ravel().copy(), np.zeros(0, np.int64))
    deadline = time.monotonic() + SECONDS
    quick = True  # cells that might be unsafe are repaired at once: what needs no repair costs no suppression
    while True:
        shown = replace(table, status=repair.status(table))
        known = knowledge(shown, rules)
        state = audit(known, threshold, quick=quick, start=state)
        if quick and time.monotonic() > deadline and not state.safe:
            if not repair.neighbours(state.unsafe, table.counts.size):
                repair.give_up()
        elif state.safe or (quick and not repair.protect(state, deadline)):
            quick = False
            state = audit(known, threshold, start=state)
            if state.safe:
                state = audit(known, threshold)  # the proof, from nothing
                if state.safe:
                    return shown.status
        if not quick and not repair.protect(state, deadline):
            repair.give_up()


class Repair:
    """Finds, for an unsafe cell, the cheapest cells whose suppression lets it move by the threshold.

    Minimum-cost deviation y from the true table: sums stay, counts stay non-negative, the cell moves down by
    min(count, threshold) and up by the rest; whatever published cell moves must be suppressed. (For two dimensions
    this is the network-flow heuristic of cell suppression.)
    """

    def __init__(
        self, truth: Ints, weight: Floats, rules: Rules, threshold: int, hidden: NDArray[np.bool_], totals: Ints
    ) -> None:
        self.gave_up = False
        self.threshold, self.hidden, self.totals = threshold, hidden.copy(), totals
        self.truth, self.rules = truth, rules
        self.cells = np.flatnonzero(self.truth > 0)  # a published zero stays published
        self.place = {int(cell): i for i, cell in enumerate(self.cells)}
        self.cost = weight[self.cells]
        matrix = rules.matrix[:, self.cells]
        used = np.flatnonzero(np.diff(matrix.indptr))
        matrix = matrix[used]
        sums = (rules.matrix @ self.truth)[used]
        self.size = len(self.cells)
        self.room = np.minimum(self.truth[self.cells], threshold).astype(float)
        self.solver = model(
            sp.hstack([matrix, -matrix]).tocsr(), rules.low[used] - sums, rules.high[used] - sums,
            np.zeros(2 * self.size), np.concatenate([np.full(self.size, float(threshold)), self.room]),
        )  # fmt: skip
        self.solver.setOptionValue("presolve", "off")
        self._price(np.arange(self.size))

    def status(self, table: Table) -> Status:
        """The status of all cells."""
        return np.where(self.hidden, SUPPRESSED, OK).astype(np.uint8).reshape(table.counts.shape)

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
            spare = touched[(self.truth[touched] > 0) & ~self.hidden[touched] & ~np.isin(touched, self.totals)]
            self.hidden[sorted(spare.tolist(), key=lambda c: self.cost[self.place[c]])[:most]] = True
        self._price(np.arange(self.size))
        return int(self.hidden.sum()) > before

    def protect(self, state: Audit, deadline: float = np.inf) -> bool:
        """Work through the unsafe cells; False when that changed nothing."""
        before = int(self.hidden.sum())
        for cell in sorted(state.unsafe.tolist(), key=lambda c: -self.truth[c]):
            down = int(min(self.truth[cell], self.threshold))
            for up, by in ((False, down), (True, self.threshold - down)):
                late = time.monotonic() > deadline
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

    def give_up(self) -> None:
        """Suppress every other cell that counts anybody: always safe, since all but the total is then unknown."""
        if self.gave_up:
            raise Refused("this table cannot be made safe: even its total gives a cell away")
        self.gave_up = True
        self.hidden[self.cells] = True
        self.hidden[self.totals] = (self.truth[self.totals] < self.threshold) & (self.truth[self.totals] > 0)
        self._price(np.arange(self.size))


def tidy(table: Table, status: Status, rules: Rules, threshold: int) -> Status:
    """Publish again, dearest first, whatever turned out not to be needed."""
    flat = status.ravel().copy()
    asked = table.status.ravel() == SUPPRESSED  # hidden for another reason than this table's
    extra = np.flatnonzero((flat == SUPPRESSED) & ~asked & (table.counts.ravel() >= threshold))
    if table.counts.size > TIDY_CELLS:
        return status
    worth = weights(table)
    deadline = time.monotonic() + TIDY_SECONDS
    for cell in sorted(extra.tolist(), key=lambda c: -worth[c]):
        if time.monotonic() > deadline:
            break
        flat[cell] = OK
        shown = replace(table, status=flat.reshape(status.shape).copy())
        if not audit(knowledge(shown, rules), threshold).safe:
            flat[cell] = SUPPRESSED
    return flat.reshape(status.shape)
