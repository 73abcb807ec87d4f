"""What is left of a system when everything that is certain has been worked out: small independent programmes.

Bounds are carried along the equations until nothing moves, unknowns that must be equal become one, and so do those that
no figure tells apart; what remains falls into blocks that share no equation. All of it keeps every feasible register.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import scipy.sparse as sp
from scipy.sparse.csgraph import connected_components

from kerege.evidence.sdc.constraints.linear_system import Floats, Ints, Rules
from kerege.evidence.sdc.constraints.multi_table import Joint

PASSES, SLACK, LARGE = 40, 1e-6, 2.0**52


class Contradiction(Exception):
    """No register fits all the tables."""


@dataclass(frozen=True)
class Part:
    """A block: unknowns with bounds, equations, and the sums over them that are asked for."""

    columns: Ints
    matrix: sp.csr_matrix
    low: Floats
    high: Floats
    lower: Floats
    upper: Floats
    asked: sp.csr_matrix


@dataclass(frozen=True)
class Share:
    """What a block contributes to a cell: the sum of that number, asked of that block."""

    part: int
    number: int


class Core:
    """The reduced system. Cells that are published exactly are left out; all others are `targets`."""

    def __init__(self, joint: Joint, *, tight: bool = False) -> None:
        lower, upper = joint.known(tight=tight)
        if (lower > upper).any():
            raise Contradiction
        self.targets = np.flatnonzero(lower < upper)
        self.place = np.full(len(lower), -1, dtype=np.int64)
        self.place[self.targets] = np.arange(len(self.targets))
        self.value = lower  # of cells that are no targets
        told = np.flatnonzero((lower > 0) | np.isfinite(upper))
        rows = Rules(
            sp.vstack([joint.rules.matrix, joint.sums[told]]).tocsr(),
            np.concatenate([joint.rules.low, lower[told]]),
            np.concatenate([joint.rules.high, upper[told]]),
        )
        size = joint.sums.shape[1]
        self.home, self.fixed = np.arange(size), np.zeros(size)
        self.lower, self.upper = np.zeros(size), np.full(size, joint.most)
        self.rows = _distinct(rows)
        self._reduce()
        self.asked = self._onto(joint.sums[self.targets])
        self._constant()
        self._together()
        self._split()

    def _reduce(self) -> None:
        while True:
            self._propagate()
            self._drop_fixed()
            if not self._unite():
                return

    def _propagate(self) -> None:
        """Carry bounds along the equations; drops equations that can say no more."""
        for _ in range(PASSES):
            matrix, low, high = self.rows.matrix, self.rows.low, self.rows.high
            plus, minus = matrix.maximum(0), matrix.minimum(0)
            least = plus @ self.lower + minus @ self.upper
            most = plus @ self.upper + minus @ self.lower
            if (least > high + SLACK).any() or (most < low - SLACK).any():
                raise Contradiction
            kept = (least < low) | (most > high)
            if not kept.all():
                self.rows = Rules(matrix[kept], low[kept], high[kept])
                least, most = least[kept], most[kept]
            if not self._tighten(least, most):
                return

    def _tighten(self, least: Floats, most: Floats) -> bool:
        """Bounds of each unknown from each equation it is in; whether any moved."""
        matrix, low, high = self.rows.matrix, self.rows.low, self.rows.high
        row = np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr))
        cell, value = matrix.indices, matrix.data
        up = value > 0
        small, large = self.lower[cell], self.upper[cell]
        with np.errstate(invalid="ignore"):
            room = high[row] - (least[row] - value * np.where(up, small, large))
            need = low[row] - (most[row] - value * np.where(up, large, small))
        room[np.abs(least[row]) > LARGE] = np.inf
        need[np.abs(most[row]) > LARGE] = -np.inf
        top, bottom = np.where(up, room, need) / value, np.where(up, need, room) / value
        upper, lower = self.upper.copy(), self.lower.copy()
        np.minimum.at(upper, cell, np.floor(top + SLACK))
        np.maximum.at(lower, cell, np.ceil(bottom - SLACK))
        if (lower > upper).any():
            raise Contradiction
        moved = bool((upper < self.upper).any() or (lower > self.lower).any())
        self.upper, self.lower = upper, lower
        return moved

    def _drop_fixed(self) -> None:
        """Leave out the unknowns whose value is certain."""
        done = self.lower == self.upper
        if not done.any():
            return
        mine = self.home >= 0
        certain = mine & done[np.where(mine, self.home, 0)]
        self.fixed[certain] += self.lower[self.home[certain]]
        rest = self.rows.matrix @ np.where(done, self.lower, 0.0)
        self.rows = Rules(self.rows.matrix, self.rows.low - rest, self.rows.high - rest)
        number = np.cumsum(~done) - 1
        self._renumber(np.where(done, -1, number), int((~done).sum()))

    def _renumber(self, number: Ints, size: int) -> None:
        """Give the unknowns other numbers, several of them perhaps the same; -1 leaves one out."""
        kept = np.flatnonzero(number >= 0)
        onto = sp.csr_matrix((np.ones(len(kept)), (kept, number[kept])), shape=(len(number), size))
        matrix = (self.rows.matrix @ onto).tocsr()
        matrix.eliminate_zeros()
        self.rows = _distinct(Rules(matrix, self.rows.low, self.rows.high))
        self.home = np.where(self.home >= 0, number[np.where(self.home >= 0, self.home, 0)], -1)
        lower, upper = np.full(size, -np.inf), np.full(size, np.inf)
        np.maximum.at(lower, number[kept], self.lower[kept])
        np.minimum.at(upper, number[kept], self.upper[kept])
        self.lower, self.upper = lower, upper

    def _unite(self) -> bool:
        """Make one of unknowns that must be equal; whether there were any."""
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

    def _onto(self, sums: sp.csr_matrix) -> sp.csr_matrix:
        """Sums over the unknowns that were at first as sums over those that are left."""
        mine = np.flatnonzero(self.home >= 0)
        onto = sp.csr_matrix((np.ones(len(mine)), (mine, self.home[mine])), shape=(len(self.home), len(self.lower)))
        self.constant = sums @ self.fixed
        found = (sums @ onto).tocsr()
        found.eliminate_zeros()
        return found

    def _constant(self) -> None:
        plus, minus = self.asked.maximum(0), self.asked.minimum(0)
        self.least = self.constant + plus @ self.lower + minus @ self.upper
        self.most = self.constant + plus @ self.upper + minus @ self.lower

    def _together(self) -> None:
        """Make one of unknowns that no equation and no cell tells apart: their bounds add up."""
        both = sp.vstack([self.rows.matrix, self.asked]).tocsc()
        both.sort_indices()
        seen: dict[tuple[bytes, bytes], int] = {}
        self.group = np.array(
            [
                seen.setdefault((both.indices[a:b].tobytes(), both.data[a:b].tobytes()), len(seen))
                for a, b in zip(both.indptr[:-1], both.indptr[1:], strict=True)
            ],
            dtype=np.int64,
        )
        self.single = self.lower.copy(), self.upper.copy()
        first = np.unique(self.group, return_index=True)[1] if len(self.group) else self.group
        self.rows = Rules(self.rows.matrix[:, first].tocsr(), self.rows.low, self.rows.high)
        self.asked = self.asked[:, first].tocsr()
        self.lower = np.bincount(self.group, weights=self.lower, minlength=len(first))
        self.upper = np.bincount(self.group, weights=self.upper, minlength=len(first))

    def _split(self) -> None:
        """Blocks that share no equation, and what each contributes to each cell."""
        matrix = self.rows.matrix
        ties = sp.bmat([[None, matrix], [matrix.T, None]]) if matrix.shape[0] else sp.csr_matrix((matrix.shape[1],) * 2)
        count, label = connected_components(ties, directed=False)
        rows, columns = label[: matrix.shape[0]], label[matrix.shape[0] :]
        self.parts: list[Part] = []
        self.shares: list[list[Share]] = [[] for _ in self.targets]
        if not len(columns):
            return
        asked = self.asked.tocoo()
        order = np.lexsort((asked.col, asked.row, columns[asked.col]))
        entries = asked.row[order], asked.col[order], asked.data[order]
        edges = np.searchsorted(columns[entries[1]], np.arange(count + 1))
        by_column, by_row = np.argsort(columns, kind="stable"), np.argsort(rows, kind="stable")
        column_edges = np.searchsorted(columns[by_column], np.arange(count + 1))
        row_edges = np.searchsorted(rows[by_row], np.arange(count + 1))
        for block in range(count):
            a, b = edges[block], edges[block + 1]
            if a < b:
                mine = by_column[column_edges[block] : column_edges[block + 1]]
                own = by_row[row_edges[block] : row_edges[block + 1]]
                self._part(mine, own, *(each[a:b] for each in entries))

    def _part(self, columns: Ints, rows: Ints, row: Ints, column: Ints, value: Floats) -> None:
        local = np.searchsorted(columns, column)
        edges = [0, *(np.flatnonzero(np.diff(row)) + 1).tolist(), len(row)]
        seen: dict[tuple[bytes, bytes], int] = {}
        kept: list[tuple[int, int]] = []
        for a, b in pairwise(edges):
            key = (local[a:b].tobytes(), value[a:b].tobytes())
            number = seen.setdefault(key, len(seen))
            if number == len(kept):
                kept.append((a, b))
            self.shares[row[a]].append(Share(len(self.parts), number))
        spans = np.cumsum([0, *[b - a for a, b in kept]])
        places = np.concatenate([np.arange(a, b) for a, b in kept])
        asked = sp.csr_matrix((value[places], local[places], spans), shape=(len(kept), len(columns)))
        matrix = self.rows.matrix[rows][:, columns].tocsr()
        self.parts.append(Part(columns, matrix, self.rows.low[rows], self.rows.high[rows], self.lower[columns],
                               self.upper[columns], asked))  # fmt: skip

    def whole(self, point: Ints) -> Ints:
        """The kinds of people at first, from a point of the reduced unknowns."""
        lower, upper = self.single
        single = lower.copy()
        rest = point - np.bincount(self.group, weights=lower, minlength=len(point))
        for each in range(len(single)):  # whoever is not told apart is put into the first that has room
            more = min(rest[self.group[each]], upper[each] - lower[each])
            single[each] += more
            rest[self.group[each]] -= more
        mine = self.home >= 0
        found = self.fixed.copy()
        found[mine] += single[self.home[mine]]
        return np.rint(found).astype(np.int64)

    def reduced(self, people: Ints) -> Ints:
        """The reduced unknowns of given people who fit."""
        mine = np.flatnonzero(self.home >= 0)
        single = np.zeros(len(self.group))
        single[self.home[mine]] = people[mine]
        return np.rint(np.bincount(self.group, weights=single, minlength=len(self.lower))).astype(np.int64)

    def ends(self, cells: Iterable[int]) -> dict[int, tuple[int, int]]:
        """What is certain of cells without any programme: published figures, and bounds carried along."""
        found = {}
        for cell in cells:
            at = self.place[cell]
            found[cell] = (int(self.value[cell]),) * 2 if at < 0 else (int(self.least[at]), int(self.most[at]))
        return found


def _distinct(rules: Rules) -> Rules:
    """Equations with the same left side become one; those without any unknown are checked and dropped."""
    matrix = rules.matrix.tocsr()
    matrix.sort_indices()
    empty = np.diff(matrix.indptr) == 0
    if (empty & ((rules.low > SLACK) | (rules.high < -SLACK))).any():
        raise Contradiction
    seen: dict[tuple[bytes, bytes], int] = {}
    home = np.full(matrix.shape[0], -1, dtype=np.int64)
    for row in np.flatnonzero(~empty).tolist():
        a, b = matrix.indptr[row], matrix.indptr[row + 1]
        home[row] = seen.setdefault((matrix.indices[a:b].tobytes(), matrix.data[a:b].tobytes()), len(seen))
    low, high = np.full(len(seen), -np.inf), np.full(len(seen), np.inf)
    mine = home >= 0
    np.maximum.at(low, home[mine], rules.low[mine])
    np.minimum.at(high, home[mine], rules.high[mine])
    if (low > high + SLACK).any():
        raise Contradiction
    first = np.unique(home[mine], return_index=True)[1] if mine.any() else np.zeros(0, dtype=np.int64)
    return Rules(matrix[np.flatnonzero(mine)[first]], low, high)
