"""Suppression in large tables, where solving a program for each cell would take hours.

Only what is needed for certain is hidden first; a walk then finds witnesses for most cells, linear and integer programs
over many cells at once for others, programs and boxes repair the rest. Whatever has no witness counts as unsafe: the
result is never lax.
"""

from __future__ import annotations

import numpy as np

from kerege.evidence.counting.frequency_table import Table
from kerege.evidence.numerics.time_limit import Clock
from kerege.evidence.sdc.suppression.audit import Audit, audit_knowledge
from kerege.evidence.sdc.suppression.completion import give_up
from kerege.evidence.sdc.suppression.hypercube import Boxes
from kerege.evidence.sdc.suppression.problem import Mask, Problem
from kerege.evidence.sdc.suppression.repair import Repair
from kerege.evidence.sdc.suppression.witness_search import Walk

LARGE_CUBE, LARGE_GRID = 800, 20_000
WALK, PROGRAMS, LOOK, BOXES = 8.0, 10.0, 6.0, 6.0  # seconds for each part of a round
NEAR = 10.0
ROUNDS = 3


def is_large(table: Table) -> bool:
    """Whether programs cell by cell would take too long: with three dimensions their corners are seldom whole."""
    return table.counts.size > (LARGE_CUBE if table.counts.ndim > 2 else LARGE_GRID)


def make_large_safe(problem: Problem, hidden: Mask, state: Audit) -> Mask:
    """Suppress further cells until every hidden cell has a witness."""
    repair = Repair(problem, hidden)
    repair.fill_lines()
    for number in range(ROUNDS):
        state = examine(problem, repair.hidden, state)
        if state.safe:
            return repair.hidden
        if repair.protect(state, Clock(PROGRAMS / (number + 1))):
            state = examine(problem, repair.hidden, state)
        if not state.safe:
            _boxes(problem, repair, state)
    return _coarsely(problem, repair, state)


def examine(problem: Problem, hidden: Mask, state: Audit, seconds: float = LOOK) -> Audit:
    """Witnesses by walking, then by programs over many cells at once; `start` only gains by what is hidden since."""
    if not problem.table.multi and problem.table.counts.ndim > 1:
        state = _walked(problem, hidden, state)
    return audit_knowledge(problem.known(hidden), problem.threshold, quick=True, start=state, seconds=seconds)


def _walked(problem: Problem, hidden: Mask, state: Audit) -> Audit:
    size = problem.size
    lower, upper = state.lower.copy(), state.upper.copy()
    walk = Walk(problem.table.counts, hidden[:size], problem.sums)
    poor = np.flatnonzero(hidden[:size] & (upper - lower < problem.threshold)[:size])
    walk.run(poor, problem.threshold, Clock(WALK))
    np.minimum(lower[:size], walk.low, out=lower[:size])
    np.maximum(upper[:size], walk.high, out=upper[:size])
    return Audit(lower, upper, state.unsafe)


def _boxes(problem: Problem, repair: Repair, state: Audit) -> None:
    boxes = Boxes(problem, repair.hidden)
    boxes.protect(state.unsafe[state.unsafe < problem.size], Clock(BOXES))
    repair.hide(np.flatnonzero(boxes.hidden & ~repair.hidden[: problem.size]))


def _coarsely(problem: Problem, repair: Repair, state: Audit) -> Mask:
    """Hide ever more addends beside the cells that have no witness, in the end all but the total."""
    clock, most = Clock(NEAR), 1
    while not state.safe:
        most = 2 * most if not clock.late else problem.size
        if not repair.neighbours(state.unsafe, most):
            give_up(repair, state.unsafe)
        state = examine(problem, repair.hidden, state)
    return repair.hidden
