"""Perturbation tables for cell keys: with which probability a count is shown as which other count.

The design is the maximum-entropy one of the statistics offices (Marley and Leaver 2011; Giessing 2016, "Computational
issues in the design of transition probabilities"; the R package ptable, its variant with fixed variance): among all
distributions of the noise with mean zero, variance V, at most D up or down, no result below zero and none from 1 to
min_positive - 1, and with steps down the less likely the longer they are, the one of the largest entropy.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linprog, minimize

from kerege.base.errors import BadInput, Fault

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
EXACT = 1e-9  # how well mean and variance must be kept
ROUNDS = 60  # of Newton's method; a handful is enough


@dataclass(frozen=True)
class PTable:
    """Rows 0 to `last` of counts: the noise that each can get, and its probability. Larger counts use row `last`."""

    max_noise: int
    variance: float
    min_positive: int
    noise: tuple[Ints, ...]
    chances: tuple[Floats, ...]

    @property
    def last(self) -> int:
        """The count from which on all are treated alike, symmetrically."""
        return len(self.noise) - 1

    def matrix(self) -> Floats:
        """Transition probabilities: row a true count 0 to `last`, column a shown count 0 to `last` + D."""
        whole = np.zeros((self.last + 1, self.last + self.max_noise + 1))
        for count, (noise, chances) in enumerate(zip(self.noise, self.chances, strict=True)):
            whole[count, count + noise] = chances
        return whole

    def shown(self, counts: Ints, keys: Floats) -> Ints:
        """What is shown of each count by its cell key, a number from 0 to below 1."""
        rows, found = np.minimum(counts, self.last), np.array(counts)
        for row in range(1, self.last + 1):
            mine = rows == row
            steps = np.cumsum(self.chances[row])[:-1]
            found[mine] += self.noise[row][np.searchsorted(steps, keys[mine], side="right")]
        return found


@lru_cache(maxsize=32)
def ptable(max_noise: int = 5, variance: float = 3.0, min_positive: int = 3) -> PTable:
    """Design the perturbation table of the largest entropy: the probability of each noise for each true count.

    Parameters
    ----------
    max_noise : int
        D: no figure moves by more.
    variance : float
        V of the noise, in people squared, the same for each count above 0.
    min_positive : int
        The smallest count above 0 that is shown: no count from 1 to `min_positive` - 1 appears.

    Returns
    -------
    PTable
        Rows 0 to `last` of true counts; larger counts use row `last`. The mean of the noise is 0 in each row.

    Raises
    ------
    BadInput
        When no distribution keeps all of that.

    Notes
    -----
    Marley and Leaver 2011; Giessing 2016, "Computational issues in the design of transition probabilities"; the R
    package ptable (variant with fixed variance).

    Examples
    --------
    >>> table = ptable(max_noise=5, variance=3.0, min_positive=3)
    >>> table.matrix()[1].round(3).tolist()[:7]  # a true count of 1 is shown as 0, 3, 4, 5 or 6
    [0.734, 0.0, 0.0, 0.137, 0.073, 0.037, 0.019]
    """
    last = max_noise + min_positive if min_positive > 1 else max_noise
    noise = [np.zeros(1, dtype=np.int64)]
    chances = [np.ones(1)]
    for count in range(1, last + 1):
        steps = np.arange(max(-max_noise, -count), max_noise + 1)
        steps = steps[(steps == -count) | (steps + count >= min_positive)]
        noise.append(steps)
        chances.append(_entropy(steps, variance, count, max_noise, min_positive))
    return PTable(max_noise, variance, min_positive, tuple(noise), tuple(chances))


def _entropy(steps: Ints, variance: float, count: int, max_noise: int, min_positive: int) -> Floats:
    """The probabilities of the largest entropy."""
    moments = np.vstack([steps, steps**2 - variance]).astype(float)
    order = _downward(steps)
    if not _possible(moments, order):
        raise _none(count, max_noise, variance, min_positive)
    found = _solve(moments, order)
    if np.abs(moments @ found).max() > EXACT or (order @ found).max(initial=0) > EXACT:
        raise _none(count, max_noise, variance, min_positive)
    return found


def _downward(steps: Ints) -> Floats:
    """Rows r with r @ p <= 0: of the steps down and the stay, each is at most as likely as the next shorter."""
    down = int((steps <= 0).sum())
    rows = np.zeros((down - 1 if 0 in steps else 0, len(steps)))
    for i in range(len(rows)):
        rows[i, i], rows[i, i + 1] = 1, -1
    return rows


def _possible(moments: Floats, order: Floats) -> bool:
    size = moments.shape[1]
    sums = np.vstack([moments, np.ones(size)])
    found = linprog(
        np.zeros(size),
        A_eq=sums,
        b_eq=[0.0, 0.0, 1.0],
        A_ub=order if len(order) else None,
        b_ub=np.zeros(len(order)) if len(order) else None,
        bounds=(0, 1),
    )
    return bool(found.status == 0)


def _solve(moments: Floats, order: Floats) -> Floats:
    """The minimum of the dual: log of the sum of exp(-multipliers @ features); those of `order` are not negative."""
    features = np.vstack([moments, order])

    def dual(multipliers: Floats) -> tuple[float, Floats]:
        powers = -multipliers @ features
        top = powers.max()
        weights = np.exp(powers - top)
        return float(top + np.log(weights.sum())), -features @ (weights / weights.sum())

    bounds = [(None, None)] * len(moments) + [(0, None)] * len(order)
    rough = minimize(
        dual,
        np.zeros(len(features)),
        jac=True,
        method="L-BFGS-B",
        bounds=bounds,
        options={"maxiter": 5000, "maxfun": 20000, "ftol": 1e-15, "gtol": 1e-10},
    )
    active = np.concatenate([np.ones(len(moments), dtype=bool), rough.x[len(moments) :] > 1e-6])
    return _newton(rough.x[active], features[active])


def _newton(multipliers: Floats, features: Floats) -> Floats:
    """Polish: bring the mean of every feature to zero."""
    chances = _chances(multipliers, features)
    for _ in range(ROUNDS):
        mean = features @ chances
        if np.abs(mean).max() < 1e-14:
            break
        spread = (features * chances) @ features.T - np.outer(mean, mean)
        multipliers = multipliers + np.linalg.lstsq(spread, mean, rcond=None)[0]
        chances = _chances(multipliers, features)
    return chances


def _chances(multipliers: Floats, features: Floats) -> Floats:
    powers = -multipliers @ features
    weights = np.exp(powers - powers.max())
    found: Floats = weights / weights.sum()
    return found


def _none(count: int, max_noise: int, variance: float, min_positive: int) -> BadInput:
    what = f"no noise of variance V = {variance:g} within D = {max_noise} fits a count of {count}"
    rest = (
        f" when {'1' if min_positive == 2 else f'1 to {min_positive - 1}'} may not be shown" if min_positive > 1 else ""
    )
    return BadInput(Fault(what + rest, "choose another V, a larger D or a smaller `smallest`"))
