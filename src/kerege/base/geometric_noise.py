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
    """Return the standard deviation of two-sided geometric noise.

    Parameters
    ----------
    rate : float
        Rate r of the noise z with P(z) proportional to r^|z|; 0 <= r < 1. For epsilon and sensitivity s it is
        exp(-epsilon / s).

    Returns
    -------
    float
        sqrt(2 r) / (1 - r), in people.

    Raises
    ------
    ZeroDivisionError
        If the rate is 1.

    Notes
    -----
    Ghosh, Roughgarden and Sundararajan 2012, "Universally utility-maximizing privacy mechanisms", SIAM Journal on
    Computing 41.

    Examples
    --------
    >>> round(deviation(math.exp(-0.5)), 2)
    2.8
    """
    return math.sqrt(2 * rate) / (1 - rate)


def drawn(deviation: float, shape: tuple[int, ...], random: np.random.Generator) -> Counts:
    """Return two-sided geometric noise of a given standard deviation and shape.

    Parameters
    ----------
    deviation : float
        Standard deviation s of the noise, in people, above 0.
    shape : tuple of int
        Shape of the result.
    random : Generator
        Random numbers. The noise is reproducible, so it must not protect published counts.

    Returns
    -------
    ndarray of int64
        Noise of this shape, in people: the difference of two geometric variables of rate r.

    Notes
    -----
    The rate solves s^2 = 2 r / (1 - r)^2: r = (s^2 + 1 - sqrt(2 s^2 + 1)) / s^2. The distribution: Ghosh, Roughgarden
    and Sundararajan 2012, "Universally utility-maximizing privacy mechanisms", SIAM Journal on Computing 41.

    Examples
    --------
    >>> noise = drawn(2.0, (10_000,), np.random.default_rng(1))
    >>> bool(abs(noise.std() - 2.0) < 0.1)
    True
    """
    variance = deviation**2
    rate = (variance + 1 - math.sqrt(2 * variance + 1)) / variance
    up, down = (random.geometric(1 - rate, shape) for _ in range(2))
    noise: Counts = up.astype(np.int64) - down
    return noise


def of_histories(noisy: Counts) -> Counts:
    """Return noisy counts of capture histories without negative values.

    Parameters
    ----------
    noisy : (..., 2^lists - 1) int64
        Noisy counts, in people. The last axis holds the histories 1, 2, ... as bit masks.

    Returns
    -------
    (..., 2^lists - 1) int64
        Counts of 0 or more. Histories on one list, on two, and on three or more lists each keep their noisy sum.

    Notes
    -----
    `none_negative` adjusts each of the three groups. It is post-processing of noisy counts: Dwork and Roth 2014, "The
    algorithmic foundations of differential privacy", proposition 2.1.

    Examples
    --------
    >>> of_histories(np.array([5, 9, -2, 4, 1, 3, -1]))  # the histories 011, 101 and 110 keep their sum of 2
    array([5, 9, 0, 4, 0, 2, 0])
    """
    group = np.minimum(np.bitwise_count(np.arange(1, noisy.shape[-1] + 1)), TOGETHER)
    adjusted = np.zeros_like(noisy)
    for size in range(1, TOGETHER + 1):
        adjusted[..., group == size] = none_negative(noisy[..., group == size])
    return adjusted


def none_negative(counts: Counts) -> Counts:
    """Return the nearest non-negative integer counts with the same sums.

    Parameters
    ----------
    counts : (..., C) int64
        Counts of any sign, in people.

    Returns
    -------
    (..., C) int64
        Counts of 0 or more; zeros where a sum is 0 or less.

    Notes
    -----
    The Euclidean projection on the simplex of the sum n: max(c_i - t, 0), with t from the sorted counts (Duchi,
    Shalev-Shwartz, Singer and Chandra 2008, "Efficient projections onto the l1-ball for learning in high dimensions").
    The largest remainders round it to integers.

    Examples
    --------
    >>> none_negative(np.array([4, -1, 0]))
    array([3, 0, 0])
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
