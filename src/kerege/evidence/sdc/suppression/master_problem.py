"""The choice of what to hide at the least loss, as far as the inequalities found until now require."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import highspy
import numpy as np

from kerege.evidence.sdc.constraints.highs_solver import silent
from kerege.evidence.sdc.constraints.linear_system import Floats
from kerege.evidence.sdc.suppression.attacker_problem import Cut
from kerege.evidence.sdc.suppression.problem import Problem

ALMOST = 0.99  # losses are whole numbers


class Impossible(Exception):
    """No choice keeps all inequalities."""


@dataclass(frozen=True)
class Choice:
    """How far each unknown is hidden, and the least loss that any safe choice can have."""

    share: Floats
    bound: float


class Master:
    """A linear or integer program over hidden or not, which grows by cuts."""

    def __init__(self, problem: Problem) -> None:
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
        self._whole = False
        self._value, self._spare = 0.0, np.zeros(len(self.cells))

    def add(self, cuts: Iterable[Cut]) -> int:
        """Take up cuts; returns how many are new."""
        before = len(self._seen)
        for cut in cuts:
            if cut.key not in self._seen:
                self._seen.add(cut.key)
                self._solver.addRow(cut.low, np.inf, len(cut.cells), self.place[cut.cells], cut.values)
        return len(self._seen) - before

    def relaxed(self, seconds: float) -> Choice:
        """The best choice when cells may be hidden in part."""
        self._kind(whole=False)
        self._run(seconds)
        value = float(self._solver.getInfo().objective_function_value)
        if self._solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            value = 0.0
        self._value, self._spare = value, np.array(self._solver.getSolution().col_dual)
        return Choice(self._share(), float(np.ceil(value - 1e-3)))

    def forget(self, loss: float) -> None:
        """Leave out cells that no choice of less than this loss hides, by what they cost in the relaxed programme."""
        dear = np.flatnonzero((self._spare > loss - self._value) & ~self.problem.always[self.cells]).astype(np.int32)
        self._solver.changeColsBounds(len(dear), dear, np.zeros(len(dear)), np.zeros(len(dear)))

    def remember(self) -> None:
        """Take up again all cells that were left out."""
        low = self.problem.always[self.cells].astype(float)
        self._solver.changeColsBounds(len(low), self._all, low, np.ones(len(low)))

    def best(self, gap: float, seconds: float) -> Choice | None:
        """The best choice, up to a relative gap, or the best found in so many seconds; None when there was none."""
        self._kind(whole=True)
        self._solver.setOptionValue("mip_rel_gap", gap)
        self._run(seconds)
        if self._solver.getInfo().primal_solution_status != int(highspy.SolutionStatus.kSolutionStatusFeasible):
            return None
        bound = float(self._solver.getInfo().mip_dual_bound)
        return Choice(np.rint(self._share()), float(np.ceil(bound - 1e-3)))

    def _kind(self, *, whole: bool) -> None:
        if whole != self._whole:
            kind = highspy.HighsVarType.kInteger if whole else highspy.HighsVarType.kContinuous
            self._solver.changeColsIntegrality(len(self._all), self._all, np.full(len(self._all), int(kind), np.uint8))
            self._whole = whole

    def _run(self, seconds: float) -> None:
        self._solver.setOptionValue("time_limit", max(seconds, 0.1))
        self._solver.run()
        if self._solver.getModelStatus() == highspy.HighsModelStatus.kInfeasible:
            raise Impossible

    def _share(self) -> Floats:
        share = np.zeros(len(self.problem.truth))
        share[self.cells] = np.array(self._solver.getSolution().col_value)
        return share
