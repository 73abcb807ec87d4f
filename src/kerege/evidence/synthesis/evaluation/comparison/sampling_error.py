"""Errors of the counts of other real people, at the scale of the original: the error of a sample."""

from __future__ import annotations

import numpy as np

from kerege.evidence.counting.joint_counts import count_both
from kerege.evidence.synthesis.evaluation.comparison.holdout import Holdout
from kerege.evidence.synthesis.evaluation.count_spread import pair_counts


def measure_sampling_errors(holdout: Holdout, order: int) -> list[float | None]:
    """Return by length the mean error of the counts of other people, None where there are no combinations.

    Parameters
    ----------
    holdout : Holdout
        Real rows and other real people. Their counts are scaled to the number of the rows.
    order : int
        Length of the longest combinations.

    Returns
    -------
    list of float or None
        Mean of |scaled - true| over the combinations of the rows, in people.

    Examples
    --------
    >>> import polars as pl
    >>> rows, others = pl.DataFrame({"sex": ["f"] * 60 + ["m"] * 40}), pl.DataFrame({"sex": ["f"] * 5 + ["m"] * 5})
    >>> measure_sampling_errors(Holdout(rows, others, rows), order=1)
    [10.0]
    """
    counted = count_both(holdout.rows, holdout.others.select(holdout.rows.columns), order)
    return [_mean_error(*pair_counts(*counted, length), holdout.scale) for length in range(1, counted[0].order + 1)]


def _mean_error(true: np.ndarray, others: np.ndarray, scale: float) -> float | None:
    return float(np.abs(others * scale - true).mean()) if len(true) else None
