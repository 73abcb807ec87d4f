"""Presolve: propagate bounds, aggregate unknowns, split the system into independent blocks.

Bounds are propagated along the equations until none changes. Unknowns that must be equal become one, and so do
unknowns that occur in the same equations and cells. The remaining unknowns form blocks that share no equation.
Every consistent register is kept.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from scipy.sparse.csgraph import connected_components

from kerege.evidence.sdc.constraints.multi_table import JointSystem
from kerege.evidence.sdc.linear.linear_system import Floats, Ints, Rules, stacked

SHARES, FEW = 2, 30  # most people of a merged combination: SHARES times an equal share, at least FEW
PASSES, TOLERANCE, LARGE = 40, 1e-6, 2.0**52


class Contradiction(Exception):
    """No register is consistent with all tables."""


@dataclass(frozen=True)
class ReducedBlock:
    """A block: unknowns with bounds, equations, and the requested sums over them."""

    columns: Ints
    matrix: sp.csr_matrix
    low: Floats
    high: Floats
    lower: Floats
    upper: Floats
    requested: sp.csr_matrix


@dataclass(frozen=True)
class BlockContribution:
    """The contribution of one block to a cell: the requested sum `number` of the block."""

    block: int
    number: int


class ReducedSystem:
    """The reduced system; `targets` are the cells and groups that are not published exactly.

    With `whole`, blocks without targets are kept too, so that points of all blocks make a register.
    """

    def __init__(self, joint: JointSystem, *, tight: bool = False, whole: bool = False) -> None:
        self.whole = whole
        lower, upper = joint.known(tight=tight)
        if (lower > upper).any():
            raise Contradiction
        self.targets = np.flatnonzero(lower < upper)
        self.place = np.full(len(lower), -1, dtype=np.int64)
        self.place[self.targets] = np.arange(len(self.targets))
        self.value = lower  # the exact value of every cell that is not a target
        stated = np.flatnonzero((lower > 0) | np.isfinite(upper))
        rules = joint.rules_with_values(lower, upper)
        rows = stacked([rules, Rules(joint.sums[stated], lower[stated], upper[stated])])
        size = joint.sums.shape[1]
        self.home, self.fixed = np.arange(size), np.zeros(size)
        self.lower, self.upper = np.zeros(size), np.full(size, joint.most)
        self.rows = _merge_rows(rows)
        self._reduce()
        self.requested = self._in_reduced(joint.sums[self.targets])
        self._bound_targets()
        self._merge_indistinct()
        self._split()

    def _reduce(self) -> None:
        """Propagate bounds, drop fixed unknowns and merge equal ones until nothing changes."""
        while True:
            self._propagate()
            self._drop_fixed()
            if not self._merge_equal():
                return

    def _propagate(self) -> None:
        """Propagate bounds along the equations; drop equations that cannot tighten a bound."""
        for _ in range(PASSES):
            matrix, low, high = self.rows.matrix, self.rows.low, self.rows.high
            plus, minus = matrix.maximum(0), matrix.minimum(0)
            least = plus @ self.lower + minus @ self.upper
            most = plus @ self.upper + minus @ self.lower
            if (least > high + TOLERANCE).any() or (most < low - TOLERANCE).any():
                raise Contradiction
            is_binding = (least < low) | (most > high)
            if not is_binding.all():
                self.rows = Rules(matrix[is_binding], low[is_binding], high[is_binding])
                least, most = least[is_binding], most[is_binding]
            if not self._tighten(least, most):
                return

    def _tighten(self, least: Floats, most: Floats) -> bool:
        """Tighten the bounds of each unknown by each of its equations; return whether any bound changed."""
        matrix, low, high = self.rows.matrix, self.rows.low, self.rows.high
        row = np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr))
        cell, value = matrix.indices, matrix.data
        is_positive = value > 0
        small, large = self.lower[cell], self.upper[cell]
        with np.errstate(invalid="ignore"):
            most_allowed = high[row] - (least[row] - value * np.where(is_positive, small, large))
            least_allowed = low[row] - (most[row] - value * np.where(is_positive, large, small))
        most_allowed[np.abs(least[row]) > LARGE] = np.inf
        least_allowed[np.abs(most[row]) > LARGE] = -np.inf
        top, bottom = (
            np.where(is_positive, most_allowed, least_allowed) / value,
            np.where(is_positive, least_allowed, most_allowed) / value,
        )
        upper, lower = self.upper.copy(), self.lower.copy()
        np.minimum.at(upper, cell, np.floor(top + TOLERANCE))
        np.maximum.at(lower, cell, np.ceil(bottom - TOLERANCE))
        if (lower > upper).any():
            raise Contradiction
        moved = bool((upper < self.upper).any() or (lower > self.lower).any())
        self.upper, self.lower = upper, lower
        return moved

    def _drop_fixed(self) -> None:
        """Remove the unknowns whose value is certain."""
        is_fixed = self.lower == self.upper
        if not is_fixed.any():
            return
        is_present = self.home >= 0
        certain = is_present & is_fixed[np.where(is_present, self.home, 0)]
        self.fixed[certain] += self.lower[self.home[certain]]
        fixed_sums = self.rows.matrix @ np.where(is_fixed, self.lower, 0.0)
        self.rows = Rules(self.rows.matrix, self.rows.low - fixed_sums, self.rows.high - fixed_sums)
        number = np.cumsum(~is_fixed) - 1
        self._renumber(np.where(is_fixed, -1, number), int((~is_fixed).sum()))

    def _renumber(self, number: Ints, size: int) -> None:
        """Renumber the unknowns; equal numbers merge unknowns, -1 removes one."""
        remaining = np.flatnonzero(number >= 0)
        onto = sp.csr_matrix((np.ones(len(remaining)), (remaining, number[remaining])), shape=(len(number), size))
        matrix = (self.rows.matrix @ onto).tocsr()
        matrix.eliminate_zeros()
        self.rows = _merge_rows(Rules(matrix, self.rows.low, self.rows.high))
        self.home = np.where(self.home >= 0, number[np.where(self.home >= 0, self.home, 0)], -1)
        lower, upper = np.full(size, -np.inf), np.full(size, np.inf)
        np.maximum.at(lower, number[remaining], self.lower[remaining])
        np.minimum.at(upper, number[remaining], self.upper[remaining])
        self.lower, self.upper = lower, upper

    def _merge_equal(self) -> bool:
        """Merge unknowns that an equation makes equal; return whether there were any."""
        matrix = self.rows.matrix
        pairs = np.flatnonzero((np.diff(matrix.indptr) == 2) & (self.rows.low == 0) & (self.rows.high == 0))
        if not len(pairs):
            return False
        first, second = matrix.indptr[pairs], matrix.indptr[pairs] + 1
        same = matrix.data[first] == -matrix.data[second]
        if not same.any():
            return False
        size = matrix.shape[1]
        ends = matrix.indices[first[same]], matrix.indices[second[same]]
        count, label = connected_components(
            sp.csr_matrix((np.ones(same.sum()), ends), shape=(size, size)), directed=False
        )
        self._renumber(label.astype(np.int64), int(count))
        return True

    def _in_reduced(self, sums: sp.csr_matrix) -> sp.csr_matrix:
        """Return sums over the original unknowns as sums over the reduced unknowns."""
        present = np.flatnonzero(self.home >= 0)
        onto = sp.csr_matrix(
            (np.ones(len(present)), (present, self.home[present])), shape=(len(self.home), len(self.lower))
        )
        self.constant = sums @ self.fixed
        reduced_sums = (sums @ onto).tocsr()
        reduced_sums.eliminate_zeros()
        return reduced_sums

    def _bound_targets(self) -> None:
        """Compute the bounds of each target that follow from the bounds of the unknowns."""
        plus, minus = self.requested.maximum(0), self.requested.minimum(0)
        self.least = self.constant + plus @ self.lower + minus @ self.upper
        self.most = self.constant + plus @ self.upper + minus @ self.lower

    def _merge_indistinct(self) -> None:
        """Merge unknowns that occur in the same equations and targets; their bounds add up."""
        both = sp.vstack([self.rows.matrix, self.requested]).tocsc()
        both.sort_indices()
        numbers: dict[tuple[bytes, bytes], int] = {}
        self.group = np.array(
            [
                numbers.setdefault((both.indices[a:b].tobytes(), both.data[a:b].tobytes()), len(numbers))
                for a, b in zip(both.indptr[:-1], both.indptr[1:], strict=True)
            ],
            dtype=np.int64,
        )
        self.single = self.lower.copy(), self.upper.copy()
        first = np.unique(self.group, return_index=True)[1] if len(self.group) else self.group
        self.rows = Rules(self.rows.matrix[:, first].tocsr(), self.rows.low, self.rows.high)
        self.requested = self.requested[:, first].tocsr()
        self.lower = np.bincount(self.group, weights=self.lower, minlength=len(first))
        self.upper = np.bincount(self.group, weights=self.upper, minlength=len(first))

    def _split(self) -> None:
        """Split the system into blocks that share no equation.

        Record the contribution of each block to each target.
        """
        matrix = self.rows.matrix
        ties = sp.bmat([[None, matrix], [matrix.T, None]]) if matrix.shape[0] else sp.csr_matrix((matrix.shape[1],) * 2)
        count, label = connected_components(ties, directed=False)
        rows, columns = label[: matrix.shape[0]], label[matrix.shape[0] :]
        self.blocks: list[ReducedBlock] = []
        self.contributions: list[list[BlockContribution]] = [[] for _ in self.targets]
        if not len(columns):
            return
        requested = self.requested.tocoo()
        order = np.lexsort((requested.col, requested.row, columns[requested.col]))
        entries = requested.row[order], requested.col[order], requested.data[order]
        edges = np.searchsorted(columns[entries[1]], np.arange(count + 1))
        by_column, by_row = np.argsort(columns, kind="stable"), np.argsort(rows, kind="stable")
        column_edges = np.searchsorted(columns[by_column], np.arange(count + 1))
        row_edges = np.searchsorted(rows[by_row], np.arange(count + 1))
        for block in range(count):
            a, b = edges[block], edges[block + 1]
            if a < b or self.whole:
                own_columns = by_column[column_edges[block] : column_edges[block + 1]]
                own_rows = by_row[row_edges[block] : row_edges[block + 1]]
                self._add_block(own_columns, own_rows, *(array[a:b] for array in entries))

    def _add_block(self, columns: Ints, rows: Ints, row: Ints, column: Ints, value: Floats) -> None:
        """Add one block: its columns and rows, and the requested sums (row, column, value) over its columns."""
        local = np.searchsorted(columns, column)
        edges = [0, *(np.flatnonzero(np.diff(row)) + 1).tolist(), len(row)] if len(row) else [0]
        numbers: dict[tuple[bytes, bytes], int] = {}
        distinct: list[tuple[int, int]] = []
        for a, b in pairwise(edges):
            key = (local[a:b].tobytes(), value[a:b].tobytes())
            number = numbers.setdefault(key, len(numbers))
            if number == len(distinct):
                distinct.append((a, b))
            self.contributions[row[a]].append(BlockContribution(len(self.blocks), number))
        spans = np.cumsum([0, *[b - a for a, b in distinct]])
        places = np.concatenate([np.zeros(0, dtype=np.int64), *[np.arange(a, b) for a, b in distinct]])
        requested = sp.csr_matrix((value[places], local[places], spans), shape=(len(distinct), len(columns)))
        matrix = self.rows.matrix[rows][:, columns].tocsr()
        self.blocks.append(ReducedBlock(columns, matrix, self.rows.low[rows], self.rows.high[rows], self.lower[columns],
                               self.upper[columns], requested))  # fmt: skip

    def expand(self, point: Ints, cost: Floats | None = None) -> Ints:
        """Return the number of people in every original combination, from a point of the reduced unknowns.

        Merged combinations are filled one after another; those of the least `cost` first. With a cost, none of them
        takes all people, so that one register shows many groups to be large.
        """
        lower, upper = self.single
        by_cost = np.arange(len(lower)) if cost is None else np.argsort(self._single_cost(cost), kind="stable")
        order = by_cost[np.argsort(self.group[by_cost], kind="stable")]
        group, room = self.group[order], (upper - lower)[order]
        remaining = point - np.bincount(self.group, weights=lower, minlength=len(point))
        if cost is not None:
            room = self._spread_room(group, room, remaining)
        before = np.cumsum(room) - room
        first = np.searchsorted(group, np.arange(len(point)))
        taken_before = before - before[first][group] if len(group) else before
        single = lower.copy()
        single[order] += np.clip(remaining[group] - taken_before, 0, room)
        is_present = self.home >= 0
        people = self.fixed.copy()
        people[is_present] += single[self.home[is_present]]
        return np.rint(people).astype(np.int64)

    def _spread_room(self, group: Ints, room: Floats, remaining: NDArray[np.number]) -> Floats:
        """Return the room of merged combinations, limited where the limits leave enough room for all people."""
        share = np.ceil(SHARES * remaining / np.maximum(np.bincount(group, minlength=len(remaining)), 1))
        limited = np.minimum(room, np.maximum(share, FEW)[group])
        is_enough = np.bincount(group, limited, minlength=len(remaining)) >= remaining
        return np.where(is_enough[group], limited, room)

    def _single_cost(self, cost: Floats) -> Floats:
        """Return the sum of the costs of the original unknowns that were merged into each single unknown."""
        is_present = self.home >= 0
        weights = cost[is_present].astype(float)
        return np.bincount(self.home[is_present], weights, len(self.group)).astype(float)

    def reduced_cost(self, cost: Floats) -> Floats:
        """Return the least cost of a person in each reduced unknown."""
        reduced = np.full(len(self.lower), np.inf)
        np.minimum.at(reduced, self.group, self._single_cost(cost))
        return reduced

    def unknown_bounds(self) -> tuple[Floats, Floats]:
        """Return lower and upper bounds of every original combination (unknowns,)."""
        ends = []
        for bound in self.single:
            values = self.fixed.copy()
            is_present = self.home >= 0
            values[is_present] += bound[self.home[is_present]]
            ends.append(values)
        return ends[0], ends[1]

    def reduced(self, people: Ints) -> Ints:
        """Return the reduced unknowns of a consistent register."""
        present = np.flatnonzero(self.home >= 0)
        single = np.zeros(len(self.group))
        single[self.home[present]] = people[present]
        return np.rint(np.bincount(self.group, weights=single, minlength=len(self.lower))).astype(np.int64)

    def ends(self, cells: Iterable[int]) -> dict[int, tuple[int, int]]:
        """Return the bounds of cells that presolve proves: published figures and propagated bounds."""
        by_cell = {}
        for cell in cells:
            target = self.place[cell]
            by_cell[cell] = (
                (int(self.value[cell]),) * 2 if target < 0 else (int(self.least[target]), int(self.most[target]))
            )
        return by_cell


def _merge_rows(rules: Rules) -> Rules:
    """Merge equations with the same left side; check and drop equations without unknowns.

    Raises Contradiction.
    """
    matrix = rules.matrix.tocsr()
    matrix.sort_indices()
    empty = np.diff(matrix.indptr) == 0
    if (empty & ((rules.low > TOLERANCE) | (rules.high < -TOLERANCE))).any():
        raise Contradiction
    numbers: dict[tuple[bytes, bytes], int] = {}
    home = np.full(matrix.shape[0], -1, dtype=np.int64)
    for row in np.flatnonzero(~empty).tolist():
        a, b = matrix.indptr[row], matrix.indptr[row + 1]
        home[row] = numbers.setdefault((matrix.indices[a:b].tobytes(), matrix.data[a:b].tobytes()), len(numbers))
    low, high = np.full(len(numbers), -np.inf), np.full(len(numbers), np.inf)
    is_used = home >= 0
    np.maximum.at(low, home[is_used], rules.low[is_used])
    np.minimum.at(high, home[is_used], rules.high[is_used])
    if (low > high + TOLERANCE).any():
        raise Contradiction
    first = np.unique(home[is_used], return_index=True)[1] if is_used.any() else np.zeros(0, dtype=np.int64)
    return Rules(matrix[np.flatnonzero(is_used)[first]], low, high)
