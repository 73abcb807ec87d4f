"""Completion: from a choice of hidden cells to one that the audit proves safe."""

from __future__ import annotations

import numpy as np

from kerege.base.errors import Refused
from kerege.evidence.numerics.time_limit import TimeLimit
from kerege.evidence.sdc.linear.linear_system import Ints
from kerege.evidence.sdc.suppression.audit import Audit, audit_knowledge
from kerege.evidence.sdc.suppression.last_repairs import NeighbourRepair, hide_hypercubes
from kerege.evidence.sdc.suppression.problem import Mask, SuppressionProblem
from kerege.evidence.sdc.suppression.repair import Repair

LOOK = 1.0  # seconds for witnesses by integer programs


def true_intervals(problem: SuppressionProblem) -> Audit:
    """Return the audit state before any search: each interval holds only the true count."""
    return Audit(problem.truth.copy(), problem.truth.copy(), np.zeros(0, np.int64))


def make_safe(problem: SuppressionProblem, hidden: Mask, state: Audit, clock: TimeLimit) -> Mask:
    """Suppress further cells until no cell is unsafe; raises Refused when that is impossible.

    `state` holds intervals that were witnessed when nothing less was published.
    """
    repair, threshold = Repair(problem, hidden), problem.threshold
    neighbours = NeighbourRepair(repair)
    is_quick = (
        True  # first repair every cell that may be unsafe: a cheap test, and a needless repair often hides nothing
    )
    search_seconds = 0.0 if problem.network else LOOK
    while True:
        view = problem.known(repair.hidden)
        state = audit_knowledge(view, threshold, quick=is_quick, start=state, seconds=search_seconds)
        if is_quick and clock.late and not state.safe:
            state = _hide_further(problem, repair, state, neighbours)
        elif state.safe or (is_quick and not repair.protect(state, clock)):
            is_quick = False
            state = audit_knowledge(view, threshold, start=state)
            if state.safe:
                state = audit_knowledge(view, threshold)  # the proof, without earlier witnesses
                if state.safe:
                    return repair.hidden
        if not is_quick and not repair.protect(state, clock):
            give_up(repair, state.unsafe)


def _hide_further(problem: SuppressionProblem, repair: Repair, state: Audit, neighbours: NeighbourRepair) -> Audit:
    """Hide further cells in bounded time, by hypercubes first; return the state with their movements."""
    before = int(repair.hidden.sum())
    if problem.table.counts.ndim > 1:
        state = hide_hypercubes(problem, repair, state, TimeLimit(np.inf))
    if not state.safe and int(repair.hidden.sum()) == before and not neighbours.hide_more(state):
        give_up(repair, state.unsafe)
    return state


def give_up(repair: Repair, unsafe: Ints) -> None:
    """Suppress all cells but the total, then the total; raises Refused when cells are still unsafe."""
    if not repair.give_up():
        raise refusal(repair.problem, unsafe)


def refusal(problem: SuppressionProblem, unsafe: Ints) -> Refused:
    """Return the error that states why no choice of suppressed cells is safe."""
    homogeneous = unsafe[unsafe >= problem.size]
    if not len(homogeneous):
        return Refused("this table cannot be made safe, whatever is suppressed")
    group = problem.groups[int(homogeneous[0]) - problem.size]
    return Refused(
        f"everybody in a group has the same {group.column}, and no suppression protects it:"
        f" {group.as_text(problem.table)}. Leave {group.column} out of this table, or take coarser groups"
    )
