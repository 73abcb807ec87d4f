"""Linear and mixed-integer programs over a block of cells, with the solver HiGHS."""

from __future__ import annotations

import highspy
import numpy as np
import scipy.sparse as sp

from kerege.evidence.numerics.quiet_solver import silent
from kerege.evidence.sdc.linear.linear_system import CellBlock, Floats, Ints, Rules

EPSILON = 1e-6
# Most nodes of an integer program that bounds a count: a number, so that the result is the same on a busy machine.
LEAST_NODES, ENTRIES = 1_000, 20_000_000  # most nodes: ENTRIES over the entries of the matrix, at least LEAST_NODES
# A block with more rows than this, and with more rows than unknowns, is solved by an interior point method with
# crossover; any other by the simplex method from the last vertex. Interior points took 0.5 s instead of 3.5 s with
# 3,339 rows and 2,552 unknowns. They took ten times as long with 2,055 and 3,722, and nearly twenty times as long
# with 2,742 and 2,464.
MANY_ROWS = 3_000
DUAL, PRIMAL = 1, 4  # methods; after a small change of the cost, the last vertex stays feasible for the primal one
STUCK = 600.0  # seconds of elapsed time after which a program ends in any case
ENDED = (
    highspy.HighsModelStatus.kOptimal,
    highspy.HighsModelStatus.kTimeLimit,
    highspy.HighsModelStatus.kSolutionLimit,
    highspy.HighsModelStatus.kInterrupt,
)


def build_model(matrix: sp.csr_matrix, low: Floats, high: Floats, lower: Floats, upper: Floats) -> highspy.Highs:
    """Return a silent HiGHS model without costs: low <= matrix @ x <= high, lower <= x <= upper."""
    lp = highspy.HighsLp()
    lp.num_row_, lp.num_col_ = matrix.shape
    lp.col_cost_ = np.zeros(matrix.shape[1])
    lp.col_lower_, lp.col_upper_, lp.row_lower_, lp.row_upper_ = lower, upper, low, high
    lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    lp.a_matrix_.start_ = matrix.indptr.astype(np.int32)
    lp.a_matrix_.index_ = matrix.indices.astype(np.int32)
    lp.a_matrix_.value_ = matrix.data
    solver = silent()
    solver.setOptionValue("threads", 1)
    solver.setOptionValue("random_seed", 0)
    solver.passModel(lp)
    return solver


def feasible(rules: Rules, lower: Floats, upper: Floats) -> bool:
    """Return whether some real numbers within the bounds keep the rules."""
    solver = build_model(rules.matrix, rules.low, rules.high, lower, upper)
    solver.run()
    return bool(solver.getModelStatus() in (highspy.HighsModelStatus.kOptimal, highspy.HighsModelStatus.kModelEmpty))


