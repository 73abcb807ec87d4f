"""Synthetic counts beside true ones, summed up for a picture."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kerege.evidence.counting import Counts, Marginals
from kerege.evidence.counting.marginal_counts import Numbering
from kerege.evidence.synthesis.evaluation.utility import looked_up, renumbered

PER_DECADE = 4  # steps of the true counts, even on a logarithmic scale


@dataclass(frozen=True)
class Step:
    """Combinations with true counts of `least` to `most`: how many, their mean, three deciles of the synthetic counts.

    `low`, `middle` and `high` are the first, fifth and ninth decile.
    """

    least: int
    most: int
    combinations: int
    true: float
    low: float
    middle: float
    high: float


def spread(original: Marginals, synthetic: Marginals, length: int) -> list[Step]:
    """Steps of the true counts of the combinations of `length` values that exist, those without any left out."""
    true, made = paired(original, synthetic, length)
    steps = []
    for least, most in zip(*_edges(int(true.max(initial=0))), strict=True):
        counts = made[(true >= least) & (true <= most)]
        if len(counts):
            mean = float(true[(true >= least) & (true <= most)].mean())
            low, middle, high = (float(each) for each in np.quantile(counts, [0.1, 0.5, 0.9]))
            steps.append(Step(least, most, len(counts), mean, low, middle, high))
    return steps


def _edges(most: int) -> tuple[list[int], list[int]]:
    """First and last counts of the steps."""
    top = max(1, int(np.ceil(np.log10(max(most, 1)) * PER_DECADE)) + 1)
    first = sorted({int(np.ceil(10 ** (step / PER_DECADE))) for step in range(top + 1)})
    return first[:-1], [each - 1 for each in first[1:]]


def paired(original: Marginals, synthetic: Marginals, length: int) -> tuple[Counts, Counts]:
    """True and synthetic counts of the combinations of `length` values that exist in the original.

    Both are of the same columns in the same order, as `quality.counted` counts them.
    """
    values = [sorted({*original.values[name], *synthetic.values[name]}) for name in original.columns]
    numbering = Numbering([len(each) for each in values], length)
    cells, true = renumbered(original, values, numbering, length)
    return true, looked_up(cells, *renumbered(synthetic, values, numbering, length))
