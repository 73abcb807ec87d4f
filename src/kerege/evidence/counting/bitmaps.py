"""Chosen combinations counted by bitmaps: a bit a row for each value; those set in all of one are counted."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from kerege.evidence.counting.counters import Coded
from kerege.evidence.counting.marginal_counts import Codes, Counts
from kerege.evidence.numerics.jit import ONE, ZERO, compiled, inlined

Words = NDArray[np.uint64]
WORD = 64
ONES, PAIRS, FOURS = np.uint64(0x5555555555555555), np.uint64(0x3333333333333333), np.uint64(0x0F0F0F0F0F0F0F0F)
TOP, SUM, TWO, FOUR = np.uint64(56), np.uint64(0x0101010101010101), np.uint64(2), np.uint64(4)


def count(coded: Coded, first: Codes, items: NDArray[np.int32], weights: Counts) -> Counts:
    """What the rows add to each of `items` (combinations, length), places of values.

    The values of column c have the places from `first[c]` to `first[c + 1]`, in the order of their codes; other codes
    have none. A row that reports k values adds `weights[k]`, or the last of them.
    """
    said = np.count_nonzero(coded.codes, axis=0)
    adds = weights[np.minimum(said, len(weights) - 1)]
    order = np.argsort(adds, kind="stable")
    kinds, rows = np.unique(adds, return_counts=True)
    words = -(-rows // WORD)  # rows of one weight have words of their own
    gaps = np.cumsum(words * WORD - rows) - (words * WORD - rows)
    position = np.empty(coded.rows, dtype=np.int64)
    position[order] = np.arange(coded.rows) + np.repeat(gaps, rows)
    bits = np.zeros((int(first[-1]), int(words.sum())), dtype=np.uint64)
    _set(coded.codes, coded.owner, first, position, bits)
    found = np.zeros(len(items), dtype=np.int64)
    _count(bits, np.repeat(kinds, words).astype(np.int64), items, found)
    return found


@compiled
def _set(
    codes: NDArray[np.uint8],
    owner: NDArray[np.int64],
    first: NDArray[np.int64],
    position: NDArray[np.int64],
    bits: Words,
) -> None:
    for slot in range(len(codes)):
        before, end = first[owner[slot]] - 1, first[owner[slot] + 1]
        for row in range(codes.shape[1]):
            place = before + np.int64(codes[slot, row])
            if codes[slot, row] != 0 and place < end:
                bits[place, position[row] // WORD] |= ONE << np.uint64(position[row] % WORD)


@compiled
def _count(bits: Words, adds: NDArray[np.int64], items: NDArray[np.int32], found: NDArray[np.int64]) -> None:
    for number in range(len(items)):
        total, last = np.int64(0), items.shape[1] - 1
        one, other, third = bits[items[number, 0]], bits[items[number, min(1, last)]], bits[items[number, last]]
        for word in range(len(adds)):
            both = one[word] & other[word] & third[word]
            for more in range(2, last):
                both &= bits[items[number, more], word]
            if both != ZERO:
                total += adds[word] * _ones(both)
        found[number] = total


@inlined
def _ones(word: np.uint64) -> np.int64:
    """How many bits are set."""
    word = word - ((word >> ONE) & ONES)
    word = (word & PAIRS) + ((word >> TWO) & PAIRS)
    word = (word + (word >> FOUR)) & FOURS
    return np.int64((word * SUM) >> TOP)
