"""A table as it would be without errors of linkage, in whole people; of many tables at once for a bootstrap."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from kerege.evidence.mse.lists import Counts, Lists

Floats = NDArray[np.float64]
DIGITS = 6  # of a person: another processor must not decide who is rounded up


@dataclass(frozen=True)
class Undo:
    """Takes errors out of tables of the same lists.

    given: the lists as they were counted. matrix: (2^t, 2^t) transition of these errors, the history 0 left alone.
    """

    given: Lists
    matrix: Floats = field(repr=False)

    def expected(self, dense: NDArray[np.int64]) -> Floats:
        """Tables (B, 2^t) without errors, before rounding; below 0 where errors alone would make a larger overlap."""
        found = np.zeros(dense.shape)
        found[:, 1:] = np.linalg.solve(self.matrix[1:, 1:], dense[:, 1:].T.astype(np.float64)).T
        return np.round(found, DIGITS)

    def __call__(self, counts: Counts) -> Counts:
        """Tables (B, C) of the histories of `given`, in whole people.

        No other history has anybody: errors take from combinations of lists and give to their parts and to pairs, so
        that where nobody was counted at most 0 are expected.
        """
        tables: Counts = whole(self.expected(self.given.resampled(counts)))[:, self.given.histories]
        return tables


def whole(expected: Floats) -> NDArray[np.int64]:
    """Whole people in every row: what is below 0 is nobody, and largest remainders keep the total."""
    kept = np.maximum(expected, 0.0)
    found: NDArray[np.int64] = np.floor(kept).astype(np.int64)
    missing = np.rint(kept.sum(axis=1)).astype(np.int64) - found.sum(axis=1)
    rank = np.argsort(np.argsort(found - kept, axis=1, kind="stable"), axis=1, kind="stable")
    found += rank < missing[:, None]
    return found
