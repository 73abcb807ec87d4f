"""Integer points near a fractional vertex of a linear program.

Vertices of three-way tables have a few fractional unknowns. Integer programming solves again only for these, and for
those that share an equation with them, within a few people of the vertex. All others keep their value. The first
attempt passes over long equations, such as totals: nearly all unknowns share one.
"""

from __future__ import annotations

from typing import NamedTuple

import highspy
import numpy as np
from numpy.typing import NDArray

from kerege.evidence.sdc.bounds.presolve import ReducedBlock
from kerege.evidence.sdc.linear.highs_solver import EPSILON, build_model
from kerege.evidence.sdc.linear.linear_system import Floats, Ints

SHORT, ANY = 10, 10**9  # most unknowns of an equation that connects neighbours
MOST_FREE = 1_000  # unknowns; an integer program over the whole block is faster than one near the vertex


class Step(NamedTuple):
    """One attempt: the largest change in people, steps through equations, their longest, seconds."""

    radius: int
    hops: int
    longest: int
    seconds: float


QUICK = (Step(1, 1, SHORT, 0.3), Step(1, 1, ANY, 0.3), Step(2, 1, ANY, 0.3))
STEPS = (*QUICK, Step(3, 2, ANY, 2.0))


def nearest_integers(part: ReducedBlock, point: Floats, cost: Floats, *, best: bool = False) -> Ints | None:
    """Return integers near a vertex that keep all rules, None when none was found.

    With `best`, minimise the cost and search longer.
    """
    fractional = np.abs(point - np.rint(point)) > EPSILON
    if not fractional.any():
        fractional[:] = True  # an integer point that breaks a rule: free all unknowns
    tried = np.zeros(0, dtype=bool)
    for step in STEPS if best else QUICK:
        free = _neighbourhood(part, fractional, step)
        if free.sum() > MOST_FREE:
            return None
        if step.radius == 1 and np.array_equal(free, tried):
            continue
        tried = free
        integers = _solve_free(part, point, cost, free, step, best=best)
        if integers is not None:
            return integers
    return None


def _neighbourhood(part: ReducedBlock, fractional: NDArray[np.bool_], step: Step) -> NDArray[np.bool_]:
    """Return the fractional unknowns and those that share an equation with them, some steps away."""
    incidence = abs(part.matrix[np.flatnonzero(np.diff(part.matrix.indptr) <= step.longest)])
    free = fractional.astype(float)
    for _ in range(step.hops):
        free = ((incidence.T @ ((incidence @ free) > 0).astype(float)) > 0).astype(float)
    return np.asarray((free > 0) | fractional)


def _solve_free(
    part: ReducedBlock, point: Floats, cost: Floats, free: NDArray[np.bool_], step: Step, *, best: bool
) -> Ints | None:
    """Solve for the free unknowns by integer programming; None when no point was found."""
    cells = np.flatnonzero(free)
    constant = np.where(free, 0.0, np.rint(point))
    rows = np.flatnonzero((abs(part.matrix) @ free.astype(float)) > 0)
    constant_sums = (part.matrix @ constant)[rows]
    lower = np.maximum(part.lower[cells], np.floor(point[cells]) - step.radius)
    upper = np.minimum(part.upper[cells], np.ceil(point[cells]) + step.radius)
    solver = build_model(
        part.matrix[rows][:, cells].tocsr(),
        part.low[rows] - constant_sums,
        part.high[rows] - constant_sums,
        lower,
        upper,
    )
    size = len(cells)
    solver.changeColsCost(size, np.arange(size, dtype=np.int32), cost[cells])
    kinds = np.full(size, int(highspy.HighsVarType.kInteger), dtype=np.uint8)
    solver.changeColsIntegrality(size, np.arange(size, dtype=np.int32), kinds)
    solver.setOptionValue("time_limit", step.seconds)
    if not best:
        solver.setOptionValue("mip_max_improving_sols", 1)
    solver.run()
    if solver.getInfo().primal_solution_status != 2:
        return None
    integers = np.rint(constant)
    integers[cells] = np.rint(np.array(solver.getSolution().col_value))
    return integers.astype(np.int64) if keeps_rules(part, integers) else None


def keeps_rules(part: ReducedBlock, point: Floats) -> bool:
    """Return whether integers keep all bounds and rules."""
    sums = part.matrix @ point
    inside = (point >= part.lower).all() and (point <= part.upper).all()
    return bool(inside and (sums >= part.low).all() and (sums <= part.high).all())
