"""What a row adds to the combinations of its values, by how many it reports."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from kerege.base.errors import BadInput, Fault

Weights = NDArray[np.int64]  # [values, length - 1]; the last line is for all rows of more values
HEAVIEST = 128  # the largest piece of a source, each row weighing so much, fits into counters of 32 bits


def checked(weights: Sequence[Sequence[int]] | None, order: int, columns: int) -> Weights | None:
    """Weights as `all_marginals` takes them, of lengths up to `order`, as an array; BadInput when they are none."""
    if weights is None:
        return None
    if len(weights) < order:
        raise BadInput(
            Fault(f"there are weights of {len(weights)} lengths of combinations, not {order}", "give a list for each")
        )
    lines = [_line(line, length, columns) for length, line in enumerate(weights[:order], 1)]
    longest = max(map(len, lines))
    return np.stack([np.pad(line, (0, longest - len(line)), mode="edge") for line in lines], axis=1)


def _line(line: Sequence[int], length: int, columns: int) -> Weights:
    if len(line) <= columns:
        raise BadInput(
            Fault(
                f"combinations of {length}: there are weights of rows of up to {len(line) - 1} values",
                f"give one for each number of values from 0 to {columns}",
            )
        )
    found = np.array(line)
    if found.ndim != 1 or found.dtype.kind not in "iu" or found.min() < 0 or found.max() > HEAVIEST:
        raise BadInput(
            Fault(
                f"combinations of {length}: a weight is no whole number from 0 to {HEAVIEST}",
                "give whole numbers; scale larger ones down",
            )
        )
    return found.astype(np.int64)
