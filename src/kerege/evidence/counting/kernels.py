"""Compiled loops over rows that count the combinations of each row's values.

Counters lie in stripes: combinations that share all but their last value are neighbours. A row of ten values therefore
adds to few stretches of memory, and the innermost loop is one addition.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from kerege.evidence.numerics.jit import ODD, ONE, TWO, ZERO, compiled, inlined

Words = NDArray[np.uint64]
Small = NDArray[np.uint32]
Owners = NDArray[np.uint16]
ROWS = 256  # rows that are transposed at a time: their lists of values stay in the first-level cache


class StripePlan(NamedTuple):
    """Addresses of the stripes of each choice of columns.

    Columns are given by position; values are numbered across columns.
    """

    start: Words  # first value of a column
    size: Words  # values of a column
    width: Words  # values of all later columns: the length of a stripe that follows this column
    base: Words  # [prefix, column]: first address of the stripes, minus the offset that the loops add
    level: Words  # number of the first prefix of each length
    choose: Words  # [t, column]: the binomial coefficient "column over t + 1"
    order: int


class CounterStore(NamedTuple):
    """Counters: an array for the first addresses, a hash table (address + 1, count) for all others."""

    dense: Small
    keys: Words
    hits: Small


class RowTally(NamedTuple):
    """Weights of rows, and the number of rows, by the number of values that a row reports."""

    weights: NDArray[np.uint32]  # [values, length - 1]; the last line also serves rows of more values
    lengths: NDArray[np.int64]  # (slots + 1,): rows by the number of values that they report


@compiled
def count(
    codes: NDArray[np.uint8],
    slots: NDArray[np.int64],
    owner: Owners,
    plan: StripePlan,
    store: CounterStore,
    tally: RowTally,
    at: int,
    used: int,
    most: int,
) -> tuple[int, int]:
    """Count rows from `at` on; return the next row and the number of used places in the hash table.

    The loop stops before a row when the hash table holds more than `most`. `codes` (slots, rows): 0 is not reported.
    `slots` are its rows in the order of their columns' positions, `owner`.
    """
    width = len(slots) + 1
    items, owners = np.empty(ROWS * width, np.uint32), np.empty(ROWS * width, np.uint16)
    end, stack = np.empty(ROWS, np.uint64), np.zeros((plan.order, 3), np.uint64)
    several = len(slots) > len(plan.size)
    last = np.uint64(len(tally.weights) - 1)
    while at < codes.shape[1]:
        rows = min(ROWS, codes.shape[1] - at)
        _transpose(codes, slots, owner, plan, at, rows, items, owners, end)
        for r in range(rows):
            if used > most:
                return at + r, used
            first = np.uint64(r * width)
            reported = end[r] - first
            tally.lengths[reported] += 1
            used = _count_row(
                plan, store, tally.weights, min(reported, last), items, owners, first, end[r], stack, several, used
            )
        at += rows
    return at, used


@inlined
def _transpose(
    codes: NDArray[np.uint8],
    slots: NDArray[np.int64],
    owner: Owners,
    plan: StripePlan,
    at: int,
    rows: int,
    items: Small,
    owners: Owners,
    end: Words,
) -> None:
    """Transpose columns of codes into one list of values for each row."""
    width = np.uint64(len(slots) + 1)
    for r in range(rows):
        end[r] = np.uint64(r) * width
    for s in range(len(slots)):
        line, before = codes[slots[s]], plan.start[owner[s]] - ONE
        for r in range(rows):
            code, place = line[at + r], end[r]
            items[place] = before + np.uint64(code)
            owners[place] = owner[s]
            end[r] = place + np.uint64(code != 0)


@inlined
def _count_row(
    plan: StripePlan,
    store: CounterStore,
    weights: Small,
    reported: np.uint64,
    items: Small,
    owners: Owners,
    first: np.uint64,
    end: np.uint64,
    stack: Words,
    several: bool,
    used: int,
) -> int:
    """Count the combinations of one row's values; visit each prefix of up to order - 2 values once.

    The prefixes are visited depth first. A prefix of the columns c_1 < ... < c_t has the number

        rank = C(c_1, 1) + C(c_2, 2) + ... + C(c_t, t)

    among those of its length (the combinatorial number system: Knuth 2011, "The Art of Computer Programming", volume
    4A, section 7.2.1.3), and its values v have the mixed-radix number code = (v_1 size_2 + v_2) size_3 + ... + v_t
    (volume 2, section 4.1). `stack` holds position, code and rank of each shorter prefix.
    """
    _add(store.dense, weights[reported, ZERO], items, ZERO, first, end)
    if plan.order == 1:
        return used
    used = _count_pairs(plan, store, weights[reported, ONE], items, owners, first, end, ZERO, ZERO, several, used)
    if plan.order == 2:
        return used
    deepest = np.uint64(plan.order - 3)
    depth, x = ZERO, first
    while True:
        if x >= end:
            if depth == ZERO:
                return used
            depth -= ONE
            x = stack[depth, ZERO] + ONE
            continue
        column = np.uint64(owners[x])
        code, rank = np.uint64(items[x]) - plan.start[column], plan.choose[depth, column]
        if depth > ZERO:
            code += stack[depth - ONE, ONE] * plan.size[column]
            rank += stack[depth - ONE, TWO]
        y = _after(owners, x, end)
        weight, prefix = weights[reported, depth + TWO], plan.level[depth + ONE] + rank
        used = _count_pairs(plan, store, weight, items, owners, y, end, code, prefix, several, used)
        if depth < deepest:
            stack[depth, ZERO], stack[depth, ONE], stack[depth, TWO] = x, code, rank
            depth, x = depth + ONE, y
        else:
            x += ONE


@inlined
def _count_pairs(
    plan: StripePlan,
    store: CounterStore,
    weight: np.uint32,
    items: Small,
    owners: Owners,
    y: np.uint64,
    end: np.uint64,
    code: np.uint64,
    prefix: np.uint64,
    several: bool,
    used: int,
) -> int:
    """Count all pairs of values from `y` on after a prefix.

    `code` numbers the values of the prefix, `prefix` its columns. The counter of a pair y, z after it has the address

        base[prefix, column of y] + (code * size + y) * width + z

    so that the counters of all z are neighbours.
    """
    if weight == 0:
        return used
    limit = np.uint64(len(store.dense))
    while y + ONE < end:
        column = np.uint64(owners[y])
        base = plan.base[prefix, column] + (code * plan.size[column] + np.uint64(items[y])) * plan.width[column]
        z = _after(owners, y, end) if several else y + ONE
        if base < limit:
            _add(store.dense, weight, items, base, z, end)
        else:
            used = _add_hashed(store, weight, items, base, z, end, used)
        y += ONE
    return used


@inlined
def _after(owners: Owners, x: np.uint64, end: np.uint64) -> np.uint64:
    """Return the first value after `x` that belongs to another column."""
    y = x + ONE
    while y < end and owners[y] == owners[x]:
        y += ONE
    return y


@inlined
def _add(dense: Small, weight: np.uint32, items: Small, base: np.uint64, z: np.uint64, end: np.uint64) -> None:
    """Add the weight to the counter of each value from `z` on, in the array."""
    while z < end:
        dense[base + np.uint64(items[z])] += weight
        z += ONE


@compiled
def _add_hashed(
    store: CounterStore, weight: np.uint32, items: Small, base: np.uint64, z: np.uint64, end: np.uint64, used: int
) -> int:
    """Add the weight to the counter of each value from `z` on, in the hash table; return its used places.

    Linear probing: Knuth 1998, "The Art of Computer Programming", volume 3, section 6.4.
    """
    mask = np.uint64(len(store.keys) - 1)
    while z < end:
        key = base + np.uint64(items[z]) + ONE
        place = _hash(key) & mask
        while store.keys[place] != key:
            if store.keys[place] == ZERO:
                store.keys[place] = key
                used += 1
                break
            place = (place + ONE) & mask
        store.hits[place] += weight
        z += ONE
    return used


@inlined
def _hash(key: np.uint64) -> np.uint64:
    """Return the hash of a key, before reduction to the size of the table: key * 2^64 / golden ratio.

    Multiplicative hashing: Knuth 1998, volume 3, section 6.4. The high half is mixed into the low half, which the table
    uses.
    """
    return (key * ODD) ^ ((key * ODD) >> np.uint64(32))


@compiled
def move(keys: Words, hits: Small, to_keys: Words, to_hits: Small) -> None:
    """Copy a hash table into a larger one."""
    mask = np.uint64(len(to_keys) - 1)
    for old in range(len(keys)):
        if keys[old]:
            place = _hash(keys[old]) & mask
            while to_keys[place]:
                place = (place + ONE) & mask
            to_keys[place], to_hits[place] = keys[old], hits[old]
