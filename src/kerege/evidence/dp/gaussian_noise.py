"""Discrete Gaussian noise on whole numbers, drawn and accounted for by OpenDP.

Canonne, Kamath and Steinke, "The Discrete Gaussian for Differential Privacy" (2020): adding it with parameter sigma to
counts of which one row changes the Euclidean length by at most `sensitivity` is rho-zCDP with
rho = sensitivity^2 / (2 sigma^2).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np

from kerege.evidence.counting import Counts

Noise = Callable[[Counts, float], Counts]  # counts, sigma -> noised counts
WIDTHS = 12  # sigmas on each side, beyond which the repeatable noise does not reach


def gaussian_scale(rho: float, sensitivity: float) -> float:
    """Return the smallest standard deviation parameter sigma that costs at most `rho`, by OpenDP's privacy map.

    `sensitivity` is the most by which one row changes the Euclidean length of all counts that get the noise, in people:
    1 for a table of one cell a row.

    Examples
    --------
    >>> round(gaussian_scale(rho=0.5, sensitivity=1.0), 3)
    1.0
    """
    sigma = sensitivity / math.sqrt(2 * rho)
    while gaussian_loss(sigma, sensitivity) > rho:
        sigma = math.nextafter(sigma, math.inf) * (1 + 1e-15)
    return sigma


def gaussian_loss(scale: float, sensitivity: float) -> float:
    """Return the privacy loss (rho, zCDP) of noise with this scale sigma, by OpenDP's privacy map.

    Canonne, Kamath and Steinke 2020: rho = sensitivity^2 / (2 sigma^2).

    Examples
    --------
    >>> round(gaussian_loss(scale=2.0, sensitivity=1.0), 4)
    0.125
    """
    return float(_mechanism(scale).map(math.nextafter(sensitivity, math.inf)))


def discrete_gaussian(counts: Counts, scale: float) -> Counts:
    """Add independent discrete Gaussian noise from OpenDP's secure sampler to whole numbers, for publication.

    Parameters
    ----------
    counts : (...,) int64
        Of any shape, in people.
    scale : float
        Parameter sigma of the noise, in people, as `gaussian_scale` gives it.

    Returns
    -------
    (...,) int64
        Of the same shape; counts may be negative. The noise has no seed and cannot be drawn again.

    Notes
    -----
    Canonne, Kamath and Steinke 2020, "The Discrete Gaussian for Differential Privacy".

    Examples
    --------
    >>> discrete_gaussian(np.array([40, 30, 0]), scale=2.0).shape
    (3,)
    """
    found = _mechanism(scale)(counts.ravel().tolist())
    return np.array(found, dtype=np.int64).reshape(counts.shape)


def _mechanism(sigma: float) -> Any:
    dp = _opendp()
    space = dp.vector_domain(dp.atom_domain(T="i64")), dp.l2_distance(T="f64")
    return dp.m.make_gaussian(*space, scale=float(sigma))


@cache
def _opendp() -> Any:
    import opendp.prelude as dp  # takes two seconds

    dp.enable_features("contrib")
    return dp


def repeatable(seed: int) -> Noise:
    """Noise of the same distribution that can be drawn again: for tests, never for publication."""
    chance = np.random.default_rng(seed)

    def add(counts: Counts, sigma: float) -> Counts:
        reach = math.ceil(WIDTHS * sigma) + 1
        values = np.arange(-reach, reach + 1)
        weights = np.exp(-(values**2) / (2 * sigma**2))
        drawn = chance.choice(values, size=counts.shape, p=weights / weights.sum())
        return counts + drawn.astype(np.int64)

    return add
