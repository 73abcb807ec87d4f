"""Every table of two by two codes that fits what a protected table publishes: an oracle for the audit."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Mask = NDArray[np.bool_]
MOST = 12  # people in one cell


@cache
def every_table() -> Ints:
    """Return all tables (tables, 9 cells) with up to MOST people in each of four cells."""
    a, b, c, d = np.indices((MOST + 1,) * 4).reshape(4, -1)
    return np.stack([a + b + c + d, a + c, b + d, a + b, a, b, c + d, c, d], axis=1)


def consistent(counts: Ints, hidden: Mask, least: int = 1) -> Ints:
    """Return the tables with all published counts, and at least `least` people in each hidden cell."""
    tables = every_table()
    is_kept = (tables[:, ~hidden] == counts[~hidden]).all(axis=1) & (tables[:, hidden] >= least).all(axis=1)
    return tables[is_kept]


def is_safe(lower: int, upper: int, threshold: int) -> bool:
    """Return whether a cell with these ends is safe: certainly large, certainly empty, or wide."""
    return lower >= threshold or upper == 0 or (upper >= threshold and upper - lower >= threshold - 1)


def unsafe_cells(counts: Ints, hidden: Mask, threshold: int, least: int = 1) -> Sequence[int]:
    """Return the cells that are not safe: hidden ones by their ends, published ones that are small."""
    tables = consistent(counts, hidden, least)
    ends = zip(tables.min(axis=0).tolist(), tables.max(axis=0).tolist(), strict=True)
    return [
        cell
        for cell, (lower, upper) in enumerate(ends)
        if (not is_safe(lower, upper, threshold) if hidden[cell] else 0 < counts[cell] < threshold)
    ]
