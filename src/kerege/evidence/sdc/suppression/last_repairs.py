"""Last repairs when time is up: hypercubes with their own proof, then more neighbours.

A hypercube of hidden cells proves that its corners can move: no search for witnesses is needed. The repair of a cell
takes milliseconds. It therefore ends on any machine, and loses little more than the search would have lost.
"""

from __future__ import annotations

import numpy as np

from kerege.evidence.numerics.time_limit import TimeLimit
from kerege.evidence.sdc.suppression.audit import Audit
from kerege.evidence.sdc.suppression.hypercube import HypercubeRepair
from kerege.evidence.sdc.suppression.problem import SuppressionProblem
from kerege.evidence.sdc.suppression.repair import Repair


def hide_hypercubes(problem: SuppressionProblem, repair: Repair, state: Audit, clock: TimeLimit) -> Audit:
    """Hide the cheapest hypercubes of the unsafe cells; return the state that they prove."""
    lower, upper = state.lower.copy(), state.upper.copy()
    cubes = HypercubeRepair(problem, repair.hidden)
    cubes.protect(state.unsafe[state.unsafe < problem.size], clock)
    repair.hide(np.flatnonzero(cubes.hidden & ~repair.hidden[: problem.size]))
    for cell in {*cubes.lowest, *cubes.highest}:
        down, up = cubes.movements(cell)
        lower[cell] = min(lower[cell], problem.truth[cell] - down)
        upper[cell] = max(upper[cell], problem.truth[cell] + up)
    is_narrow = repair.hidden & ~problem.is_wide(lower, upper)
    return Audit(lower, upper, np.flatnonzero(is_narrow))


class NeighbourRepair:
    """Suppression of addends beside unsafe cells: twice as many of each sum at every call."""

    def __init__(self, repair: Repair) -> None:
        self.repair, self.most = repair, 1

    def hide_more(self, state: Audit) -> bool:
        """Hide further addends; return False when there are none."""
        self.most *= 2
        return self.repair.hide_neighbours(state.unsafe, self.most)
