"""Perturbation tables of the cell key method: transition probabilities from true to shown counts.

The design maximises entropy (Marley and Leaver 2011; Giessing 2016, "Computational issues in the design of transition
probabilities"; the R package ptable, variant with fixed variance). The noise has mean zero, variance V and at most D in
each direction. No result is below zero, and none from 1 to min_positive - 1. A longer step down is at most as likely as
a shorter one. The table holds the distribution with the largest entropy among all of these.
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
EXACT = 1e-9  # tolerance of mean and variance
ROUNDS = 60  # most iterations of Newton's method; about five suffice


@dataclass(frozen=True)
class PTable:
    """A perturbation table: for counts 0 to `last`, each possible noise and its probability.

    Larger counts use row `last`.
    """

    max_noise: int
    variance: float
    min_positive: int
    noise: tuple[Ints, ...]
    chances: tuple[Floats, ...]

    @property
    def last(self) -> int:
        """Return the last row; all counts from there on have the same symmetric distribution."""
        return len(self.noise) - 1

    def matrix(self) -> Floats:
        """Return the transition probabilities: rows true counts, columns shown counts.

        The shape is (last + 1, last + max_noise + 1).
        """
        probabilities = np.zeros((self.last + 1, self.last + self.max_noise + 1))
        for count, (noise, chances) in enumerate(zip(self.noise, self.chances, strict=True)):
            probabilities[count, count + noise] = chances
        return probabilities

    def shown(self, counts: Ints, keys: Floats) -> Ints:
        """Return the shown count for each true count and its cell key, a number from 0 to below 1."""
        rows, perturbed = np.minimum(counts, self.last), np.array(counts)
        for row in range(1, self.last + 1):
            in_row = rows == row
            steps = np.cumsum(self.chances[row])[:-1]
            perturbed[in_row] += self.noise[row][np.searchsorted(steps, keys[in_row], side="right")]
        return perturbed


@lru_cache(maxsize=32)
def ptable(max_noise: int = 5, variance: float = 3.0, min_positive: int = 3) -> PTable:
    """Design the perturbation table with the largest entropy: the noise of each true count.

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
        When no distribution meets all conditions.

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
    """Return the probabilities of the largest entropy; raises BadInput when no distribution is possible."""
    moments = np.vstack([steps, steps**2 - variance]).astype(float)
    order = _downward(steps)
    if not _is_possible(moments, order):
        raise _no_table(count, max_noise, variance, min_positive)
    chances = _minimise_dual(moments, order)
    if np.abs(moments @ chances).max() > EXACT or (order @ chances).max(initial=0) > EXACT:
        raise _no_table(count, max_noise, variance, min_positive)
    return chances


def _downward(steps: Ints) -> Floats:
    """Return rows r with r @ p <= 0: a step down is at most as likely as the next shorter one."""
    down = int((steps <= 0).sum())
    rows = np.zeros((down - 1 if 0 in steps else 0, len(steps)))
    for i in range(len(rows)):
        rows[i, i], rows[i, i + 1] = 1, -1
    return rows


def _is_possible(moments: Floats, order: Floats) -> bool:
    """Return whether some distribution meets the moments and the order."""
    size = moments.shape[1]
    sums = np.vstack([moments, np.ones(size)])
    solution = linprog(
        np.zeros(size),
        A_eq=sums,
        b_eq=[0.0, 0.0, 1.0],
        A_ub=order if len(order) else None,
        b_ub=np.zeros(len(order)) if len(order) else None,
        bounds=(0, 1),
    )
    return bool(solution.status == 0)


def _minimise_dual(moments: Floats, order: Floats) -> Floats:
    """Minimise the dual: log of the sum of exp(-multipliers @ features).

    The multipliers of `order` are not negative.
    """
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
    """Refine the multipliers by Newton's method until the mean of every feature is 0."""
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
    chances: Floats = weights / weights.sum()
    return chances


def _no_table(count: int, max_noise: int, variance: float, min_positive: int) -> BadInput:
    text = f"no noise of variance V = {variance:g} within D = {max_noise} fits a count of {count}"
    condition = (
        f" when {'1' if min_positive == 2 else f'1 to {min_positive - 1}'} may not be shown" if min_positive > 1 else ""
    )
    return BadInput(
        Fault(
            text + condition,
            "choose another noise variance, increase the largest noise or decrease the smallest positive count",
        )
    )
