"""Feasible integers of cells, block by block.

A consistent register witnesses every reached bound; a linear or integer program proves every other bound.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import cached_property

import highspy
import numpy as np
from numpy.typing import NDArray

from kerege.evidence.sdc.bounds.integer_points import keeps_rules, nearest_integers
from kerege.evidence.sdc.bounds.presolve import Contradiction, ReducedBlock, ReducedSystem
from kerege.evidence.sdc.constraints.multi_table import JointSystem
from kerege.evidence.sdc.linear.highs_solver import EPSILON, STUCK, Extremes, build_model
from kerege.evidence.sdc.linear.linear_system import CellBlock, Floats, Ints

ROUNDS, PATIENCE, STARTS = 400, 6, 5  # most points, most points in a row without gain, most start points
SWEEP = 60.0  # seconds of processor time for the sweep of one block
ALONE = 0.05  # seconds to examine one sum by itself: a sweep must gain more than that
TRIALS, WEIGHT, TOLERANCE = (
    4,
    100,
    0.05,
)  # sums with random weights: number, largest weight, tolerance of their ends in people
OPEN = 50  # most solver models in memory
VERTEX, REPAIR, INTEGERS = EFFORTS = (0, 1, 2)  # linear program; the same with integers nearby; integer program
BUDGET = 300.0  # seconds in total; cells that are undecided then are reported


def is_wide(low: Ints, high: Ints, threshold: int) -> NDArray[np.bool_]:
    """Return whether a group has at least `threshold` possible counts, one of which is not small.

    An intruder knows that a suppressed figure is at least 1, so the possible counts 1 to `threshold` are wide.
    """
    return np.asarray((high >= threshold) & (high - low >= threshold - 1))


def _is_wide_range(low: int, high: int, threshold: int) -> bool:
    return high >= threshold and high - low >= threshold - 1


class BlockSearch:
    """Search in one block: the requested sums, with the smallest and largest value that a witness shows."""

    def __init__(self, part: ReducedBlock, point: Ints | None) -> None:
        self.part = part
        self.trivial = part.matrix.shape[0] == 0
        self.point = self._start() if point is None else point
        self._extremes: Extremes | None = None
        self.low = self.high = np.zeros(0, dtype=np.int64)
        self.record_witness(self.point)

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
        solver.setOptionValue("time_limit", STUCK)
        solver.setOptionValue("mip_max_improving_sols", 1)
        solver.run()
        point = np.rint(np.array(solver.getSolution().col_value))
        if solver.getInfo().primal_solution_status != 2 or not keeps_rules(self.part, point):
            raise Contradiction
        return _as_integers(point)

    def record_witness(self, point: Ints) -> None:
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

    @cached_property
    def least(self) -> Floats:
        """Return a lower bound of each requested sum by the bounds of its unknowns."""
        part = self.part
        return np.asarray(part.requested.maximum(0) @ part.lower + part.requested.minimum(0) @ part.upper)

    @cached_property
    def most(self) -> Floats:
        """Return an upper bound of each requested sum by the bounds of its unknowns."""
        part = self.part
        return np.asarray(part.requested.maximum(0) @ part.upper + part.requested.minimum(0) @ part.lower)

    def close(self) -> None:
        """Release the solver model."""
        self._extremes = None

    def visit(self, push: Floats, *, best: bool = False) -> tuple[float, bool]:
        """Minimise a weighted sum of requested sums over the reals.

        Return its value, and whether its point is integer. That point, or an integer point near it, widens the
        witnessed ranges.
        """
        value, witness, is_integer = self.minimise(self.part.requested.T @ push, best=best)
        if witness is not None:
            self.record_witness(witness)
        return value, is_integer

    def witness(self, cost: Floats, most: float | None = None) -> Ints:
        """Return integers of about the least cost, else the start; they widen the witnessed ranges.

        With `most`, only so many people of each unknown reduce the cost.
        """
        if most is None or self.trivial:
            integers = self.minimise(cost, distant=True)[1]
        else:
            point = self.extremes.capped_point(cost, most)
            integers = self.extremes.as_integers(point)
            if integers is None:
                integers = nearest_integers(self.part, point, cost)
        if integers is None:
            return self.point
        self.record_witness(integers)
        return integers

    def minimise(
        self, cost: Floats, *, repair: bool = True, best: bool = False, distant: bool = False
    ) -> tuple[float, Ints | None, bool]:
        """Minimise a cost of the unknowns over the reals; `distant` marks one unlike all earlier ones.

        Return the least cost, integers at or (with `repair`) near the vertex, None if none were found, and whether the
        vertex is integer.
        """
        if self.trivial:
            point = np.where(cost > 0, self.part.lower, np.where(cost < 0, self.part.upper, self.point))
            return float(cost @ point), _as_integers(point), True
        value, point = self.extremes.distant_point(cost) if distant else self.extremes.point(cost)
        integers = self.extremes.as_integers(point)
        witness = nearest_integers(self.part, point, cost, best=best) if integers is None and repair else integers
        return value, witness, integers is not None

    def end(self, number: int, sign: float, effort: int) -> int:
        """Return a proved lower bound of sign times one requested sum."""
        push = np.zeros(len(self.low))
        push[number] = sign
        cost = self.part.requested.T @ push
        if effort < INTEGERS:
            value, witness, _ = self.minimise(cost, repair=effort > VERTEX, best=True)
        else:
            value, point = self.extremes.integer_bound(cost)
            witness = self.extremes.as_integers(np.rint(point))
        if witness is not None:
            self.record_witness(witness)
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
        self,
        joint: JointSystem,
        threshold: int,
        *,
        held: bool = False,
        tight: bool = False,
        whole: bool = False,
        budget: float = BUDGET,
    ) -> None:
        self.joint, self.threshold, self.core = joint, threshold, ReducedSystem(joint, tight=tight, whole=whole)
        self.deadline = time.thread_time() + budget
        point = self.core.reduced(joint.people) if held else None
        self.blocks = [BlockSearch(part, None if point is None else point[part.columns]) for part in self.core.blocks]
        self._open: list[BlockSearch] = []
        self.late: list[int] = []
        self._proved: dict[tuple[int, int], dict[float, tuple[int, int]]] = {}
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

    def narrow(
        self, examined: NDArray[np.bool_], wide: NDArray[np.bool_] | None = None, *, sweep: bool = True
    ) -> list[int]:
        """Return the examined targets that are not safe; record undecided ones in `late`.

        A target is safe when it cannot be below the threshold, when it is certainly 0, or when it is wide (`is_wide`).
        Those marked in `wide` must be wide. `sweep` first looks for witnesses of many targets at once.
        """
        if sweep:
            self.widen(examined)
        low, high = self.reached
        narrow = []
        for target in np.flatnonzero(examined & ~is_wide(low, high, self.threshold)).tolist():
            if time.thread_time() < self.deadline:
                safe = self._is_safe(target, must_be_wide=wide is not None and bool(wide[target]))
                narrow += [target] if safe is False else []
                self.late += [target] if safe is None else []
            else:
                self.late.append(target)
        return narrow

    def prove_empty(self, targets: Sequence[int]) -> list[int]:
        """Return the targets that are certainly 0: the largest sum of counts that no witness shows is 0.

        A linear program that finds another count removes its targets and is solved again. Its point is a witness for
        all targets if it is integer.
        """
        single = [target for target in targets if len(self.core.contributions[target]) == 1]
        empty = [target for target in single if self.shown(target)[1] == 0 and not self._block_of(target).trivial]
        by_block: dict[int, list[int]] = {}
        for target in empty:
            by_block.setdefault(self.core.contributions[target][0].block, []).append(target)
        return [target for block, members in by_block.items() for target in self._empty_in(self.blocks[block], members)]

    def prove_constant(self, targets: Sequence[int]) -> None:
        """Prove the ends of targets that have one possible value, many at once.

        A sum of counts with random weights has one possible value only if each count has: another value of a count
        would change a sum with weights up to WEIGHT, except with probability 1/WEIGHT. TRIALS sums are tried.
        """
        by_block: dict[int, set[int]] = {}
        for share in (share for target in targets for share in self.core.contributions[target]):
            if not self.blocks[share.block].trivial:
                by_block.setdefault(share.block, set()).add(share.number)
        for number, sums in by_block.items():
            self._prove_constant_sums(number, sorted(sums))

    def _prove_constant_sums(self, number: int, sums: list[int]) -> None:
        """Prove the constant sums among some sums of a block; leave out those that differ at a vertex."""
        block = self.blocks[number]
        while sums and time.thread_time() < self.deadline:
            differing = self._differing(block, sums)
            if not differing:
                values = np.rint(block.part.requested[sums] @ block.point).astype(int)
                for one, value in zip(sums, values.tolist(), strict=True):
                    self._proved[number, one] = {1.0: (value, INTEGERS), -1.0: (-value, INTEGERS)}
                return
            sums = [one for one in sums if one not in differing]

    def _differing(self, block: BlockSearch, sums: list[int]) -> set[int]:
        """Return sums that differ from the start at some vertex.

        The vertex is that of a sum with random weights. If this sum cannot differ, return none.
        """
        rng = np.random.default_rng(len(sums))
        for _ in range(TRIALS):
            push = np.zeros(len(block.low))
            push[sums] = rng.integers(1, WEIGHT, len(sums))
            cost = block.part.requested.T @ push
            for sign in (1.0, -1.0):
                least, point = block.extremes.point(sign * cost)
                if abs(least - sign * float(cost @ block.point)) > TOLERANCE:
                    change = np.abs(block.part.requested[sums] @ (point - block.point))
                    return {sums[place] for place in np.flatnonzero(change >= min(TOLERANCE, change.max()))}
        return set()

    def _block_of(self, target: int) -> BlockSearch:
        return self.blocks[self.core.contributions[target][0].block]

    def _empty_in(self, block: BlockSearch, targets: list[int]) -> list[int]:
        """Return the targets within one block that are certainly 0."""
        numbers = {target: self.core.contributions[target][0].number for target in targets}
        while targets and time.thread_time() < self.deadline:
            push = np.zeros(len(block.low))
            np.subtract.at(push, [numbers[target] for target in targets], 1.0)  # two targets can share a sum
            value, point = block.extremes.point(block.part.requested.T @ push)
            integers = block.extremes.as_integers(point)
            if integers is not None:
                block.record_witness(integers)
                self._reached = None
            people = block.part.requested @ point
            counts = {target: people[numbers[target]] + self.core.constant[target] for target in targets}
            if -value + sum(self.core.constant[target] for target in targets) <= EPSILON:
                return targets
            kept = [target for target in targets if counts[target] <= EPSILON]
            if len(kept) == len(targets):
                return []
            targets = kept
        return []

    def _is_safe(self, target: int, *, must_be_wide: bool) -> bool | None:
        """Return whether a target is safe; None when integer programming did not decide in time."""
        threshold = self.threshold
        if _is_wide_range(*self.shown(target), threshold):
            return True  # a witness for another target shows it
        signs = (1.0, -1.0) if self.shown(target)[0] >= threshold else (-1.0, 1.0)
        for effort in EFFORTS:
            for sign in signs:
                bottom, top = self._bounds(target, sign, effort)
                low, high = self.shown(target)
                is_large_or_empty = (bottom >= threshold or top == 0) and not must_be_wide
                if is_large_or_empty or _is_wide_range(low, high, threshold):
                    return True
                can_be_small = high > 0 and (low < threshold or must_be_wide)
                if can_be_small and not _is_wide_range(bottom, top, threshold):
                    return False
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
        idle, deadline = 0, min(time.thread_time() + SWEEP, self.deadline)
        for turn in range(ROUNDS):
            start = time.thread_time()
            open_ = is_requested & (block.high - block.low < self.threshold - 1)
            before = int(open_.sum())
            if before == 0 or idle > min(PATIENCE, before) or time.thread_time() > deadline:
                break
            push = np.where(open_, rng.uniform(0.5, 1.5, len(open_)), 0.0)
            block.visit(-push if turn % 2 else push * rng.choice([-1.0, 1.0], len(open_)))
            gained = before - int((is_requested & (block.high - block.low < self.threshold - 1)).sum())
            idle = 0 if gained * ALONE > time.thread_time() - start else idle + 1
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
        for effort in EFFORTS:
            for sign in (1.0, -1.0):
                if effort == VERTEX or time.thread_time() < self.deadline:
                    bottom, top = self._bounds(target, sign, effort)
        return bottom, top

    def _bounds(self, target: int, sign: float, effort: int) -> tuple[int, int]:
        """Return proved bounds of a target, after an attempt to prove one of its ends."""
        ends = [round(float(self.core.constant[target]))] * 2
        for share in self.core.contributions[target]:
            proved = self._proved.setdefault((share.block, share.number), {})
            self._prove(self.blocks[share.block], share.number, sign, proved, effort)
            ends[0] += proved.get(1.0, (int(self.blocks[share.block].least[share.number]), 0))[0]
            ends[1] -= proved.get(-1.0, (-int(self.blocks[share.block].most[share.number]), 0))[0]
        return ends[0], ends[1]

    def _prove(
        self, block: BlockSearch, number: int, sign: float, proved: dict[float, tuple[int, int]], effort: int
    ) -> None:
        """Prove one end of a requested sum, unless the same effort was made or a witness reaches the bound."""
        bound, made = proved.get(sign, (None, -1))
        if bound is not None and (made >= effort or bound >= block.reached(number, sign)):
            return
        fresh = block.end(number, sign, effort)
        proved[sign] = max(fresh, fresh if bound is None else bound), effort
        self._limit_open_models(block)

    def intervals(self, cells: Iterable[int]) -> dict[int, tuple[int, int]]:
        """Return the feasible integers of cells."""
        by_cell = {}
        for cell in cells:
            target = int(self.core.place[cell])
            by_cell[cell] = (int(self.core.value[cell]),) * 2 if target < 0 else self.ends_of(target)
        return by_cell
