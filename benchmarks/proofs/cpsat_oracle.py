"""Oracle of disclosed groups for 30 to 200 people: CP-SAT with one unknown for each atom.

Every register that CP-SAT returns fits, so it shows counts that a group can have. A group is safe when these counts
show it; for all others CP-SAT proves the least and the most.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray
from ortools.sat.python import cp_model

from tests.evidence.sdc.oracle.exact_ends import Ends, OracleFindings, PublishedSystem, is_safe
from tests.evidence.sdc.oracle.groups import list_groups
from tests.evidence.sdc.oracle.registers import Bools
from tests.evidence.sdc.oracle.releases import ReleaseUnion

SEED = 1
Counts = NDArray[np.int64]


class RegisterModel:
    """All registers that fit a published system, as a CP-SAT model."""

    def __init__(self, system: PublishedSystem) -> None:
        has_bound = np.array([bound is not None for bound in system.upper], dtype=bool)
        self.is_limited = system.counted[has_bound].any(axis=0)
        self._model = cp_model.CpModel()
        self._people = [self._model.new_int_var(0, most, f"atom {n}") for n, most in enumerate(_largest(system))]
        for row, low, high in zip(system.counted, system.lower, system.upper, strict=True):
            people = self._sum(np.flatnonzero(row))
            self._model.add(people >= low)
            if high is not None:
                self._model.add(people <= high)
        self._solver = cp_model.CpSolver()
        self._solver.parameters.num_workers = 1
        self._solver.parameters.random_seed = SEED

    def _sum(self, atoms: Iterable[int]) -> cp_model.LinearExprT:
        return cp_model.LinearExpr.sum([self._people[n] for n in atoms])

    def extreme(self, members: Bools, *, is_most: bool) -> tuple[int, Counts]:
        """Return the least or the most people of a group, and a register that has so many."""
        people = self._sum(np.flatnonzero(members))
        if is_most:
            self._model.maximize(people)
        else:
            self._model.minimize(people)
        status = self._solver.solve(self._model)
        if status != cp_model.OPTIMAL:
            raise AssertionError(f"the true register fits, but the solver says {self._solver.status_name(status)}")
        register = np.array([self._solver.value(unknown) for unknown in self._people])
        return int(register[members].sum()), register


def _largest(system: PublishedSystem) -> list[int]:
    """Return the largest count that each atom needs to take: its bound, or what lower bounds ask for."""
    largest = []
    for column in system.counted.T:
        upper = [high for high, is_in in zip(system.upper, column, strict=True) if is_in and high is not None]
        lower = [low for low, is_in in zip(system.lower, column, strict=True) if is_in]
        largest.append(min(upper) if upper else max(lower, default=0))
    return largest


def solve_findings(union: ReleaseUnion, threshold: int) -> OracleFindings:
    """Return the disclosed groups of a union, with their exact ends."""
    system = PublishedSystem.of_union(union)
    family = list_groups(system.space, union.tables)
    model = RegisterModel(system)
    seen = np.zeros(len(system.space.atoms), dtype=bool)
    unlimited = (family.members & ~model.is_limited).any(axis=1)
    least, most = (np.full(len(family.names), start) for start in (np.iinfo(np.int64).max, -1))

    def visit(register: Counts) -> None:
        counts = family.members @ register
        np.minimum(least, counts, out=least)
        np.maximum(most, counts, out=most)
        np.logical_or(seen, register > 0, out=seen)

    disclosed: dict[int, Ends] = {}
    for group, members in enumerate(family.members):
        if unlimited[group] or (most[group] >= threshold and most[group] - least[group] >= threshold - 1):
            continue
        lower, register = model.extreme(members, is_most=False)
        visit(register)
        if lower >= threshold:
            continue
        upper, register = model.extreme(members, is_most=True)
        visit(register)
        if not is_safe(lower, upper, threshold):
            disclosed[group] = lower, upper
    while (unseen := ~seen & model.is_limited).any():
        count, register = model.extreme(unseen, is_most=True)
        visit(register)
        if not count:
            break
    return OracleFindings(system.space, family, seen | ~model.is_limited, disclosed)
