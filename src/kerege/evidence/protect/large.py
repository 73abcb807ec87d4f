"""Suppression in large tables, where solving a program for each cell would take hours.

Only what is needed for certain is hidden first; a walk then finds witnesses for most cells, linear programs repair some
of the others, boxes the rest. Whatever has no witness counts as unsafe: the result is never lax.
"""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np

from kerege.evidence.protect.audit import Audit, audit
from kerege.evidence.protect.boxes import Boxes
from kerege.evidence.protect.suppress import Repair, Status, weights
from kerege.evidence.protect.system import Rules, knowledge
from kerege.evidence.protect.walk import Walk
from kerege.evidence.tables import SUPPRESSED, Table

LARGE_CUBE, LARGE_GRID = 800, 20_000
WALK, PROGRAMS, LOOK, BOXES = 8.0, 10.0, 4.0, 6.0  # seconds for each part of a round
NEAR = 10.0
ROUNDS = 3


def is_large(table: Table) -> bool:
    """Whether programs cell by cell would take too long: with three dimensions their corners are seldom whole."""
    return table.counts.size > (LARGE_CUBE if table.counts.ndim > 2 else LARGE_GRID)


def make_large_safe(table: Table, status: Status, rules: Rules, threshold: int) -> Status:
    """Suppress further cells until every hidden cell has a witness."""
    hidden, totals = status.ravel() == SUPPRESSED, np.zeros(1, dtype=np.int64)
    repair = Repair(table.counts.ravel(), weights(table), rules, threshold, hidden, totals)
    repair.fill_lines()
    state = Audit(table.counts.ravel().copy(), table.counts.ravel().copy(), np.zeros(0, np.int64))
    for number in range(ROUNDS):
        state = _examined(table, repair, threshold, state)
        if state.safe:
            return repair.status(table)
        if repair.protect(state, time.monotonic() + PROGRAMS / (number + 1)):
            state = _examined(table, repair, threshold, state)
        _boxes(table, repair, state)
    return _coarsely(table, repair, threshold, state)


def _examined(table: Table, repair: Repair, threshold: int, state: Audit) -> Audit:
    """Witnesses by walking, then by programs over many cells at once; `start` only gains by what is hidden since."""
    poor = repair.hidden & (state.upper - state.lower < threshold)
    if not table.multi:
        walk = Walk(table.counts, repair.hidden, repair.rules)
        walk.run(np.flatnonzero(poor), threshold, time.monotonic() + WALK)
        state = Audit(np.minimum(state.lower, walk.low), np.maximum(state.upper, walk.high), state.unsafe)
    known = knowledge(replace(table, status=repair.status(table)), repair.rules)
    return audit(known, threshold, quick=True, start=state, seconds=LOOK)


def _boxes(table: Table, repair: Repair, state: Audit) -> None:
    boxes = Boxes(table.counts, weights(table), repair.rules, repair.threshold, repair.hidden)
    boxes.protect(state.unsafe, time.monotonic() + BOXES)
    repair.hide(np.flatnonzero(boxes.hidden & ~repair.hidden))


def _coarsely(table: Table, repair: Repair, threshold: int, state: Audit) -> Status:
    """Hide ever more addends beside the cells that have no witness, in the end all but the total."""
    deadline, most = time.monotonic() + NEAR, 1
    while not state.safe:
        most = 2 * most if time.monotonic() < deadline else table.counts.size
        if not repair.neighbours(state.unsafe, most):
            repair.give_up()
        state = _examined(table, repair, threshold, state)
    return repair.status(table)
