"""Distribution of synthetic counts by true count, for a chart."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kerege.evidence.counting import Counts, Marginals
from kerege.evidence.counting.joint_counts import look_up_counts, renumber
from kerege.evidence.counting.marginal_counts import Numbering

PER_DECADE = 4  # bins per factor of ten of the true counts, of equal width on a logarithmic scale


@dataclass(frozen=True)
class SpreadBin:
    """Combinations with true counts of `least` to `most`: number, mean, and synthetic counts.

    `low`, `middle` and `high` are the first, fifth and ninth decile of the synthetic counts.
    """

    least: int
    most: int
    combinations: int
    true: float
    low: float
    middle: float
    high: float


def spread(original: Marginals, synthetic: Marginals, length: int) -> list[SpreadBin]:
    """Return the distribution of synthetic counts by true count, of combinations of `length` values.

    Parameters
    ----------
    original, synthetic : Marginals
        Counts with the same columns in the same order, as `joint_counts.count_both` returns them.
    length : int
        Length of the combinations.

    Returns
    -------
    list of SpreadBin
        Non-empty bins of true counts of the original's combinations, four per factor of ten: deciles 1, 5 and 9 of the
        synthetic counts, in rows.

    Examples
    --------
    >>> import polars as pl
    >>> from kerege.evidence.counting import all_marginals
    >>> counts = all_marginals(pl.DataFrame({"sex": ["female"] * 30 + ["male"] * 30}), order=1)
    >>> [(row.combinations, row.true, row.middle) for row in spread(counts, counts, 1)]
    [(2, 30.0, 30.0)]
    """
    true_counts, synthetic_counts = pair_counts(original, synthetic, length)
    bins = []
    for least, most in zip(*_list_edges(int(true_counts.max(initial=0))), strict=True):
        counts = synthetic_counts[(true_counts >= least) & (true_counts <= most)]
        if len(counts):
            mean = float(true_counts[(true_counts >= least) & (true_counts <= most)].mean())
            low, middle, high = (float(decile) for decile in np.quantile(counts, [0.1, 0.5, 0.9]))
            bins.append(
                SpreadBin(
                    least=least, most=most, combinations=len(counts), true=mean, low=low, middle=middle, high=high
                )
            )
    return bins


def _list_edges(most: int) -> tuple[list[int], list[int]]:
    """Return the first and the last counts of the bins."""
    top = max(1, int(np.ceil(np.log10(max(most, 1)) * PER_DECADE)) + 1)
    first = sorted({int(np.ceil(10 ** (step / PER_DECADE))) for step in range(top + 1)})
    return first[:-1], [start - 1 for start in first[1:]]


def pair_counts(original: Marginals, synthetic: Marginals, length: int) -> tuple[Counts, Counts]:
    """Return the true and synthetic counts of combinations of `length` values in the original.

    Parameters
    ----------
    original, synthetic : Marginals
        Counts with the same columns in the same order, as `joint_counts.count_both` returns them.
    length : int
        Length of the combinations.

    Returns
    -------
    true, synthetic : (combinations,) int64
        Counts of rows; a combination that is missing in the synthetic records has 0.

    Examples
    --------
    >>> import polars as pl
    >>> from kerege.evidence.counting import all_marginals
    >>> first, second = (all_marginals(pl.DataFrame({"sex": codes}), order=1) for codes in (["a", "b", "b"], ["b"]))
    >>> [counts.tolist() for counts in pair_counts(first, second, 1)]
    [[1, 2], [0, 1]]
    """
    values = [sorted({*original.values[name], *synthetic.values[name]}) for name in original.columns]
    numbering = Numbering([len(column_values) for column_values in values], length)
    cells, true_counts = renumber(original, values, numbering, length)
    return true_counts, look_up_counts(cells, *renumber(synthetic, values, numbering, length))
