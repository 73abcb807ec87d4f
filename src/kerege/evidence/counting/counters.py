"""Counters in memory: their layout, the counting of rows, and the counts at the end."""

from __future__ import annotations

from collections.abc import Sequence
from math import comb
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from kerege.base.errors import BadInput, Fault
from kerege.evidence.counting import kernels
from kerege.evidence.counting.address_layout import AddressLayout, CellLayout, number_cells
from kerege.evidence.counting.marginal_counts import Codes, Counts, Numbering, list_column_choices
from kerege.evidence.counting.row_weights import Weights

MOST_DENSE = 1 << 26  # counters of 4 bytes in an array; all others share a hash table
FEWEST_PLACES = 1 << 12  # slots of a new hash table
MOST_A_ROW = 1 << 24  # most combinations of one row


class CodedRows(NamedTuple):
    """Rows as codes: an array (slots, rows) of 8, 16 or 32 bits; codes start at 1, and 0 is not reported.

    `owner` is the column of each slot. A multi-valued column has as many slots as any row reports values.
    """

    codes: NDArray[np.uint8]
    owner: Codes

    @property
    def rows(self) -> int:
        """Return the number of rows."""
        return int(self.codes.shape[1])


class Layout:
    """Addresses of the counters of all combinations of up to `order` columns.

    The largest columns are outermost. A stripe holds the counters that share all values but the last. A block holds the
    stripes of one choice of columns, the last column left open. Blocks lie in order of size. The first `dense`
    addresses are an array; the others share a hash table.
    """

    def __init__(self, sizes: Sequence[int], order: int, dense: int) -> None:
        self.sizes = np.array(sizes, dtype=np.int64)
        self.order = order
        self.column = np.argsort(-self.sizes, kind="stable")
        self.size = self.sizes[self.column]
        self.start = np.concatenate([[0], np.cumsum(self.size)])
        self.width = self.start[-1] - self.start[1:]
        self.level = np.concatenate([[0], np.cumsum([comb(len(sizes), t) for t in range(order - 1)], dtype=np.int64)])
        chosen = [list_column_choices(len(sizes), length) for length in range(1, order)]
        self.prefixes = np.concatenate([[[-1] * (order - 1)], *map(self._padded, chosen)])
        lengths = np.repeat(np.arange(order), [1, *map(len, chosen)])
        cells = np.concatenate([[self.start[-1]], *map(self._cells, chosen)])
        self._place(cells, lengths, max(dense, int(self.start[-1])))

    def _padded(self, chosen: Codes) -> Codes:
        return np.pad(chosen, ((0, 0), (0, self.order - 1 - chosen.shape[1])), constant_values=-1)

    def _cells(self, chosen: Codes) -> Counts:
        return np.asarray(self.size[chosen].prod(axis=1) * self.width[chosen[:, -1]])

    def _place(self, cells: Counts, lengths: Counts, dense: int) -> None:
        """Assign the first address of each block; the counters of single values come first."""
        order = np.concatenate([[0], 1 + np.argsort(cells[1:], kind="stable")])
        cells, self.prefixes, self.lengths = cells[order], self.prefixes[order], lengths[order]
        ends = np.cumsum(cells)
        arrays = int(np.searchsorted(ends, dense, side="right"))
        self.dense = int(ends[arrays - 1])
        self.sparse = arrays < len(cells)
        self.first = ends - cells
        self.first[arrays:] += self.start[-1]  # a gap, larger than any offset that the loops add to a base

    def plan(self) -> kernels.StripePlan:
        """Return the layout in the form that the compiled loops read."""
        base = np.zeros((self.level[-1], len(self.size)), dtype=np.int64)
        choose = np.array([[comb(c, t + 1) for c in range(len(self.size))] for t in range(self.order)], dtype=np.int64)
        for length in range(1, self.order):
            blocks = np.flatnonzero(self.lengths == length)
            prefix, last = self.prefixes[blocks, : length - 1], self.prefixes[blocks, length - 1]
            rank = self.level[length - 1] + sum(choose[t][prefix[:, t]] for t in range(length - 1))
            before = self.start[last + 1] + self.start[last] * self.width[last]
            base[rank, last] = self.first[blocks] - before
        return kernels.StripePlan(
            start=_words(self.start[:-1]),
            size=_words(self.size),
            width=_words(self.width),
            base=_words(base),
            level=_words(self.level),
            choose=_words(choose),
            order=self.order,
        )

    def cells(self, addresses: Counts, places: Sequence[Codes], numbering: Numbering) -> Counts:
        """Return the cell numbers of ascending addresses.

        `places` maps the codes of each column to its final codes.
        """
        owner = np.repeat(np.arange(len(self.size)), self.size)
        layout = (self.first, self.prefixes, self.lengths, self.start, self.size, self.width, owner)
        starts = np.cumsum([0, *map(len, places)])
        codes = np.concatenate([*places, np.zeros(1, dtype=np.int64)])
        tables = np.concatenate(numbering.first)
        level = np.cumsum([0, *map(len, numbering.first)])
        numbers = (self.column, starts, codes, numbering.sizes, numbering.choose, tables, level)
        return number_cells(
            addresses.astype(np.uint64), AddressLayout(*map(_words, layout)), CellLayout(*map(_words, numbers))
        )


