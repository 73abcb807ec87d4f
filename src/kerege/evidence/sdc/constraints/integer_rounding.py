"""From a corner of a programme that is not whole to a register beside it that is.

Corners of three-way tables have a few broken unknowns. Only these, and those that share an equation with them, are
looked at again, by integer programming within a few people of the corner; all others stay as they are.
"""

from __future__ import annotations

import highspy
import numpy as np
from numpy.typing import NDArray

from kerege.evidence.sdc.constraints.highs_solver import EPSILON, model
from kerege.evidence.sdc.constraints.linear_system import Floats, Ints
from kerege.evidence.sdc.constraints.presolve import Part

QUICK = ((1, 1, 0.3), (2, 1, 0.3))  # how far, through how many equations, seconds
STEPS = (*QUICK, (3, 2, 2.0))


def near(part: Part, point: Floats, cost: Floats, *, best: bool = False) -> Ints | None:
    """Whole numbers near a corner that keep all rules, None when none was found.

    With `best` those of the least cost, looked for longer.
    """
    broken = np.abs(point - np.rint(point)) > EPSILON
    if not broken.any():
        broken[:] = True  # whole, and yet some rule does not hold
    for reach, hops, seconds in STEPS if best else QUICK:
        free = _around(part, broken, hops)
        found = _solved(part, point, cost, free, reach, seconds, best=best)
        if found is not None:
            return found
    return None


def _around(part: Part, broken: NDArray[np.bool_], hops: int) -> NDArray[np.bool_]:
    """The broken unknowns with those that share an equation with them."""
    ties = abs(part.matrix)
    free = broken.astype(float)
    for _ in range(hops):
        free = ((ties.T @ ((ties @ free) > 0).astype(float)) > 0).astype(float)
    return np.asarray((free > 0) | broken)


def _solved(
    part: Part, point: Floats, cost: Floats, free: NDArray[np.bool_], reach: int, seconds: float, *, best: bool
) -> Ints | None:
    cells = np.flatnonzero(free)
    fixed = np.where(free, 0.0, np.rint(point))
    rows = np.flatnonzero((abs(part.matrix) @ free.astype(float)) > 0)
    rest = (part.matrix @ fixed)[rows]
    lower = np.maximum(part.lower[cells], np.floor(point[cells]) - reach)
    upper = np.minimum(part.upper[cells], np.ceil(point[cells]) + reach)
    solver = model(part.matrix[rows][:, cells].tocsr(), part.low[rows] - rest, part.high[rows] - rest, lower, upper)
    size = len(cells)
    solver.changeColsCost(size, np.arange(size, dtype=np.int32), cost[cells])
    kinds = np.full(size, int(highspy.HighsVarType.kInteger), dtype=np.uint8)
    solver.changeColsIntegrality(size, np.arange(size, dtype=np.int32), kinds)
    solver.setOptionValue("time_limit", seconds)
    if not best:
        solver.setOptionValue("mip_max_improving_sols", 1)
    solver.run()
    if solver.getInfo().primal_solution_status != 2:
        return None
    whole = np.rint(fixed)
    whole[cells] = np.rint(np.array(solver.getSolution().col_value))
    return whole.astype(np.int64) if fits(part, whole) else None


def fits(part: Part, point: Floats) -> bool:
    """Whether whole numbers keep all rules."""
    sums = part.matrix @ point
    inside = (point >= part.lower).all() and (point <= part.upper).all()
    return bool(inside and (sums >= part.low).all() and (sums <= part.high).all())
