"""What is best concluded from all measured margins of a table, and how far it may be off.

A table with n_1 x ... x n_k inner cells has 2^k levels, one a set of columns: the total, the margins of one column, and
so on. With independent noise of variance 1 / weight in the cells of a level, the least-squares estimate and its
variances have a closed form: the averages and the contrasts of each column do not interact (the residual basis of
"ResidualPlanner", Xiao and others 2023; for one column Hay and others 2010).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import combinations
from math import prod

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Level = tuple[int, ...]  # the columns that are open, by their place
FIRM = 100.0
STEPS, CLOSE, RELAX = 400, 0.02, 1.6  # the search ends when nothing moves by CLOSE, and no total by ten times it


def levels(columns: int) -> list[Level]:
    """All sets of columns, the total first."""
    return [level for size in range(columns + 1) for level in combinations(range(columns), size)]


def precision(sizes: tuple[int, ...], weights: Mapping[Level, float]) -> dict[Level, float]:
    """What is known of the contrasts in a set of columns, averaged over the others: 1 / variance."""
    return {
        part: sum(weight * _others(sizes, level) for level, weight in weights.items() if set(part) <= set(level))
        for part in levels(len(sizes))
    }


def variances(sizes: tuple[int, ...], weights: Mapping[Level, float]) -> dict[Level, float]:
    """The variance of the least-squares estimate of one cell of every level; `weights` are 1 / variance of its noise.

    The level of all columns must be measured.
    """
    known = precision(sizes, weights)
    found = {}
    for level in levels(len(sizes)):
        parts = [part for part in known if set(part) <= set(level)]
        spread = sum(prod(sizes[i] - 1 for i in part) / known[part] for part in parts)
        found[level] = spread * _others(sizes, level) / prod(sizes[i] for i in level)
    return found


def _others(sizes: tuple[int, ...], level: Level) -> int:
    return prod(size for i, size in enumerate(sizes) if i not in level)


def consistent(measured: Mapping[Level, Floats], weights: Mapping[Level, float], axes: tuple[int, ...]) -> Floats:
    """Estimate the inner cells of a table from all its noisy margins by weighted least squares; some may be negative.

    Parameters
    ----------
    measured : mapping of level to (n_1, ..., n_k) float64
        Noisy counts by level. A level is the tuple of columns that are open, by their place; a level that leaves a
        column out has length 1 along its axis. The level of all columns must be there.
    weights : mapping of level to float
        1 / variance of the noise of a cell of each level.
    axes : tuple of int
        The axes of the arrays that belong to the columns. Further axes are tables of their own.

    Returns
    -------
    (n_1, ..., n_k) float64
        Sums of these cells are the least-squares estimates of the margins.

    Notes
    -----
    Hay and others 2010 for one column; the residual basis of Xiao and others 2023, "ResidualPlanner", for more.

    Examples
    --------
    >>> measured = {(): np.array([12.0]), (0,): np.array([3.0, 5.0])}  # a noisy total, and the noisy parts
    >>> consistent(measured, {(): 1.0, (0,): 1.0}, (0,)).round(3).tolist()
    [4.333, 6.333]
    """
    inner = measured[tuple(range(len(axes)))]
    known = precision(tuple(inner.shape[axis] for axis in axes), weights)
    aim = sum((weights[level] * values for level, values in measured.items()), np.zeros(inner.shape))
    return _filtered(aim, axes, {part: 1 / value for part, value in known.items()})


def allowed(wanted: Floats, axes: tuple[int, ...], project: Callable[[Floats], Floats]) -> Floats:
    """The nearest inner cells that `project` leaves as they are, such as none negative.

    Near means near in every margin, and FIRM times nearer in a margin than in those it is the sum of: cut off at zero
    and no more, many small cells would add up to a total that is too high. The search is the alternating direction
    method of multipliers; `project` gives the nearest allowed cells when all cells count alike.
    """
    kept = project(wanted)
    if np.abs(kept - wanted).max(initial=0) < CLOSE:
        return kept
    every = levels(len(axes))
    known = precision(tuple(wanted.shape[axis] for axis in axes), {level: FIRM ** -len(level) for level in every})
    push = float(np.sqrt(min(known.values()) * max(known.values())))
    inverse = {part: 1 / (value + push) for part, value in known.items()}
    aim, dual = _filtered(wanted, axes, known), np.zeros_like(wanted)
    for _ in range(STEPS):
        found = _filtered(aim + push * (kept - dual), axes, inverse)
        ahead = RELAX * found + (1 - RELAX) * kept
        before, kept = kept, project(ahead + dual)
        dual += ahead - kept
        off = (kept - found).sum(axis=axes)  # a little in many cells is much in the total
        if max(np.abs(kept - before).max(), np.abs(kept - found).max(), np.abs(off).max() / 10) < CLOSE:
            break
    return kept


def _filtered(
    values: Floats, axes: tuple[int, ...], factor: Mapping[Level, float], part: Level = (), at: int = 0
) -> Floats:
    """Split into averages and contrasts along every column, and weight each part by its factor."""
    if at == len(axes):
        return values * factor[part]
    mean = values.mean(axis=axes[at], keepdims=True)
    contrast = _filtered(values - mean, axes, factor, (*part, at), at + 1)
    return contrast + _filtered(mean, axes, factor, part, at + 1)