def _words(numbers: Counts) -> NDArray[np.uint64]:
    return np.asarray(numbers).astype(np.uint64)


class Counter:
    """The counters of one layout, filled by one thread; rows come in any order.

    `weights` as `check_weights` returns them.
    """

    def __init__(self, layout: Layout, weights: Weights | None = None) -> None:
        self.layout = layout
        self.weights = np.ones((1, layout.order), dtype=np.uint32) if weights is None else weights.astype(np.uint32)
        self.lengths: list[Counts] = []
        self.plan = layout.plan()
        self.position = np.argsort(layout.column)
        self.used = 0
        self.dense = np.zeros(layout.dense, dtype=np.uint32)
        self._empty(FEWEST_PLACES if layout.sparse else 1)

    def _empty(self, places: int) -> None:
        self.keys, self.hits = np.zeros(places, dtype=np.uint64), np.zeros(places, dtype=np.uint32)

    def add(self, coded: CodedRows) -> None:
        """Count rows.

        The hash table stays at most three quarters full. It grows when one more row could exceed that.
        """
        slots = np.argsort(self.position[coded.owner], kind="stable")
        owner = self.position[coded.owner[slots]].astype(np.uint16)
        row_most = _most_combinations(len(slots), self.layout.order) if self.layout.sparse else 0
        tally = kernels.RowTally(self.weights, np.zeros(len(slots) + 1, dtype=np.int64))
        self.lengths.append(tally.lengths)
        at, rows = 0, coded.rows
        while at < rows:
            most = 3 * len(self.keys) // 4 - row_most if self.layout.sparse else 0
            if most >= self.used:
                store = kernels.CounterStore(self.dense, self.keys, self.hits)
                at, self.used = kernels.count(coded.codes, slots, owner, self.plan, store, tally, at, self.used, most)
            if at < rows:
                self._grow()

    def _grow(self) -> None:
        keys, hits = self.keys, self.hits
        self._empty(2 * len(keys))
        kernels.move(keys, hits, self.keys, self.hits)

    def nonzero(self) -> tuple[Counts, Counts]:
        """Return the addresses of the counters that are not zero, ascending, and their counts."""
        dense, hashed = np.flatnonzero(self.dense), np.flatnonzero(self.hits)
        hashed = hashed[np.argsort(self.keys[hashed])]
        addresses = np.concatenate([dense, self.keys[hashed].astype(np.int64) - 1])
        return addresses, np.concatenate([self.dense[dense], self.hits[hashed]]).astype(np.int64)


def _most_combinations(slots: int, order: int) -> int:
    """Return the largest possible number of combinations of one row; raises BadInput above MOST_A_ROW."""
    most = sum(comb(slots, length) for length in range(2, order + 1))
    if most > MOST_A_ROW:
        raise BadInput(Fault(f"a row could have {most:,} combinations", "take a lower order or fewer columns"))
    return most
