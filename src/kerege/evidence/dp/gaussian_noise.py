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


def scale_for(rho: float, sensitivity: float) -> float:
    """The smallest sigma for which OpenDP's own privacy map says at most `rho`."""
    sigma = sensitivity / math.sqrt(2 * rho)
    while loss(sigma, sensitivity) > rho:
        sigma = math.nextafter(sigma, math.inf) * (1 + 1e-15)
    return sigma


def loss(sigma: float, sensitivity: float) -> float:
    """The loss (rho, zCDP) of noise of this sigma, by OpenDP's privacy map."""
    return float(_mechanism(sigma).map(math.nextafter(sensitivity, math.inf)))


def add_noise(counts: Counts, sigma: float) -> Counts:
    """Counts with independent discrete Gaussian noise from OpenDP's secure sampler; for publication."""
    found = _mechanism(sigma)(counts.ravel().tolist())
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
