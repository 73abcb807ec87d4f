"""The loop over the counters: from the address of each to the number of its cell."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from kerege.evidence.numerics.jit import ONE, ZERO, compiled, inlined

Words = NDArray[np.uint64]


class Shelf(NamedTuple):
    """What addresses mean, as a layout gave them."""

    first: Words  # address of each block
    prefix: Words  # places of its columns but the last
    length: Words  # how many
    start: Words
    size: Words
    width: Words
    owner: Words  # place of the column of each value


class Target(NamedTuple):
    """How cells are numbered."""

    column: Words  # the column at each place
    start: Words  # of each column's codes
    code: Words  # the code at last of each code as it was counted
    size: Words
    choose: Words
    table: Words  # first cells of the tables, length after length
    level: Words  # where each length begins there


@compiled
def number_cells(addresses: Words, shelf: Shelf, target: Target) -> NDArray[np.int64]:
    """The numbers of the cells whose counters have these addresses, which ascend."""
    cells = np.empty(len(addresses), np.int64)
    columns, codes = np.zeros(shelf.prefix.shape[1] + 1, np.uint64), np.zeros(shelf.prefix.shape[1] + 1, np.uint64)
    block = 0
    for number in range(len(addresses)):
        while block + 1 < len(shelf.first) and shelf.first[block + 1] <= addresses[number]:
            block += 1
        _values(addresses[number] - shelf.first[block], block, shelf, target, columns, codes)
        cells[number] = _cell(shelf.length[block] + ONE, target, columns, codes)
    return cells


@inlined
def _values(rest: np.uint64, block: int, shelf: Shelf, target: Target, columns: Words, codes: Words) -> None:
    """Columns and codes of a combination from its place in a block, into the last two."""
    t = shelf.length[block]
    item = rest
    if t > ZERO:
        last = shelf.prefix[block, t - ONE]
        rest, item = rest // shelf.width[last], rest % shelf.width[last] + shelf.start[last + ONE]
    place = shelf.owner[item]
    code = item - shelf.start[place]
    while True:
        columns[t] = target.column[place]
        codes[t] = target.code[target.start[columns[t]] + code]
        if t == ZERO:
            return
        t -= ONE
        place = shelf.prefix[block, t]
        rest, code = rest // shelf.size[place], rest % shelf.size[place]


@inlined
def _cell(length: np.uint64, target: Target, columns: Words, codes: Words) -> np.uint64:
    """The number of a cell; puts its columns in ascending order."""
    rank, place = ZERO, ZERO
    for t in range(np.int64(length)):
        u = t
        while u > 0 and columns[u - 1] > columns[u]:
            columns[u - 1], columns[u] = columns[u], columns[u - 1]
            codes[u - 1], codes[u] = codes[u], codes[u - 1]
            u -= 1
    for t in range(np.int64(length)):
        rank += target.choose[t, columns[t]]
        place = place * target.size[columns[t]] + codes[t]
    return np.uint64(target.table[target.level[length - ONE] + rank] + place)
