"""Combination of two noisy measurements of the same marginals."""

from __future__ import annotations

from dataclasses import replace
from math import hypot, log, sqrt

import numpy as np

from kerege.evidence.synthesis.measurement.noisy_counts import Counts, Noisy

LEAST_CHANGE = 3.5  # least difference of two noisy counts, in sigmas, that shows that the records changed


def combine_measurements(before: Noisy, after: Noisy) -> Noisy:
    """Return the mean of two measurements of the same combinations, weighted by inverse variance.

    Parameters
    ----------
    before, after : Noisy
        Two measurements of the same combinations. Where the records changed, the result is the later count.

    Returns
    -------
    Noisy
        Counts with the smaller noise 1 / sqrt(1 / sigma_1^2 + 1 / sigma_2^2).

    Notes
    -----
    A change is a difference above sqrt(2 ln n) sigmas, the size of the largest of n noise terms: Donoho and Johnstone
    1994, "Ideal spatial adaptation by wavelet shrinkage", Biometrika 81.

    Examples
    --------
    >>> from kerege.evidence.synthesis.measurement.noisy_counts import NoisyLevel
    >>> level = NoisyLevel(np.array([[0]], np.int32), np.array([640]), 64.0, 2.0)
    >>> first = Noisy(np.array([0], np.int32), 1, np.array([0, 10]), 1.0, (level,))
    >>> round(combine_measurements(first, first).lengths_sigma, 3)
    0.707
    """
    lengths, lengths_sigma = _average_counts(before.lengths, before.lengths_sigma, after.lengths, after.lengths_sigma)
    levels = []
    for old, new in zip(before.levels, after.levels, strict=True):
        values, sigma = _average_counts(old.values, old.sigma, new.values, new.sigma)
        levels.append(replace(old, values=values, sigma=sigma))
    return replace(before, lengths=lengths, lengths_sigma=lengths_sigma, levels=tuple(levels))


def _average_counts(old: Counts, old_sigma: float, new: Counts, new_sigma: float) -> tuple[Counts, float]:
    """Return the inverse-variance mean of two arrays of noisy counts, rounded, and its sigma.

    If two counts differ by more than the largest of n noise terms (sqrt(2 ln n) sigmas: Donoho and Johnstone 1994; at
    least LEAST_CHANGE), the records changed there. In that case the result is the new count alone.
    """
    share = old_sigma**2 / (old_sigma**2 + new_sigma**2)
    is_changed = np.abs(new - old) > hypot(old_sigma, new_sigma) * max(LEAST_CHANGE, sqrt(2 * log(max(1, len(old)))))
    values = np.where(is_changed, new, np.rint(old + share * (new - old)))
    return values.astype(np.int64), new_sigma * sqrt(share)
