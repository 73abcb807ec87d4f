"""From a choice of hidden cells to one that the auditor proves safe."""

from __future__ import annotations

import numpy as np

from kerege.base.errors import Refused
from kerege.evidence.numerics.time_limit import Clock
from kerege.evidence.sdc.constraints.linear_system import Ints
from kerege.evidence.sdc.suppression.audit import Audit, audit_knowledge
from kerege.evidence.sdc.suppression.problem import Mask, Problem
from kerege.evidence.sdc.suppression.repair import Repair

LOOK = 1.0  # seconds for points of integer programs


def untouched(problem: Problem) -> Audit:
    """What is witnessed before anything was looked at: the truth."""
    return Audit(problem.truth.copy(), problem.truth.copy(), np.zeros(0, np.int64))


def make_safe(problem: Problem, hidden: Mask, state: Audit, clock: Clock) -> Mask:
    """Suppress further cells until no cell is unsafe; raises Refused where that cannot be had.

    `state` holds what was witnessed when no less was published.
    """
    repair, threshold = Repair(problem, hidden), problem.threshold
    quick = True  # cells that might be unsafe are repaired at once: what needs no repair costs no suppression
    look = 0.0 if problem.network else LOOK
    while True:
        known = problem.known(repair.hidden)
        state = audit_knowledge(known, threshold, quick=quick, start=state, seconds=look)
        if quick and clock.late and not state.safe:
            if not repair.neighbours(state.unsafe, problem.size):
                give_up(repair, state.unsafe)
        elif state.safe or (quick and not repair.protect(state, clock)):
            quick = False
            state = audit_knowledge(known, threshold, start=state)
            if state.safe:
                state = audit_knowledge(known, threshold)  # the proof, from nothing
                if state.safe:
                    return repair.hidden
        if not quick and not repair.protect(state, clock):
            give_up(repair, state.unsafe)


def give_up(repair: Repair, unsafe: Ints) -> None:
    """Suppress all but the total, then that too; raises Refused when cells are unsafe still."""
    if not repair.give_up():
        raise refusal(repair.problem, unsafe)


def refusal(problem: Problem, unsafe: Ints) -> Refused:
    """Why no choice of suppressed cells will do."""
    alike = unsafe[unsafe >= problem.size]
    if not len(alike):
        return Refused("this table cannot be made safe, whatever is suppressed")
    group = problem.groups[int(alike[0]) - problem.size]
    return Refused(
        f"everybody of a group has the same {group.column}, and suppressing leaves no doubt about it:"
        f" {group.words(problem.table)}. Leave {group.column} out of this table, or take coarser groups"
    )
