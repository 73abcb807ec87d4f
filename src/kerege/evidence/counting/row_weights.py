"""Weights of rows: how much a row adds to its combinations, by the number of values that it reports."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from kerege.base.errors import BadInput, Fault

Weights = NDArray[np.int64]  # [values, length - 1]; the last line also serves rows of more values
HEAVIEST = 128  # with this weight the largest piece of a source still fits into 32-bit counters


def check_weights(weights: Sequence[Sequence[int]] | None, order: int, columns: int) -> Weights | None:
    """Return the weights that `all_marginals` takes, as an array.

    Parameters
    ----------
    weights : sequence of sequence of int, optional
        For each length L from 1 to `order`, the weights of rows of 0, 1, ... values.
    order : int
        Length of the longest combinations.
    columns : int
        Number of counted columns.

    Returns
    -------
    (values, order) int64, optional
        Weight of a row by number of values and length; None without weights.

    Raises
    ------
    BadInput
        If there are too few weights, or one is not a whole number from 0 to 128.

    Examples
    --------
    >>> check_weights([[0, 2, 1], [0, 0, 1]], order=2, columns=2).tolist()
    [[0, 0], [2, 0], [1, 1]]
    """
    if weights is None:
        return None
    if len(weights) < order:
        raise BadInput(
            Fault(
                f"weights are given for {len(weights)} lengths of combinations, not for {order}", "give a list for each"
            )
        )
    lines = [_check_line(line, length, columns) for length, line in enumerate(weights[:order], 1)]
    longest = max(map(len, lines))
    return np.stack([np.pad(line, (0, longest - len(line)), mode="edge") for line in lines], axis=1)


def _check_line(line: Sequence[int], length: int, columns: int) -> Weights:
    if len(line) <= columns:
        raise BadInput(
            Fault(
                f"combinations of {length}: weights are given for rows of up to {len(line) - 1} values",
                f"give one for each number of values from 0 to {columns}",
            )
        )
    array = np.array(line)
    if array.ndim != 1 or array.dtype.kind not in "iu" or array.min() < 0 or array.max() > HEAVIEST:
        raise BadInput(
            Fault(
                f"combinations of {length}: a weight is not a whole number from 0 to {HEAVIEST}",
                "give whole numbers; scale larger ones down",
            )
        )
    return array.astype(np.int64)
