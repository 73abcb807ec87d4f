"""The master problem: the choice of cells to hide at the least loss, under the cuts found so far."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import highspy
import numpy as np

from kerege.evidence.numerics.quiet_solver import silent
from kerege.evidence.sdc.linear.linear_system import Floats
from kerege.evidence.sdc.suppression.attacker_problem import Cut
from kerege.evidence.sdc.suppression.problem import SuppressionProblem

ALMOST = 0.99  # losses are integers: a smaller difference is none


class InfeasibleChoice(Exception):
    """No choice satisfies all inequalities."""


@dataclass(frozen=True)
class Choice:
    """Degree to which each unknown is hidden (0 to 1).

    It comes with a lower bound of the loss of any safe choice.
    """

    share: Floats
    bound: float


class MasterProblem:
    """A linear or integer program over hidden or published cells, which grows by cuts."""

    def __init__(self, problem: SuppressionProblem) -> None:
        self.problem = problem
        self.cells = np.flatnonzero(problem.movable)
        self.place = np.full(len(problem.truth), -1, dtype=np.int32)
        self.place[self.cells] = np.arange(len(self.cells), dtype=np.int32)
        self._seen: set[bytes] = set()
        self._all = np.arange(len(self.cells), dtype=np.int32)
        lp = highspy.HighsLp()
        lp.num_col_, lp.num_row_ = len(self.cells), 0
        lp.col_cost_ = problem.weight[self.cells]
        lp.col_lower_ = problem.always[self.cells].astype(float)
        lp.col_upper_ = np.ones(len(self.cells))
        lp.row_lower_ = lp.row_upper_ = np.zeros(0)
        lp.a_matrix_.start_ = np.zeros(len(self.cells) + 1, dtype=np.int32)
        self._solver = silent()
        for option, value in (("threads", 1), ("random_seed", 0), ("mip_abs_gap", ALMOST)):
            self._solver.setOptionValue(option, value)
        self._solver.passModel(lp)
        self._is_integer = False
        self._value, self._reduced_costs = 0.0, np.zeros(len(self.cells))

    def add(self, cuts: Iterable[Cut]) -> int:
        """Add cuts; return how many are new."""
        before = len(self._seen)
        for cut in cuts:
            if cut.key not in self._seen:
                self._seen.add(cut.key)
                self._solver.addRow(cut.low, np.inf, len(cut.cells), self.place[cut.cells], cut.values)
        return len(self._seen) - before

    def relaxed(self, seconds: float) -> Choice:
        """Return the optimum when cells may be hidden in part."""
        self._set_integrality(integer=False)
        self._run(seconds)
        value = float(self._solver.getInfo().objective_function_value)
        if self._solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            value = 0.0
        self._value, self._reduced_costs = value, np.array(self._solver.getSolution().col_dual)
        return Choice(self._share(), float(np.ceil(value - 1e-3)))

    def fix_by_reduced_cost(self, loss: float) -> None:
        """Fix as published the cells that no choice with a smaller loss hides, by their reduced costs."""
        expensive = np.flatnonzero(
            (self._reduced_costs > loss - self._value) & ~self.problem.always[self.cells]
        ).astype(np.int32)
        self._solver.changeColsBounds(len(expensive), expensive, np.zeros(len(expensive)), np.zeros(len(expensive)))

    def free_all(self) -> None:
        """Free all cells that `forget` fixed."""
        low = self.problem.always[self.cells].astype(float)
        self._solver.changeColsBounds(len(low), self._all, low, np.ones(len(low)))

    def best(self, gap: float, seconds: float) -> Choice | None:
        """Return the best choice up to a relative gap, or the best found in time; None when there is none."""
        self._set_integrality(integer=True)
        self._solver.setOptionValue("mip_rel_gap", gap)
        self._run(seconds)
        if self._solver.getInfo().primal_solution_status != int(highspy.SolutionStatus.kSolutionStatusFeasible):
            return None
        bound = float(self._solver.getInfo().mip_dual_bound)
        return Choice(np.rint(self._share()), float(np.ceil(bound - 1e-3)))

    def _set_integrality(self, *, integer: bool) -> None:
        if integer != self._is_integer:
            kind = highspy.HighsVarType.kInteger if integer else highspy.HighsVarType.kContinuous
            self._solver.changeColsIntegrality(len(self._all), self._all, np.full(len(self._all), int(kind), np.uint8))
            self._is_integer = integer

    def _run(self, seconds: float) -> None:
        self._solver.setOptionValue("time_limit", max(seconds, 0.1))
        self._solver.run()
        if self._solver.getModelStatus() == highspy.HighsModelStatus.kInfeasible:
            raise InfeasibleChoice

    def _share(self) -> Floats:
        share = np.zeros(len(self.problem.truth))
        share[self.cells] = np.array(self._solver.getSolution().col_value)
        return share
