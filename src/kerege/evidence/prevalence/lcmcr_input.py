"""What overlapping lists must be like before a number is made of them."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

LEAST_LISTS, MOST_LISTS = 3, 15
MOST_PEOPLE = 10**12  # sums of squares of larger counts lose the last person in a double


def checked(
    histories: ArrayLike, counts: ArrayLike, least: int = LEAST_LISTS
) -> tuple[NDArray[np.int64], NDArray[np.int64], int]:
    """Return histories that somebody has, in ascending order, their counts and the number of lists.

    Parameters
    ----------
    histories : (C,) integers
        Bit j is set when the people are on list j.
    counts : (C,) whole numbers
        People of each history.
    least : int
        Fewest lists that the method can use.

    Raises
    ------
    ValueError
        One sentence: not as many counts as histories; a count that is negative, fractional or not a number; a
        history twice or of nobody's list; a list nobody is on; too few or too many lists; nobody at all.
    """
    bits = np.atleast_1d(np.asarray(histories))
    people = np.atleast_1d(np.asarray(counts))
    if bits.ndim != 1 or bits.shape != people.shape:
        raise ValueError(f"give one count for each history: there are {bits.size} histories and {people.size} counts")
    if bits.dtype.kind not in "iu":
        raise ValueError("histories must be whole numbers, bit j set for people on list j")
    if people.dtype.kind not in "iuf" or not np.all(np.isfinite(people)):
        raise ValueError("counts must be numbers, and none may be missing")
    if np.any(people < 0) or np.any(people != np.floor(people)):
        raise ValueError("counts must be whole numbers of people, 0 or more")
    if np.any(bits <= 0) or np.any(bits >= 1 << MOST_LISTS):
        raise ValueError(f"every history must be on some list, and on none beyond the {MOST_LISTS}th")
    if len(np.unique(bits)) != len(bits):
        raise ValueError("the same history is given more than once: add its counts up first")
    if people.sum() > MOST_PEOPLE:
        raise ValueError(f"there are more than {MOST_PEOPLE:.0e} people: no lists are that long")
    order = np.argsort(bits)
    bits, people = bits[order].astype(np.int64), people[order].astype(np.int64)
    bits, people = bits[people > 0], people[people > 0]
    if not len(bits):
        raise ValueError("nobody is on any list")
    used = int(np.bitwise_or.reduce(bits))
    lists = used.bit_length()
    if used != (1 << lists) - 1:
        empty = next(j for j in range(lists) if not used >> j & 1)
        raise ValueError(f"nobody is on list {empty + 1}: leave it out")
    if lists < least:
        raise ValueError(f"people are on {lists} lists only, and this method needs at least {least}")
    return bits, people, lists
