"""Whether chains tell of one distribution: split R-hat and effective sample sizes, rank-normalised.

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
    """`r_hat` is 1 where chains agree; the sample sizes are in independent draws, of all chains together."""

    r_hat: float
    ess_bulk: float
    ess_tail: float


def convergence(draws: Floats | NDArray[np.int64]) -> Convergence:
    """R-hat, the larger of that of ranks and that of folded ranks, and effective sample sizes.

    Parameters
    ----------
    draws : (M, S) array
        S draws of each of M chains, without those before the chains forgot their starts; S at least 8.

    Returns
    -------
    Convergence
        `ess_bulk` is that of the ranks, `ess_tail` the lesser of those of the 5 % and 95 % quantiles.

    Raises
    ------
    ValueError
        Fewer than 8 draws a chain.
    """
    values = np.asarray(draws, np.float64)
    if values.ndim != 2 or values.shape[1] < 8:
        raise ValueError("give chains of at least 8 draws each")
    if np.all(values == values[0, 0]):
        return Convergence(1.0, float(values.size), float(values.size))
    halves = _split(values)
    ranks, folded = _ranked(halves), _ranked(np.abs(halves - np.median(halves)))
    tails = [_effective((halves <= np.quantile(halves, level)).astype(np.float64)) for level in TAILS]
    return Convergence(max(_r_hat(ranks), _r_hat(folded)), _effective(ranks), min(tails))


def _split(values: Floats) -> Floats:
    half = values.shape[1] // 2
    return np.concatenate([values[:, :half], values[:, -half:]])


def _ranked(values: Floats) -> Floats:
    """Normal scores of the ranks among all draws; ties share their mean rank."""
    _, place, times = np.unique(values.ravel(), return_inverse=True, return_counts=True)
    ranks = (np.cumsum(times) - 0.5 * (times - 1))[place].reshape(values.shape)
    return np.asarray(special.ndtri((ranks - 0.375) / (values.size + 0.25)), np.float64)


def _r_hat(values: Floats) -> float:
    length = values.shape[1]
    within = values.var(axis=1, ddof=1).mean()
    between = values.mean(axis=1).var(ddof=1)
    if within == 0:
        return 1.0 if between == 0 else np.inf
    return float(np.sqrt((length - 1) / length + between / within))


def _autocovariance(values: Floats) -> Floats:
    """Mean over the chains, of every lag."""
    length = values.shape[1]
    centred = values - values.mean(axis=1, keepdims=True)
    size = fft.next_fast_len(2 * length, real=True)
    power = np.abs(fft.rfft(centred, size, axis=1)) ** 2
    lags: Floats = fft.irfft(power.mean(axis=0), size)[:length] / length
    return lags


def _effective(values: Floats) -> float:
    """Draws that would tell as much if they were independent: Geyer's initial monotone sequence over all chains."""
    length = values.shape[1]
    lags = _autocovariance(values)
    within = lags[0] * length / (length - 1)
    total = lags[0] + values.mean(axis=1).var(ddof=1)
    if total == 0:
        return float(values.size)
    correlation = 1.0 - (within - lags) / total
    correlation[0] = 1.0
    pairs = correlation[: length // 2 * 2].reshape(-1, 2).sum(axis=1)
    negative = np.flatnonzero(pairs < 0)
    stop = int(negative[0]) if len(negative) else len(pairs)
    sums = np.minimum.accumulate(pairs[:stop])
    tail = max(float(correlation[2 * stop]), 0.0) if 2 * stop < length else 0.0
    time = max(-1.0 + 2.0 * float(sums.sum()) + tail, 1.0 / np.log10(values.size))
    return float(values.size / time)
