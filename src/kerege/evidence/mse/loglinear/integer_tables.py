"""Inverse of linkage errors for tables of lists, in whole people, as a bootstrap needs it."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from kerege.evidence.mse.lists import Counts, Lists

Floats = NDArray[np.float64]
DIGITS = 6  # decimals of a person: rounding hides differences between processors, which would change the result


@dataclass(frozen=True)
class Undo:
    """Correction of linkage errors for tables of the same lists.

    given: the lists as they were counted. matrix: (2^t, 2^t) transition matrix of the errors; history 0 is unchanged.
    """

    given: Lists
    matrix: Floats = field(repr=False)

    @property
    def corrects_missed(self) -> bool:
        """Return whether the errors move people from two lists to one, as missed links do."""
        histories = np.arange(len(self.matrix))
        repeated = (histories & (histories - 1)) != 0
        return bool((np.diagonal(self.matrix)[repeated] < 1).any())

    def expected(self, dense: NDArray[np.int64]) -> Floats:
        """Return the expected tables (B, 2^t) without linkage errors, not rounded, for dense tables (B, 2^t).

        A cell is below 0 if linkage errors alone would cause more overlap than was counted.
        """
        corrected = np.zeros(dense.shape)
        corrected[:, 1:] = np.linalg.solve(self.matrix[1:, 1:], dense[:, 1:].T.astype(np.float64)).T
        return np.round(corrected, DIGITS)

    def __call__(self, counts: Counts) -> Counts:
        """Return corrected tables (B, C) of the histories of `given`, in whole people.

        Other histories stay empty. Errors move people from a combination of lists to its parts and to pairs. So a
        history without counted people has an expected number of at most 0.
        """
        tables: Counts = round_to_people(self.expected(self.given.resampled(counts)))[:, self.given.histories]
        return tables


def round_to_people(expected: Floats) -> NDArray[np.int64]:
    """Round expected tables to whole people: negative cells become 0, each row keeps its total.

    Parameters
    ----------
    expected : (B, C) float64
        Expected people; cells may be negative.

    Returns
    -------
    (B, C) int64
        Whole people. Largest remainders decide which cells are rounded up.

    Notes
    -----
    The method of largest remainders (Hamilton): Balinski and Young 2001, "Fair Representation", Brookings.

    Examples
    --------
    >>> round_to_people(np.array([[1.6, 2.3, 1.1, -0.2]])).tolist()
    [[2, 2, 1, 0]]
    """
    positive = np.maximum(expected, 0.0)
    rounded: NDArray[np.int64] = np.floor(positive).astype(np.int64)
    deficit = np.rint(positive.sum(axis=1)).astype(np.int64) - rounded.sum(axis=1)
    rank = np.argsort(np.argsort(rounded - positive, axis=1, kind="stable"), axis=1, kind="stable")
    rounded += rank < deficit[:, None]
    return rounded
