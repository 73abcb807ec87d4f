"""Convergence diagnostics of Markov chains: rank-normalised split R-hat and effective sample sizes.

Vehtari, Gelman, Simpson, Carpenter and Bürkner 2021, "Rank-normalization, folding, and localization: an improved
R-hat for assessing convergence of MCMC", Bayesian Analysis 16(2), 667-718.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import fft, special

Floats = NDArray[np.float64]
TAILS = 0.05, 0.95


class Convergence(NamedTuple):
    """R-hat (1 if the chains agree), and effective sample sizes in independent draws of all chains."""

    r_hat: float
    ess_bulk: float
    ess_tail: float


def convergence(draws: Floats | NDArray[np.int64]) -> Convergence:
    """Return R-hat (the larger of the R-hats of ranks and of folded ranks) and effective sample sizes.

    Parameters
    ----------
    draws : (M, S) array
        S draws of each of M chains, after the warm-up; S at least 8.

    Returns
    -------
    Convergence
        `ess_bulk` is that of the ranks; `ess_tail` is the smaller of those of the 5 % and 95 % quantiles.

    Raises
    ------
    ValueError
        If the chains have fewer than 8 draws each.

    References
    ----------
    .. [1] Vehtari, Gelman, Simpson, Carpenter and Bürkner 2021, "Rank-normalization, folding, and localization: an
       improved R-hat for assessing convergence of MCMC", Bayesian Analysis 16(2).

    Examples
    --------
    >>> draws = np.random.default_rng(1).normal(size=(4, 500))  # four chains of independent draws
    >>> result = convergence(draws)
    >>> result.r_hat < 1.01, result.ess_bulk > 1500
    (True, True)
    """
    values = np.asarray(draws, np.float64)
    if values.ndim != 2 or values.shape[1] < 8:
        raise ValueError("give chains of at least 8 draws each")
    if np.all(values == values[0, 0]):
        return Convergence(1.0, float(values.size), float(values.size))
    halves = _split_chains(values)
    ranks, folded = _normal_scores(halves), _normal_scores(np.abs(halves - np.median(halves)))
    tails = [_effective_size((halves <= np.quantile(halves, level)).astype(np.float64)) for level in TAILS]
    return Convergence(max(_r_hat(ranks), _r_hat(folded)), _effective_size(ranks), min(tails))


def _split_chains(values: Floats) -> Floats:
    """Split each chain in halves: (M, S) to (2 M, S // 2). The middle draw of an odd S is left out."""
    half = values.shape[1] // 2
    return np.concatenate([values[:, :half], values[:, -half:]])


def _normal_scores(values: Floats) -> Floats:
    """Return the normal scores of the ranks among all draws; ties have their mean rank."""
    _, inverse, frequencies = np.unique(values.ravel(), return_inverse=True, return_counts=True)
    ranks = (np.cumsum(frequencies) - 0.5 * (frequencies - 1))[inverse].reshape(values.shape)
    return np.asarray(special.ndtri((ranks - 0.375) / (values.size + 0.25)), np.float64)


def _r_hat(values: Floats) -> float:
    """Return R-hat of chains: the square root of pooled variance over within-chain variance."""
    length = values.shape[1]
    within = values.var(axis=1, ddof=1).mean()
    between = values.mean(axis=1).var(ddof=1)
    if within == 0:
        return 1.0 if between == 0 else np.inf
    return float(np.sqrt((length - 1) / length + between / within))


def _autocovariance(values: Floats) -> Floats:
    """Return the autocovariance at each lag, averaged over the chains."""
    length = values.shape[1]
    centred = values - values.mean(axis=1, keepdims=True)
    size = fft.next_fast_len(2 * length, real=True)
    power = np.abs(fft.rfft(centred, size, axis=1)) ** 2
    autocovariance: Floats = fft.irfft(power.mean(axis=0), size)[:length] / length
    return autocovariance


def _effective_size(values: Floats) -> float:
    """Return the effective sample size, by Geyer's initial monotone sequence over all chains."""
    length = values.shape[1]
    autocovariance = _autocovariance(values)
    within = autocovariance[0] * length / (length - 1)
    total = autocovariance[0] + values.mean(axis=1).var(ddof=1)
    if total == 0:
        return float(values.size)
    correlation = 1.0 - (within - autocovariance) / total
    correlation[0] = 1.0
    pairs = correlation[: length // 2 * 2].reshape(-1, 2).sum(axis=1)
    negative = np.flatnonzero(pairs < 0)
    cutoff = int(negative[0]) if len(negative) else len(pairs)
    sums = np.minimum.accumulate(pairs[:cutoff])
    tail = max(float(correlation[2 * cutoff]), 0.0) if 2 * cutoff < length else 0.0
    autocorrelation_time = max(-1.0 + 2.0 * float(sums.sum()) + tail, 1.0 / np.log10(values.size))
    return float(values.size / autocorrelation_time)
