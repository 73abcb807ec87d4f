"""Two-sided geometric noise on capture histories, and correction of negative counts.

Source: Ghosh, Roughgarden and Sundararajan 2012. The module is in `base` because linkage adds the noise and evidence
estimates from the noisy counts; both must use the same definitions.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

# Histories on one list, on two, and on three or more lists each keep their noisy sum. Setting negative counts to zero
# one by one would add a bias over many empty histories.
TOGETHER = 3
Counts = NDArray[np.int64]


def deviation(rate: float) -> float:
    """Return the standard deviation, in people, of noise z with P(z) proportional to rate^|z|.

    0 <= rate < 1.
    """
    return math.sqrt(2 * rate) / (1 - rate)


def drawn(deviation: float, shape: tuple[int, ...], random: np.random.Generator) -> Counts:
    """Return two-sided geometric noise of this standard deviation and shape."""
    variance = deviation**2
    rate = (variance + 1 - math.sqrt(2 * variance + 1)) / variance
    up, down = (random.geometric(1 - rate, shape) for _ in range(2))
    noise: Counts = up.astype(np.int64) - down
    return noise


def of_histories(noisy: Counts) -> Counts:
    """Return noisy counts of capture histories without negative values, shape (..., 2^lists - 1).

    The last axis holds the histories 1, 2, ... as bit masks. `none_negative` adjusts each group of histories with
    the same number of lists (TOGETHER or more are one group).
    """
    group = np.minimum(np.bitwise_count(np.arange(1, noisy.shape[-1] + 1)), TOGETHER)
    adjusted = np.zeros_like(noisy)
    for size in range(1, TOGETHER + 1):
        adjusted[..., group == size] = none_negative(noisy[..., group == size])
    return adjusted


def none_negative(counts: Counts) -> Counts:
    """Return the nearest non-negative integer counts (..., C) with the same sums.

    Zeros where a sum is 0 or less.
    """
    if not counts.shape[-1]:
        return counts
    total = np.maximum(counts.sum(-1, keepdims=True), 0)
    descending = np.sort(counts, -1)[..., ::-1]
    threshold = (np.cumsum(descending, -1) - total) / np.arange(1, counts.shape[-1] + 1)
    # index 0 keeps the lookup valid for a sum of 0 or less, where no count exceeds the threshold
    last_positive = np.maximum((descending > threshold).sum(-1, keepdims=True) - 1, 0)
    projected = np.where(total > 0, np.maximum(counts - np.take_along_axis(threshold, last_positive, -1), 0.0), 0.0)
    rounded: Counts = np.floor(projected + 1e-9).astype(np.int64)
    remainder = total - rounded.sum(-1, keepdims=True)
    rank = np.argsort(np.argsort(rounded - projected, -1, kind="stable"), -1, kind="stable")
    rounded += rank < remainder
    return rounded
