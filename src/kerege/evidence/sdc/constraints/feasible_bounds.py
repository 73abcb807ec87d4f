"""Feasible integers of cells, block by block.

A consistent register witnesses every reached bound; a linear or integer program proves every other bound.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import replace

import highspy
import numpy as np
from numpy.typing import NDArray

from kerege.evidence.sdc.constraints.highs_solver import EPSILON, Extremes, build_model
from kerege.evidence.sdc.constraints.integer_rounding import keeps_rules, nearest_integers
from kerege.evidence.sdc.constraints.linear_system import CellBlock, Floats, Ints
from kerege.evidence.sdc.constraints.multi_table import JointSystem
from kerege.evidence.sdc.constraints.presolve import BlockContribution, Contradiction, ReducedBlock, ReducedSystem

ROUNDS, PATIENCE, STARTS = 400, 6, 5  # most points, most points in a row without gain, most start points
SWEEP, START = 60.0, 60.0  # seconds for the sweep, and for the start point, of one block
ALONE = 0.1  # seconds to examine one sum by itself: a sweep must gain more than that
OPEN = 50  # most solver models in memory
BUDGET = 300.0  # seconds in total; cells that are undecided then are reported


class BlockSearch:
    """Search in one block: the requested sums, with the smallest and largest value that a witness shows."""

    def __init__(self, part: ReducedBlock, point: Ints | None) -> None:
        self.part = part
        self.trivial = part.matrix.shape[0] == 0
        self.point = self._start() if point is None else point
        self._extremes: Extremes | None = None
        self.low = self.high = np.zeros(0, dtype=np.int64)
        self._record_witness(self.point)

    def _start(self) -> Ints:
        """Return integers that keep all rules, from a rounded vertex if possible; raises Contradiction."""
        part = self.part
        if self.trivial:
            return _as_integers(part.lower)
        size = len(part.columns)
        solver = build_model(part.matrix, part.low, part.high, part.lower, part.upper)
        solver.run()
        point = np.array(solver.getSolution().col_value)
        if solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            raise Contradiction
        if keeps_rules(part, np.rint(point)):
            return _as_integers(point)
        rng, columns = np.random.default_rng(0), np.arange(size, dtype=np.int32)
        for _ in range(STARTS):
            cost = rng.choice([-1.0, 1.0], size) * rng.uniform(0.5, 1.5, size)
            solver.changeColsCost(size, columns, cost)
            solver.run()
            integers = nearest_integers(part, np.array(solver.getSolution().col_value), cost)
            if integers is not None:
                return integers
        return self._first_integer_point(solver)

    def _first_integer_point(self, solver: highspy.Highs) -> Ints:
        """Return the first feasible integer point of integer programming; raises Contradiction."""
        size = len(self.part.columns)
        kinds = np.full(size, int(highspy.HighsVarType.kInteger), dtype=np.uint8)
        solver.changeColsIntegrality(size, np.arange(size, dtype=np.int32), kinds)
        solver.setOptionValue("time_limit", START)
        solver.setOptionValue("mip_max_improving_sols", 1)
        solver.run()
        point = np.rint(np.array(solver.getSolution().col_value))
        if solver.getInfo().primal_solution_status != 2 or not keeps_rules(self.part, point):
            raise Contradiction
        return _as_integers(point)

    def _record_witness(self, point: Ints) -> None:
        """Widen the witnessed range of each requested sum by its value at a feasible point."""
        value = np.rint(self.part.requested @ point).astype(np.int64)
        if not len(self.low):
            self.low, self.high = value, value.copy()
        np.minimum(self.low, value, out=self.low)
        np.maximum(self.high, value, out=self.high)

    @property
    def extremes(self) -> Extremes:
        """Return the solver model; build it at first use."""
        if self._extremes is None:
            part = self.part
            self._extremes = Extremes(
                CellBlock(part.columns, part.matrix, part.low, part.high, part.lower, part.upper, self.point)
            )
        return self._extremes

    def close(self) -> None:
        """Release the solver model."""
        self._extremes = None

    def visit(self, push: Floats, *, best: bool = False) -> tuple[float, bool]:
        """Minimise a weighted sum of requested sums over the reals.

        Return its value, and whether its point is integer. That point, or an integer point near it, widens the
        witnessed ranges.
        """
        cost = self.part.requested.T @ push
        if self.trivial:
            point = np.where(cost > 0, self.part.lower, np.where(cost < 0, self.part.upper, self.point))
            self._record_witness(_as_integers(point))
            return float(cost @ point), True
        value, point = self.extremes.point(cost)
        integers = self.extremes.as_integers(point)
        witness = nearest_integers(self.part, point, cost, best=best) if integers is None else integers
        if witness is not None:
            self._record_witness(witness)
        return value, integers is not None

    def end(self, number: int, sign: float, *, integer: bool) -> int:
        """Return a proved lower bound of sign times one requested sum; `integer` uses integer programming."""
        push = np.zeros(len(self.low))
        push[number] = sign
        if not integer:
            return int(np.ceil(self.visit(push, best=True)[0] - EPSILON))
        value, point = self.extremes.integer_bound(self.part.requested.T @ push)
        witness = self.extremes.as_integers(np.rint(point))
        if witness is not None:
            self._record_witness(witness)
        return int(np.ceil(value - EPSILON))

    def reached(self, number: int, sign: float) -> int:
        """Return the smallest value of sign times one requested sum that a witness shows."""
        return int(self.low[number]) if sign > 0 else -int(self.high[number])


def _as_integers(point: Floats) -> Ints:
    integers: Ints = np.rint(point).astype(np.int64)
    return integers


class Survey:
    """Feasible intervals of all cells and differences of a system that are not published exactly.

    `held` starts from the true register; `tight` bounds rounded cells for an intruder who knows how ties are rounded.
    """

    def __init__(
        self, joint: JointSystem, threshold: int, *, held: bool = False, tight: bool = False, budget: float = BUDGET
    ) -> None:
        self.joint, self.threshold, self.core = joint, threshold, ReducedSystem(joint, tight=tight)
        self.deadline = time.monotonic() + budget
        point = self.core.reduced(joint.people) if held else None
        self.blocks = [BlockSearch(part, None if point is None else point[part.columns]) for part in self.core.blocks]
        self._open: list[BlockSearch] = []
        self.late: list[int] = []
        self._proved: dict[tuple[int, int], dict[float, tuple[int, bool]]] = {}
        self._reached: tuple[Ints, Ints] | None = None
        first = np.cumsum([0, *[len(block.low) for block in self.blocks]])
        pairs = [
            (target, first[share.block] + share.number)
            for target, shares in enumerate(self.core.contributions)
            for share in shares
        ]
        self._target, self._source = np.array(pairs, dtype=np.int64).reshape(-1, 2).T
        self._first = first

    def settled(self) -> JointSystem:
        """Return the system with one register that is consistent with everything published."""
        point = np.zeros(len(self.core.lower), dtype=np.int64)
        for block in self.blocks:
            point[block.part.columns] = block.point
        free = np.ones(len(point), dtype=bool)
        for block in self.blocks:
            free[block.part.columns] = False
        point[free] = self.core.lower[free]
        people = self.core.expand(point)
        return replace(self.joint, people=people, truth=np.rint(self.joint.sums @ people).astype(np.int64))

    @property
    def reached(self) -> tuple[Ints, Ints]:
        """Return the smallest and the largest value of each target that a witness shows."""
        if self._reached is None:
            low = np.rint(self.core.constant).astype(np.int64)
            high = low.copy()
            if self.blocks:
                np.add.at(low, self._target, np.concatenate([block.low for block in self.blocks])[self._source])
                np.add.at(high, self._target, np.concatenate([block.high for block in self.blocks])[self._source])
            self._reached = low, high
        return self._reached

    def narrow(self, examined: NDArray[np.bool_]) -> list[int]:
        """Return the examined targets with narrow intervals; record undecided ones in `late`.

        An interval is narrow when it is narrower than the threshold.
        """
        self.widen(examined)
        low, high = self.reached
        narrow = []
        for target in np.flatnonzero(examined & (high - low < self.threshold)).tolist():
            if time.monotonic() < self.deadline:
                is_narrow = self._is_narrow(target)
                narrow += [target] if is_narrow else []
                self.late += [target] if is_narrow is None else []
            else:
                self.late.append(target)
        return narrow

    def _is_narrow(self, target: int) -> bool | None:
        """Return whether a target's interval is narrow; None when integer programming did not decide in time."""
        for integer in (False, True):
            for sign in (1.0, -1.0):
                bottom, top = self._bounds(target, sign, integer=integer)
                low, high = self.shown(target)
                if high - low >= self.threshold:
                    return False
            if top - bottom < self.threshold:
                return True
        return None

    def widen(self, examined: NDArray[np.bool_]) -> None:
        """Search for witnesses that the examined targets have wide intervals."""
        is_requested = np.zeros(self._first[-1], dtype=bool)
        is_requested[self._source[examined[self._target]]] = True
        for number, block in enumerate(self.blocks):
            in_block = is_requested[self._first[number] : self._first[number + 1]]
            if in_block.any():
                self._sweep(block, in_block)
        self._reached = None

    def _sweep(self, block: BlockSearch, is_requested: NDArray[np.bool_]) -> None:
        """Push many undecided sums at once: one point widens many ranges."""
        rng = np.random.default_rng(0)
        idle, deadline = 0, min(time.monotonic() + SWEEP, self.deadline)
        for turn in range(ROUNDS):
            start = time.monotonic()
            open_ = is_requested & (block.high - block.low < self.threshold)
            before = int(open_.sum())
            if before == 0 or idle > min(PATIENCE, before) or time.monotonic() > deadline:
                break
            push = np.where(open_, rng.uniform(0.5, 1.5, len(open_)), 0.0)
            block.visit(-push if turn % 2 else push * rng.choice([-1.0, 1.0], len(open_)))
            gained = before - int((is_requested & (block.high - block.low < self.threshold)).sum())
            idle = 0 if gained * ALONE > time.monotonic() - start else idle + 1
        self._limit_open_models(block)

    def _limit_open_models(self, block: BlockSearch) -> None:
        """Close all solver models but the last OPEN."""
        if block in self._open:
            self._open.remove(block)
        self._open.append(block)
        while len(self._open) > OPEN:
            self._open.pop(0).close()

    def shown(self, target: int) -> tuple[int, int]:
        """Return the smallest and the largest value of a target that a witness shows."""
        bottom = top = round(float(self.core.constant[target]))
        for share in self.core.contributions[target]:
            block = self.blocks[share.block]
            bottom, top = bottom + int(block.low[share.number]), top + int(block.high[share.number])
        return bottom, top

    def ends_of(self, target: int) -> tuple[int, int]:
        """Return the feasible integers of a target, or outer bounds of them when time ran out."""
        for sign in (1.0, -1.0):
            for integer in (False, True):
                bottom, top = self._bounds(target, sign, integer=integer)
        return bottom, top

    def _bounds(self, target: int, sign: float, *, integer: bool) -> tuple[int, int]:
        """Return proved bounds of a target, after an attempt to prove one of its ends."""
        ends = [round(float(self.core.constant[target]))] * 2
        for share in self.core.contributions[target]:
            proved = self._proved.setdefault((share.block, share.number), {})
            self._prove(self.blocks[share.block], share.number, sign, proved, integer=integer)
            ends[0] += proved.get(1.0, (self._floor(share), False))[0]
            ends[1] -= proved.get(-1.0, (-self._roof(share), False))[0]
        return ends[0], ends[1]

    def _floor(self, share: BlockContribution) -> int:
        part = self.core.blocks[share.block]
        row = part.requested[[share.number]]
        return int((row.maximum(0) @ part.lower + row.minimum(0) @ part.upper)[0])

    def _roof(self, share: BlockContribution) -> int:
        part = self.core.blocks[share.block]
        row = part.requested[[share.number]]
        return int((row.maximum(0) @ part.upper + row.minimum(0) @ part.lower)[0])

    def _prove(
        self, block: BlockSearch, number: int, sign: float, proved: dict[float, tuple[int, bool]], *, integer: bool
    ) -> None:
        """Prove one end of a requested sum, unless an equal proof exists or a witness reaches the bound."""
        bound, is_final = proved.get(sign, (None, False))
        if bound is not None and (is_final or not integer or bound >= block.reached(number, sign)):
            return
        fresh = block.end(number, sign, integer=integer)
        proved[sign] = max(fresh, fresh if bound is None else bound), integer
        self._limit_open_models(block)

    def intervals(self, cells: Iterable[int]) -> dict[int, tuple[int, int]]:
        """Return the feasible integers of cells."""
        by_cell = {}
        for cell in cells:
            target = int(self.core.place[cell])
            by_cell[cell] = (int(self.core.value[cell]),) * 2 if target < 0 else self.ends_of(target)
        return by_cell
