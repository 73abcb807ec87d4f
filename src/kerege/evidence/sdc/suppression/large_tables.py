"""Suppression in large tables, where one program for each cell would take hours.

The necessary suppressions come first. A walk then finds witnesses for most cells, and linear and integer programs over
many cells at once find others. Programs and hypercubes repair the rest. A cell without a witness counts as unsafe: the
result may hide too much, but never too little.
"""

from __future__ import annotations

import numpy as np

from kerege.evidence.counting.frequency_table import Table
from kerege.evidence.numerics.time_limit import TimeLimit
from kerege.evidence.sdc.suppression.audit import Audit, audit_knowledge
from kerege.evidence.sdc.suppression.completion import give_up
from kerege.evidence.sdc.suppression.last_repairs import NeighbourRepair, hide_hypercubes
from kerege.evidence.sdc.suppression.problem import Mask, SuppressionProblem
from kerege.evidence.sdc.suppression.repair import Repair
from kerege.evidence.sdc.suppression.witness_search import WitnessWalk

LARGE_CUBE, LARGE_GRID = 800, 20_000
WALK, PROGRAMS, LOOK, HYPERCUBES = 8.0, 30.0, 6.0, 6.0  # seconds for each part of a round
ROUNDS = 3


def is_large(table: Table) -> bool:
    """Return whether one program for each cell would take too long.

    With three dimensions the limit is lower, because vertices are seldom integer.
    """
    return table.counts.size > (LARGE_CUBE if table.counts.ndim > 2 else LARGE_GRID)


def make_large_safe(problem: SuppressionProblem, hidden: Mask, state: Audit) -> Mask:
    """Suppress further cells until every hidden cell has a witness."""
    repair = Repair(problem, hidden)
    repair.hide_two_in_each_sum()
    for number in range(ROUNDS):
        state = examine(problem, repair.hidden, state)
        if state.safe:
            return repair.hidden
        if repair.protect(state, TimeLimit(PROGRAMS / (number + 1))):
            state = examine(problem, repair.hidden, state)
        if not state.safe:
            state = hide_hypercubes(problem, repair, state, TimeLimit(HYPERCUBES))
    return _complete(problem, repair, state)


def examine(problem: SuppressionProblem, hidden: Mask, state: Audit, seconds: float | None = None) -> Audit:
    """Find witnesses by a walk, then by programs over many cells at once, for `seconds` (default: LOOK).

    `state` holds earlier witnesses; further suppressions keep them valid.
    """
    seconds = LOOK if seconds is None else seconds
    if not problem.table.multi and problem.table.counts.ndim > 1:
        state = _walked(problem, hidden, state)
    return audit_knowledge(problem.known(hidden), problem.threshold, quick=True, start=state, seconds=seconds)


def _walked(problem: SuppressionProblem, hidden: Mask, state: Audit) -> Audit:
    """Return the audit state with the witnesses of a walk."""
    size = problem.size
    lower, upper = state.lower.copy(), state.upper.copy()
    walk = WitnessWalk(problem.table.counts, hidden[:size], problem.sums, least=problem.least)
    narrow = np.flatnonzero((hidden & ~problem.is_wide(lower, upper))[:size])
    walk.run(narrow, problem.distance, TimeLimit(WALK))
    np.minimum(lower[:size], walk.low, out=lower[:size])
    np.maximum(upper[:size], walk.high, out=upper[:size])
    return Audit(lower, upper, state.unsafe)


def _complete(problem: SuppressionProblem, repair: Repair, state: Audit) -> Mask:
    """Hide hypercubes for the cells without a witness, then ever more of their neighbours.

    The time of every step is bounded. A hypercube comes with its witness, so that few cells are left for the second.
    """
    neighbours = NeighbourRepair(repair)
    while not state.safe:
        before = int(repair.hidden.sum())
        state = hide_hypercubes(problem, repair, state, TimeLimit(np.inf))
        if not state.safe and int(repair.hidden.sum()) == before and not neighbours.hide_more(state):
            give_up(repair, state.unsafe)
        state = examine(problem, repair.hidden, state)
    return repair.hidden
