"""Compiled translation of counter addresses into cell numbers."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from kerege.evidence.numerics.jit import ONE, ZERO, compiled, inlined

Words = NDArray[np.uint64]


class AddressLayout(NamedTuple):
    """Blocks of counter addresses, as `counters.Layout` places them: the input coordinates."""

    first: Words  # first address of each block, ascending
    prefix: Words  # [block, t]: positions of its columns, the last column left out
    length: Words  # number of columns in each prefix
    start: Words  # first value of the column at each position, and the number of all values
    size: Words  # number of values of the column at each position
    width: Words  # number of values of all later columns
    owner: Words  # position of the column of each value


class CellLayout(NamedTuple):
    """Numbers of cells, as `marginal_counts.Numbering` gives them: the output coordinates."""

    column: Words  # the column at each position
    start: Words  # where the codes of each column begin in `code`
    code: Words  # the final code of each code that was used while counting
    size: Words  # number of values of each column
    choose: Words  # [t, column]: the binomial coefficient "column over t + 1"
    table: Words  # number of the first cell of each table, tables in order of their number of columns
    level: Words  # where the tables of each number of columns begin in `table`


@compiled
def number_cells(addresses: Words, layout: AddressLayout, cells_of: CellLayout) -> NDArray[np.int64]:
    """Return the cell number of each counter address.

    `addresses` must ascend: the loop moves through the blocks only once.
    """
    cells = np.empty(len(addresses), np.int64)
    columns, codes = np.zeros(layout.prefix.shape[1] + 1, np.uint64), np.zeros(layout.prefix.shape[1] + 1, np.uint64)
    block = 0
    for number in range(len(addresses)):
        while block + 1 < len(layout.first) and layout.first[block + 1] <= addresses[number]:
            block += 1
        _values(addresses[number] - layout.first[block], block, layout, cells_of, columns, codes)
        cells[number] = _cell(layout.length[block] + ONE, cells_of, columns, codes)
    return cells


@inlined
def _values(
    remainder: np.uint64, block: int, layout: AddressLayout, cells_of: CellLayout, columns: Words, codes: Words
) -> None:
    """Decode an address within a block: write its columns and codes into `columns` and `codes`."""
    t = layout.length[block]
    item = remainder
    if t > ZERO:
        last = layout.prefix[block, t - ONE]
        remainder, item = remainder // layout.width[last], remainder % layout.width[last] + layout.start[last + ONE]
    place = layout.owner[item]
    code = item - layout.start[place]
    while True:
        columns[t] = cells_of.column[place]
        codes[t] = cells_of.code[cells_of.start[columns[t]] + code]
        if t == ZERO:
            return
        t -= ONE
        place = layout.prefix[block, t]
        remainder, code = remainder // layout.size[place], remainder % layout.size[place]


@inlined
def _cell(length: np.uint64, cells_of: CellLayout, columns: Words, codes: Words) -> np.uint64:
    """Return the number of a cell; sort its columns in place into ascending order."""
    rank, place = ZERO, ZERO
    for t in range(np.int64(length)):
        u = t
        while u > 0 and columns[u - 1] > columns[u]:
            columns[u - 1], columns[u] = columns[u], columns[u - 1]
            codes[u - 1], codes[u] = codes[u], codes[u - 1]
            u -= 1
    for t in range(np.int64(length)):
        rank += cells_of.choose[t, columns[t]]
        place = place * cells_of.size[columns[t]] + codes[t]
    return np.uint64(cells_of.table[cells_of.level[length - ONE] + rank] + place)
