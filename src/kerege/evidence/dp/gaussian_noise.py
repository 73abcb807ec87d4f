"""Discrete Gaussian noise on integer counts. OpenDP samples it and accounts for its privacy loss.

Canonne, Kamath and Steinke 2020, "The Discrete Gaussian for Differential Privacy": suppose that one row changes a
vector of counts by at most `sensitivity` in Euclidean (L2) norm. Then discrete Gaussian noise with parameter sigma is
rho-zCDP with rho = sensitivity^2 / (2 sigma^2).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache, lru_cache
from typing import Any

import numpy as np

from kerege.evidence.counting import Counts

Noise = Callable[[Counts, float], Counts]  # (counts, sigma) -> noisy counts
WIDTHS = 12  # sigmas at which the repeatable noise is truncated on each side


def gaussian_scale(rho: float, sensitivity: float) -> float:
    """Return the smallest noise parameter sigma whose privacy loss is at most `rho`.

    Parameters
    ----------
    rho : float
        Privacy loss (zCDP), above 0.
    sensitivity : float
        L2 sensitivity, in people: the largest Euclidean norm by which one row changes the vector of all counts that get
        the noise. It is 1 for a table in which each row is in one cell.

    Returns
    -------
    float
        Sigma, in people.

    Raises
    ------
    ValueError
        If `rho` or `sensitivity` is not a number above 0.

    Notes
    -----
    The loss is that of OpenDP's privacy map. The search starts at sensitivity / sqrt(2 rho) and increases sigma until
    rounding no longer pushes the loss above `rho`.

    References
    ----------
    .. [1] Canonne, Kamath and Steinke 2020, "The Discrete Gaussian for Differential Privacy".

    Examples
    --------
    >>> round(gaussian_scale(rho=0.5, sensitivity=1.0), 3)
    1.0
    """
    for name, number in (("rho", rho), ("sensitivity", sensitivity)):
        if not 0 < number < math.inf:
            raise ValueError(f"{name} is a number above 0")
    sigma = sensitivity / math.sqrt(2 * rho)
    while gaussian_loss(sigma, sensitivity) > rho:
        sigma = math.nextafter(sigma, math.inf) * (1 + 1e-15)
    return sigma


def gaussian_loss(scale: float, sensitivity: float) -> float:
    """Return the privacy loss (rho, zCDP) of discrete Gaussian noise by OpenDP's privacy map.

    Parameters
    ----------
    scale : float
        Noise parameter sigma, in people, above 0.
    sensitivity : float
        L2 sensitivity of the counts, in people; rounded up to the next float.

    Returns
    -------
    float
        rho = sensitivity^2 / (2 scale^2), rounded up.

    References
    ----------
    .. [1] Canonne, Kamath and Steinke 2020, "The Discrete Gaussian for Differential Privacy".

    Examples
    --------
    >>> round(gaussian_loss(scale=2.0, sensitivity=1.0), 4)
    0.125
    """
    return _map_loss(scale, sensitivity)


@lru_cache(maxsize=4096)
def _map_loss(scale: float, sensitivity: float) -> float:
    """Return the loss by OpenDP's map, cached: each call builds a mechanism in 2 ms."""
    return float(_build_mechanism(scale).map(math.nextafter(sensitivity, math.inf)))


def discrete_gaussian(counts: Counts, scale: float) -> Counts:
    """Add independent discrete Gaussian noise from OpenDP's secure sampler to integer counts.

    Parameters
    ----------
    counts : (...,) int64
        An array of any shape, in people.
    scale : float
        Parameter sigma of the noise, in people. `gaussian_scale` returns the sigma for a privacy loss.

    Returns
    -------
    (...,) int64
        Noisy counts of the same shape. They may be negative, and they may be published. The noise has no seed and
        cannot be drawn again.

    References
    ----------
    .. [1] Canonne, Kamath and Steinke 2020, "The Discrete Gaussian for Differential Privacy".

    Examples
    --------
    >>> discrete_gaussian(np.array([40, 30, 0]), scale=2.0).shape
    (3,)
    """
    noisy = _build_mechanism(scale)(counts.ravel().tolist())
    return np.array(noisy, dtype=np.int64).reshape(counts.shape)


def _build_mechanism(sigma: float) -> Any:
    """Return OpenDP's discrete Gaussian mechanism on int64 vectors with the L2 distance."""
    dp = _load_opendp()
    space = dp.vector_domain(dp.atom_domain(T="i64")), dp.l2_distance(T="f64")
    return dp.m.make_gaussian(*space, scale=float(sigma))


@cache
def _load_opendp() -> Any:
    """Return the OpenDP module with its contrib features enabled."""
    import opendp.prelude as dp  # imported here because the import takes two seconds

    dp.enable_features("contrib")
    return dp


def repeatable(seed: int) -> Noise:
    """Return discrete Gaussian noise that a seed reproduces, truncated at 12 sigmas. For tests only.

    Never publish counts with this noise: a person who knows the seed can remove it.

    Parameters
    ----------
    seed : int
        Random seed.

    Returns
    -------
    function of counts and sigma
        Adds noise, as `discrete_gaussian` does: P(z) is proportional to exp(-z^2 / (2 sigma^2)) for integers z.

    References
    ----------
    .. [1] Canonne, Kamath and Steinke 2020, "The Discrete Gaussian for Differential Privacy".

    Examples
    --------
    >>> counts = np.array([40, 30, 0])
    >>> bool((repeatable(1)(counts, 2.0) == repeatable(1)(counts, 2.0)).all())
    True
    """
    rng = np.random.default_rng(seed)

    def add(counts: Counts, sigma: float) -> Counts:
        """Return the counts with noise of parameter sigma."""
        width = math.ceil(WIDTHS * sigma) + 1
        values = np.arange(-width, width + 1)
        weights = np.exp(-(values**2) / (2 * sigma**2))
        drawn = rng.choice(values, size=counts.shape, p=weights / weights.sum())
        return counts + drawn.astype(np.int64)

    return add
