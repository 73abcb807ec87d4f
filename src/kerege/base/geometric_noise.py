"""Two-sided geometric noise on counts of who is on which lists: how far it reaches, draws of it, and what is done to
counts that it made negative (Ghosh, Roughgarden and Sundararajan 2012).

Here, because who adds the noise (linkage) and who estimates from such counts (evidence) have to mean the same.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

# histories of one list, of two, and of three and more keep their noisy sums: negative counts that became zero would
# add up over many empty histories
TOGETHER = 3
Counts = NDArray[np.int64]


def deviation(rate: float) -> float:
    """The standard deviation, in people, of noise z with probability in proportion to rate^|z|; rate below 1."""
    return math.sqrt(2 * rate) / (1 - rate)


def drawn(deviation: float, shape: tuple[int, ...], random: np.random.Generator) -> Counts:
    """Noise of this standard deviation."""
    variance = deviation**2
    rate = (variance + 1 - math.sqrt(2 * variance + 1)) / variance
    up, down = (random.geometric(1 - rate, shape) for _ in range(2))
    found: Counts = up.astype(np.int64) - down
    return found


def of_histories(noisy: Counts) -> Counts:
    """(..., 2^lists - 1) noisy counts of the capture histories 1, 2, ..., none negative any more."""
    group = np.minimum(np.bitwise_count(np.arange(1, noisy.shape[-1] + 1)), TOGETHER)
    found = np.zeros_like(noisy)
    for number in range(1, TOGETHER + 1):
        found[..., group == number] = none_negative(noisy[..., group == number])
    return found


def none_negative(counts: Counts) -> Counts:
    """The nearest counts (..., C) that have the same sum, or zeros, and are not negative."""
    if not counts.shape[-1]:
        return counts
    total = np.maximum(counts.sum(-1, keepdims=True), 0)
    falling = np.sort(counts, -1)[..., ::-1]
    over = (np.cumsum(falling, -1) - total) / np.arange(1, counts.shape[-1] + 1)
    # where the sum is 0 or less nothing lies above; the first place leaves nobody
    last = np.maximum((falling > over).sum(-1, keepdims=True) - 1, 0)
    less = np.where(total > 0, np.maximum(counts - np.take_along_axis(over, last, -1), 0.0), 0.0)
    found: Counts = np.floor(less + 1e-9).astype(np.int64)
    missing = total - found.sum(-1, keepdims=True)
    rank = np.argsort(np.argsort(found - less, -1, kind="stable"), -1, kind="stable")
    found += rank < missing
    return found
