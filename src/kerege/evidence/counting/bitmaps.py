"""Counts of chosen combinations by bitmaps: one bit for each value and row, joined by a bitwise AND."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from kerege.evidence.counting.counters import CodedRows
from kerege.evidence.counting.marginal_counts import Codes, Counts
from kerege.evidence.numerics.jit import ONE, ZERO, compiled, inlined

Words = NDArray[np.uint64]
WORD = 64
ONES, PAIRS, FOURS = np.uint64(0x5555555555555555), np.uint64(0x3333333333333333), np.uint64(0x0F0F0F0F0F0F0F0F)
TOP, SUM, TWO, FOUR = np.uint64(56), np.uint64(0x0101010101010101), np.uint64(2), np.uint64(4)


def count(coded: CodedRows, first: Codes, items: NDArray[np.int32], weights: Counts) -> Counts:
    """Return the (weighted) number of rows that have each of `items`: an array (combinations,).

    `items` (combinations, length) holds positions of values. The values of column c have the positions from `first[c]`
    to `first[c + 1]`, in the order of their codes; codes beyond these are not counted. A row that reports k values adds
    `weights[k]`, or the last weight when k is larger.
    """
    reported = np.count_nonzero(coded.codes, axis=0)
    row_weights = weights[np.minimum(reported, len(weights) - 1)]
    order = np.argsort(row_weights, kind="stable")
    distinct_weights, rows = np.unique(row_weights, return_counts=True)
    words = -(-rows // WORD)  # rows of different weights never share a word: one popcount serves a word
    gaps = np.cumsum(words * WORD - rows) - (words * WORD - rows)
    position = np.empty(coded.rows, dtype=np.int64)
    position[order] = np.arange(coded.rows) + np.repeat(gaps, rows)
    bits = np.zeros((int(first[-1]), int(words.sum())), dtype=np.uint64)
    _set_bits(coded.codes, coded.owner, first, position, bits)
    counts = np.zeros(len(items), dtype=np.int64)
    _count(bits, np.repeat(distinct_weights, words).astype(np.int64), items, counts)
    return counts


@compiled
def _set_bits(
    codes: NDArray[np.uint8],
    owner: NDArray[np.int64],
    first: NDArray[np.int64],
    position: NDArray[np.int64],
    bits: Words,
) -> None:
    """Set the bit of each value that a row reports; skip codes beyond the known values."""
    for slot in range(len(codes)):
        before, end = first[owner[slot]] - 1, first[owner[slot] + 1]
        for row in range(codes.shape[1]):
            place = before + np.int64(codes[slot, row])
            if codes[slot, row] != 0 and place < end:
                bits[place, position[row] // WORD] |= ONE << np.uint64(position[row] % WORD)


@compiled
def _count(bits: Words, word_weights: NDArray[np.int64], items: NDArray[np.int32], counts: NDArray[np.int64]) -> None:
    """Write the weighted number of common bits of each combination into `counts`."""
    for number in range(len(items)):
        total, last = np.int64(0), items.shape[1] - 1
        first, second, third = bits[items[number, 0]], bits[items[number, min(1, last)]], bits[items[number, last]]
        for word in range(len(word_weights)):
            both = first[word] & second[word] & third[word]
            for further in range(2, last):
                both &= bits[items[number, further], word]
            if both != ZERO:
                total += word_weights[word] * _popcount(both)
        counts[number] = total


@inlined
def _popcount(word: np.uint64) -> np.int64:
    """Return the number of bits that are set in a word."""
    word = word - ((word >> ONE) & ONES)
    word = (word & PAIRS) + ((word >> TWO) & PAIRS)
    word = (word + (word >> FOUR)) & FOURS
    return np.int64((word * SUM) >> TOP)
