"""The feasible integers of cells, block by block: every bound is witnessed by a register that fits, or proved."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import replace

import highspy
import numpy as np
from numpy.typing import NDArray

from kerege.evidence.sdc.constraints.highs_solver import EPSILON, Extremes, model
from kerege.evidence.sdc.constraints.integer_rounding import fits, near
from kerege.evidence.sdc.constraints.linear_system import Block, Floats, Ints
from kerege.evidence.sdc.constraints.multi_table import Joint
from kerege.evidence.sdc.constraints.presolve import Contradiction, Core, Part, Share

ROUNDS, PATIENCE, STARTS = 400, 6, 5  # points tried, points in a row that may teach nothing
SWEEP, START = 60.0, 60.0  # seconds for a block
ALONE = 0.1  # seconds that looking at one sum takes
OPEN = 50  # programmes kept
BUDGET = 300.0  # seconds for everything: what is undecided then is said to be


class Searched:
    """A block under search: the sums asked of it, with the least and most that some register shows."""

    def __init__(self, part: Part, point: Ints | None) -> None:
        self.part = part
        self.trivial = part.matrix.shape[0] == 0
        self.point = self._start() if point is None else point
        self._extremes: Extremes | None = None
        self.low = self.high = np.zeros(0, dtype=np.int64)
        self._value(self.point)

    def _start(self) -> Ints:
        """Whole numbers that keep all rules: those of a vertex if they are whole."""
        part = self.part
        if self.trivial:
            return _whole(part.lower)
        size = len(part.columns)
        solver = model(part.matrix, part.low, part.high, part.lower, part.upper)
        solver.run()
        point = np.array(solver.getSolution().col_value)
        if solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            raise Contradiction
        if fits(part, np.rint(point)):
            return _whole(point)
        rng, columns = np.random.default_rng(0), np.arange(size, dtype=np.int32)
        for _ in range(STARTS):
            cost = rng.choice([-1.0, 1.0], size) * rng.uniform(0.5, 1.5, size)
            solver.changeColsCost(size, columns, cost)
            solver.run()
            found = near(part, np.array(solver.getSolution().col_value), cost)
            if found is not None:
                return found
        return self._searched(solver)

    def _searched(self, solver: highspy.Highs) -> Ints:
        """The first whole point that integer programming finds."""
        size = len(self.part.columns)
        kinds = np.full(size, int(highspy.HighsVarType.kInteger), dtype=np.uint8)
        solver.changeColsIntegrality(size, np.arange(size, dtype=np.int32), kinds)
        solver.setOptionValue("time_limit", START)
        solver.setOptionValue("mip_max_improving_sols", 1)
        solver.run()
        point = np.rint(np.array(solver.getSolution().col_value))
        if solver.getInfo().primal_solution_status != 2 or not fits(self.part, point):
            raise Contradiction
        return _whole(point)

    def _value(self, point: Ints) -> None:
        value = np.rint(self.part.asked @ point).astype(np.int64)
        if not len(self.low):
            self.low, self.high = value, value.copy()
        np.minimum(self.low, value, out=self.low)
        np.maximum(self.high, value, out=self.high)

    @property
    def extremes(self) -> Extremes:
        """The programme, made when it is first needed."""
        if self._extremes is None:
            part = self.part
            self._extremes = Extremes(
                Block(part.columns, part.matrix, part.low, part.high, part.lower, part.upper, self.point)
            )
        return self._extremes

    def close(self) -> None:
        """Give back what the solver holds."""
        self._extremes = None

    def visit(self, push: Floats, *, best: bool = False) -> tuple[float, bool]:
        """The least of a sum of asked sums over real numbers, and whether its point was whole."""
        cost = self.part.asked.T @ push
        if self.trivial:
            point = np.where(cost > 0, self.part.lower, np.where(cost < 0, self.part.upper, self.point))
            self._value(_whole(point))
            return float(cost @ point), True
        value, point = self.extremes.point(cost)
        whole = self.extremes.whole(point)
        found = near(self.part, point, cost, best=best) if whole is None else whole
        if found is not None:
            self._value(found)
        return value, whole is not None

    def end(self, number: int, sign: float, *, whole: bool) -> int:
        """A proved bound of the least of sign times one asked sum, with `whole` by integer programming."""
        push = np.zeros(len(self.low))
        push[number] = sign
        if not whole:
            return int(np.ceil(self.visit(push, best=True)[0] - EPSILON))
        value, point = self.extremes.whole_bound(self.part.asked.T @ push)
        found = self.extremes.whole(np.rint(point))
        if found is not None:
            self._value(found)
        return int(np.ceil(value - EPSILON))

    def reached(self, number: int, sign: float) -> int:
        """The least of sign times one asked sum that some register shows."""
        return int(self.low[number]) if sign > 0 else -int(self.high[number])


def _whole(point: Floats) -> Ints:
    found: Ints = np.rint(point).astype(np.int64)
    return found


class Survey:
    """All cells of a system that are not published exactly, and how closely they can be known."""

    def __init__(
        self, joint: Joint, threshold: int, *, held: bool = False, tight: bool = False, budget: float = BUDGET
    ) -> None:
        self.joint, self.threshold, self.core = joint, threshold, Core(joint, tight=tight)
        self.deadline = time.monotonic() + budget
        point = self.core.reduced(joint.people) if held else None
        self.blocks = [Searched(part, None if point is None else point[part.columns]) for part in self.core.parts]
        self._open: list[Searched] = []
        self.late: list[int] = []
        self._proved: dict[tuple[int, int], dict[float, tuple[int, bool]]] = {}
        self._reached: tuple[Ints, Ints] | None = None
        first = np.cumsum([0, *[len(block.low) for block in self.blocks]])
        pairs = [
            (target, first[share.part] + share.number)
            for target, shares in enumerate(self.core.shares)
            for share in shares
        ]
        self._target, self._source = np.array(pairs, dtype=np.int64).reshape(-1, 2).T
        self._first = first

    def settled(self) -> Joint:
        """The system with people who fit everything published."""
        point = np.zeros(len(self.core.lower), dtype=np.int64)
        for block in self.blocks:
            point[block.part.columns] = block.point
        free = np.ones(len(point), dtype=bool)
        for block in self.blocks:
            free[block.part.columns] = False
        point[free] = self.core.lower[free]
        people = self.core.whole(point)
        return replace(self.joint, people=people, truth=np.rint(self.joint.sums @ people).astype(np.int64))

    @property
    def reached(self) -> tuple[Ints, Ints]:
        """The least and most of each target that some register shows."""
        if self._reached is None:
            low = np.rint(self.core.constant).astype(np.int64)
            high = low.copy()
            if self.blocks:
                np.add.at(low, self._target, np.concatenate([block.low for block in self.blocks])[self._source])
                np.add.at(high, self._target, np.concatenate([block.high for block in self.blocks])[self._source])
            self._reached = low, high
        return self._reached

    def narrow(self, asked: NDArray[np.bool_]) -> list[int]:
        """Those of the asked targets whose ends are close; `late` has those that time did not suffice for."""
        self.widen(asked)
        low, high = self.reached
        found = []
        for target in np.flatnonzero(asked & (high - low < self.threshold)).tolist():
            if time.monotonic() < self.deadline:
                verdict = self._is_narrow(target)
                found += [target] if verdict else []
                self.late += [target] if verdict is None else []
            else:
                self.late.append(target)
        return found

    def _is_narrow(self, target: int) -> bool | None:
        """Whether the ends of a target are close; None when integer programming could not tell in time."""
        for whole in (False, True):
            for sign in (1.0, -1.0):
                bottom, top = self._bounds(target, sign, whole=whole)
                low, high = self.shown(target)
                if high - low >= self.threshold:
                    return False
            if top - bottom < self.threshold:
                return True
        return None

    def widen(self, asked: NDArray[np.bool_]) -> None:
        """Look for registers that show the asked targets to be wide."""
        wanted = np.zeros(self._first[-1], dtype=bool)
        wanted[self._source[asked[self._target]]] = True
        for number, block in enumerate(self.blocks):
            mine = wanted[self._first[number] : self._first[number + 1]]
            if mine.any():
                self._sweep(block, mine)
        self._reached = None

    def _sweep(self, block: Searched, wanted: NDArray[np.bool_]) -> None:
        """Push many undecided sums at once: one point widens many intervals."""
        rng = np.random.default_rng(0)
        idle, deadline = 0, min(time.monotonic() + SWEEP, self.deadline)
        for turn in range(ROUNDS):
            start = time.monotonic()
            open_ = wanted & (block.high - block.low < self.threshold)
            before = int(open_.sum())
            if before == 0 or idle > min(PATIENCE, before) or time.monotonic() > deadline:
                break
            push = np.where(open_, rng.uniform(0.5, 1.5, len(open_)), 0.0)
            block.visit(-push if turn % 2 else push * rng.choice([-1.0, 1.0], len(open_)))
            gained = before - int((wanted & (block.high - block.low < self.threshold)).sum())
            idle = 0 if gained * ALONE > time.monotonic() - start else idle + 1
        self._opened(block)

    def _opened(self, block: Searched) -> None:
        """Keep the last programmes only."""
        if block in self._open:
            self._open.remove(block)
        self._open.append(block)
        while len(self._open) > OPEN:
            self._open.pop(0).close()

    def shown(self, target: int) -> tuple[int, int]:
        """The least and most of a target that some register shows."""
        bottom = top = round(float(self.core.constant[target]))
        for share in self.core.shares[target]:
            block = self.blocks[share.part]
            bottom, top = bottom + int(block.low[share.number]), top + int(block.high[share.number])
        return bottom, top

    def ends_of(self, target: int) -> tuple[int, int]:
        """The feasible integers of a target, or bounds of them where time ran out."""
        for sign in (1.0, -1.0):
            for whole in (False, True):
                bottom, top = self._bounds(target, sign, whole=whole)
        return bottom, top

    def _bounds(self, target: int, sign: float, *, whole: bool) -> tuple[int, int]:
        """Proved bounds of a target, after looking at one of its ends."""
        ends = [round(float(self.core.constant[target]))] * 2
        for share in self.core.shares[target]:
            known = self._proved.setdefault((share.part, share.number), {})
            self._prove(self.blocks[share.part], share.number, sign, known, whole=whole)
            ends[0] += known.get(1.0, (self._floor(share), False))[0]
            ends[1] -= known.get(-1.0, (-self._roof(share), False))[0]
        return ends[0], ends[1]

    def _floor(self, share: Share) -> int:
        part = self.core.parts[share.part]
        row = part.asked[[share.number]]
        return int((row.maximum(0) @ part.lower + row.minimum(0) @ part.upper)[0])

    def _roof(self, share: Share) -> int:
        part = self.core.parts[share.part]
        row = part.asked[[share.number]]
        return int((row.maximum(0) @ part.upper + row.minimum(0) @ part.lower)[0])

    def _prove(
        self, block: Searched, number: int, sign: float, known: dict[float, tuple[int, bool]], *, whole: bool
    ) -> None:
        """Prove one end of an asked sum, unless as much was proved before or a register reaches what is proved."""
        bound, done = known.get(sign, (None, False))
        if bound is not None and (done or not whole or bound >= block.reached(number, sign)):
            return
        proved = block.end(number, sign, whole=whole)
        known[sign] = max(proved, proved if bound is None else bound), whole
        self._opened(block)

    def intervals(self, cells: Iterable[int]) -> dict[int, tuple[int, int]]:
        """The feasible integers of cells."""
        found = {}
        for cell in cells:
            target = int(self.core.place[cell])
            found[cell] = (int(self.core.value[cell]),) * 2 if target < 0 else self.ends_of(target)
        return found
