"""Two measurements of the same combinations as one."""

from __future__ import annotations

from dataclasses import replace
from math import hypot, log, sqrt

import numpy as np

from kerege.evidence.synthesis.measurement.noisy_counts import Counts, Noisy

APART = 3.5  # sigmas between two noisy counts, from which on they are not of the same rows


def joined(before: Noisy, after: Noisy) -> Noisy:
    """Two measurements of the same combinations as one, by inverse variance."""
    lengths, lengths_sigma = _mean(before.lengths, before.lengths_sigma, after.lengths, after.lengths_sigma)
    levels = []
    for old, new in zip(before.levels, after.levels, strict=True):
        values, sigma = _mean(old.values, old.sigma, new.values, new.sigma)
        levels.append(replace(old, values=values, sigma=sigma))
    return replace(before, lengths=lengths, lengths_sigma=lengths_sigma, levels=tuple(levels))


def _mean(old: Counts, old_sigma: float, new: Counts, new_sigma: float) -> tuple[Counts, float]:
    """The mean of two noisy counts by inverse variance, and its sigma.

    Where they are further apart than noise would drive any of so many (sqrt(2 ln n) sigmas: Donoho and Johnstone 1994,
    and at least APART) the rows did change there: then the new count stands alone, not held back by the old one.
    """
    share = old_sigma**2 / (old_sigma**2 + new_sigma**2)
    apart = np.abs(new - old) > hypot(old_sigma, new_sigma) * max(APART, sqrt(2 * log(max(1, len(old)))))
    values = np.where(apart, new, np.rint(old + share * (new - old)))
    return values.astype(np.int64), new_sigma * sqrt(share)
