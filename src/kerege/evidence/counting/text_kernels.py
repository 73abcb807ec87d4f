"""Compiled loops that number the values of a column."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from kerege.evidence.numerics.jit import ODD, ONE, ZERO, compiled, inlined

Words = NDArray[np.uint64]
Small = NDArray[np.uint32]
Rows = NDArray[np.int64]
Bits = NDArray[np.uint8]
THREE, SEVEN, HALF = np.uint64(3), np.uint64(7), np.uint64(32)


@compiled
def number_texts(views: Words, valid: Bits, skip: int, numbers: Small) -> Rows:
    """Number the distinct valid texts from 1 into `numbers`; return the row of each first occurrence.

    `views` is an Arrow string view buffer of two words for each value. A text of up to 12 bytes is contained in its
    words; a longer text is referenced by its position. Equal long texts may therefore get several numbers; different
    texts never share one. Invalid values (Arrow bitmap `valid`, after `skip` bits) and the empty text get 0.
    """
    places, seen = np.zeros(256, np.uint32), np.zeros((64, 3), np.uint64)
    places[_find(ZERO, ZERO, places, seen)] = 1
    at, used = _number(views, valid, skip, numbers, places, seen, 0, 1)
    while at < len(numbers):
        places, seen = _enlarge(seen)
        at, used = _number(views, valid, skip, numbers, places, seen, at, used)
    return seen[1:used, 2].astype(np.int64)


@compiled
def _number(
    views: Words, valid: Bits, skip: int, numbers: Small, places: Small, seen: Words, at: int, used: int
) -> tuple[int, int]:
    """Number views from row `at` on until the hash table is full; return next row and used entries.

    An invalid value is looked up as the empty text: a branch that the processor cannot predict costs more.
    """
    for row in range(at, len(numbers)):
        word, mask = np.uint64(2 * row), ZERO - _bit(valid, skip + row)
        low, high = views[word] & mask, views[word + ONE] & mask
        place = _find(low, high, places, seen)
        if places[place] == 0:
            if used == len(seen):
                return row, used
            seen[used, 0], seen[used, 1], seen[used, 2] = low, high, row
            used += 1
            places[place] = used
        numbers[row] = places[place] - 1
    return len(numbers), used


@inlined
def _bit(bits: Bits, place: int) -> np.uint64:
    """Return a bit of an Arrow bitmap: 0 or 1."""
    at = np.uint64(place)
    return (np.uint64(bits[at >> THREE]) >> (at & SEVEN)) & ONE


@inlined
def _find(low: np.uint64, high: np.uint64, places: Small, seen: Words) -> np.uint64:
    """Return the position of two words in the hash table, or the free position for them.

    An entry of the table is number + 1.
    """
    mask = np.uint64(len(places) - 1)
    mixed = (low ^ (high * ODD)) * ODD
    place = ((mixed ^ (mixed >> HALF)) * ODD >> HALF) & mask
    while places[place]:
        number = np.uint64(places[place]) - ONE
        if seen[number, ZERO] == low and seen[number, ONE] == high:
            return place
        place = (place + ONE) & mask
    return place


@compiled
def _enlarge(seen: Words) -> tuple[Small, Words]:
    """Return the same hash table with four times the places."""
    places, more = np.zeros(16 * len(seen), np.uint32), np.zeros((4 * len(seen), 3), np.uint64)
    for number in range(len(seen)):  # entry by entry: a slice would add 5 s to the compilation
        for part in range(3):
            more[number, part] = seen[number, part]
    for number in range(len(seen)):
        places[_find(seen[number, 0], seen[number, 1], places, more)] = number + 1
    return places, more


@compiled
def number_integers(values: NDArray[np.int32], valid: Bits, skip: int, low: int, numbers: Small, seen: Small) -> None:
    """Number whole numbers by their distance from `low` - 1, 0 where not valid; mark them in `seen`."""
    base = np.int64(low - 1)
    for row in range(len(values)):
        number = np.uint64((np.int64(values[row]) - base) * np.int64(_bit(valid, skip + row)))
        numbers[row] = number
        seen[number] = 1
    seen[0] = 0


@compiled
def renumber(numbers: Small, codes: Small, out: NDArray[np.uint8]) -> None:
    """Write the code of each number into `out`."""
    for row in range(len(numbers)):
        out[row] = codes[np.uint64(numbers[row])]