class Extremes:
    """Minimisation of linear costs over a block, over reals or over integers."""

    def __init__(self, block: CellBlock) -> None:
        self.block = block
        self._size = len(block.cells)
        self._all = np.arange(self._size, dtype=np.int32)
        self._lp = build_model(block.matrix, block.low, block.high, block.lower, block.upper)
        self._set_method(self._lp, PRIMAL)
        self._capped: highspy.Highs | None = None
        self._mip: highspy.Highs | None = None
        self._truth_fits = self.as_integers(block.truth.astype(float)) is not None

    def _set_method(self, solver: highspy.Highs, strategy: int) -> None:
        """Choose the method by the size of the block: simplex with a strategy, or interior points."""
        if self.block.matrix.shape[0] > max(MANY_ROWS, self._size):
            solver.setOptionValue("solver", "ipm")
        else:
            solver.setOptionValue("presolve", "off")
            solver.setOptionValue("solver", "simplex")
            solver.setOptionValue("simplex_strategy", strategy)

    def point(self, cost: Floats) -> tuple[float, Floats]:
        """Return the minimum over the reals and a vertex that attains it."""
        return self._solve(self._lp, cost)

    def distant_point(self, cost: Floats) -> tuple[float, Floats]:
        """Return the minimum and its vertex for a cost unlike all earlier ones, by the dual simplex method.

        The last vertex is a bad start for such a cost: the primal method would need up to twice the time.
        """
        self._lp.setOptionValue("simplex_strategy", DUAL)
        value, point = self._solve(self._lp, cost)
        self._lp.setOptionValue("simplex_strategy", PRIMAL)
        return value, point

    def capped_point(self, cost: Floats, most: float) -> Floats:
        """Return a vertex of the least cost, where only the first `most` people of an unknown reduce it.

        Each unknown is the sum of two: the first has at most `most` people more than the least, the second has the
        others. So people are spread over many unknowns, and a few people of each suffice to show that a group is wide.
        """
        block, count = self.block, np.arange(2 * self._size, dtype=np.int32)
        if self._capped is None:
            twice = sp.hstack([block.matrix, block.matrix]).tocsr()
            none = np.zeros(self._size)
            ends = np.concatenate([block.lower, none]), np.concatenate([block.upper, none])
            self._capped = build_model(twice, block.low, block.high, *ends)
            self._set_method(self._capped, DUAL)
        first = np.minimum(block.upper, block.lower + most)
        ends = np.concatenate([block.lower, np.zeros(self._size)]), np.concatenate([first, block.upper - first])
        self._capped.changeColsBounds(len(count), count, *ends)
        _, point = self._solve(self._capped, np.concatenate([cost, np.maximum(cost, 0)]))
        return point[: self._size] + point[self._size :]

    def integer_bound(self, cost: Floats) -> tuple[float, Floats]:
        """Return a proved lower bound of the minimum over integers, and the best integer point found."""
        nodes = max(LEAST_NODES, ENTRIES // max(self.block.matrix.nnz, 1))
        bound, point = self._minimise_integer(cost, gap=0.0, seconds=STUCK, nodes=nodes)
        return bound if np.isfinite(bound) else self.point(cost)[0], point  # it ended before there was a bound

    def integer_point(self, cost: Floats, seconds: float) -> Floats:
        """Return a good integer point, not necessarily the best; the true one starts the search."""
        return self._minimise_integer(cost, gap=0.05, seconds=seconds)[1]

    def _minimise_integer(
        self, cost: Floats, gap: float, seconds: float, nodes: int = highspy.kHighsIInf
    ) -> tuple[float, Floats]:
        if self._mip is None:
            block = self.block
            self._mip = build_model(block.matrix, block.low, block.high, block.lower, block.upper)
            kinds = np.full(self._size, int(highspy.HighsVarType.kInteger), dtype=np.uint8)
            self._mip.changeColsIntegrality(self._size, self._all, kinds)
            self._mip.setOptionValue("mip_abs_gap", 0.5)
        self._mip.setOptionValue("mip_rel_gap", gap)
        self._mip.setOptionValue("time_limit", seconds)
        self._mip.setOptionValue("mip_max_nodes", nodes)
        if self._truth_fits:  # HiGHS would return an infeasible start as a solution
            start = highspy.HighsSolution()
            start.col_value = self.block.truth.astype(float).tolist()
            self._mip.setSolution(start)
        _, point = self._solve(self._mip, cost)
        return float(self._mip.getInfo().mip_dual_bound), point

    def _solve(self, solver: highspy.Highs, cost: Floats) -> tuple[float, Floats]:
        solver.changeColsCost(len(cost), np.arange(len(cost), dtype=np.int32), cost)
        solver.run()
        if solver.getModelStatus() == highspy.HighsModelStatus.kUnknown:
            self._restart(solver)
        if solver.getModelStatus() not in ENDED:
            raise RuntimeError(f"the published numbers contradict each other: {solver.getModelStatus()}")
        return float(solver.getInfo().objective_function_value), np.array(solver.getSolution().col_value)

    @staticmethod
    def _restart(solver: highspy.Highs) -> None:
        """Solve from the start with the solver's default settings: the first attempt failed numerically."""
        plain: dict[str, bool | float | str] = {"solver": "simplex", "simplex_strategy": DUAL, "presolve": "on"}
        before: dict[str, bool | float | str] = {option: solver.getOptionValue(option)[1] for option in plain}
        solver.clearSolver()
        for option, value in plain.items():
            solver.setOptionValue(option, value)
        solver.run()
        for option, value in before.items():
            solver.setOptionValue(option, value)

    def as_integers(self, point: Floats) -> Ints | None:
        """Return the point as integers if it is integer and feasible, else None."""
        rounded = np.rint(point)
        block = self.block
        if np.abs(rounded - point).max(initial=0) > EPSILON:
            return None
        sums = block.matrix @ rounded
        inside = (rounded >= block.lower) & (rounded <= block.upper)
        fits = inside.all() and (sums >= block.low).all() and (sums <= block.high).all()
        return rounded.astype(np.int64) if fits else None
