"""The noise that a published table states of its figures: a standard deviation for each cell."""

from __future__ import annotations

import math

import numpy as np

from kerege.evidence.counting.frequency_table import NOISED, TOTAL
from kerege.evidence.sdc.linear.linear_system import Floats
from kerege.evidence.sdc.published_tables.sheet import Sheet

SIGMA = "sigma"  # parameter: the sigma of every figure, or by the multi-valued columns that keep their values
QUANTILE = 3.2905  # 99.9 % of a normal distribution lie within this number of standard deviations
CONTINUITY = 0.5  # counts are whole: the probability of a number is that of all within half a person of it
PLAIN_COUNTS = "counts"  # the figures in which no multi-valued column keeps its values


def least_deviation(threshold: int) -> float:
    """Return the standard deviation from which noise alone hides whether a group is small, in people.

    A published 0 can then be any number up to the threshold.
    """
    return (threshold - CONTINUITY) / QUANTILE


def stated_noise(sheet: Sheet) -> Floats:
    """Return the standard deviation of each cell in people, flat; infinity where none is stated."""
    deviations = np.full(sheet.counts.size, np.inf)
    noised = np.flatnonzero(sheet.status.ravel() == NOISED)
    if not len(noised):
        return deviations
    stated = sheet.params.get(SIGMA)
    if not isinstance(stated, dict):
        deviations[noised] = _positive(stated)
        return deviations
    for flat in noised.tolist():
        opened = [
            name for name, code in zip(sheet.by, sheet.keys(flat), strict=True) if name in sheet.multi and code != TOTAL
        ]
        deviations[flat] = _positive(stated.get(" x ".join(opened) or PLAIN_COUNTS))
    return deviations


def _positive(value: object) -> float:
    """Return a stated sigma, or infinity for a value that is not a positive number."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return math.inf
    return float(value) if math.isfinite(value) and value >= 0 else math.inf
