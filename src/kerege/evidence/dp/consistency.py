"""Least-squares estimates of a table from all its noisy margins, and projection onto constraints.

A table with n_1 x ... x n_k inner cells has 2^k levels, one for each set of columns: the total, the margins of one
column, and so on. The noise is independent, with variance 1 / weight in each cell of a level. Then the least-squares
estimate and its variances have a closed form, because averages and contrasts of each column are orthogonal. This is the
residual basis of Xiao and others 2023, "ResidualPlanner"; for one column see Hay and others 2010.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import combinations
from math import prod

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Level = tuple[int, ...]  # positions of the columns that keep their values; the other columns are summed
LEVEL_RATIO = 100.0  # weight of a margin in the distance, over the weight of the margins with one column more
# ADMM: most iterations; tolerance in people (ten times as much for the total); over-relaxation
STEPS, CLOSE, RELAX = 400, 0.02, 1.6


def list_levels(columns: int) -> list[Level]:
    """Return all sets of columns, the empty set (the total) first, by size.

    Parameters
    ----------
    columns : int
        Number of columns of the table.

    Returns
    -------
    list of tuple of int
        The 2^columns levels: positions of the columns that keep their values.

    Examples
    --------
    >>> list_levels(2)
    [(), (0,), (1,), (0, 1)]
    """
    return [level for size in range(columns + 1) for level in combinations(range(columns), size)]


def compute_precision(sizes: tuple[int, ...], weights: Mapping[Level, float]) -> dict[Level, float]:
    """Return the precision (1 / variance) of the contrasts of each set of columns.

    Parameters
    ----------
    sizes : tuple of int
        Numbers of values of the columns.
    weights : mapping of tuple of int to float
        1 / variance of the noise of one cell of each level, in people^-2.

    Returns
    -------
    dict of tuple of int to float
        Precision of the contrasts of each set of columns, averaged over the other columns.

    Notes
    -----
    The sum over the levels that contain the set, of weight times the number of inner cells that a cell of the level
    sums up: Xiao and others 2023, "ResidualPlanner".

    Examples
    --------
    >>> compute_precision((2,), {(): 1.0, (0,): 1.0})  # a total and two parts with noise of variance 1
    {(): 3.0, (0,): 1.0}
    """
    return {
        part: sum(
            weight * _count_summed_cells(sizes, level) for level, weight in weights.items() if set(part) <= set(level)
        )
        for part in list_levels(len(sizes))
    }


def compute_variances(sizes: tuple[int, ...], weights: Mapping[Level, float]) -> dict[Level, float]:
    """Return the variance of the least-squares estimate of one cell of each level.

    Parameters
    ----------
    sizes : tuple of int
        Numbers of values of the columns.
    weights : mapping of tuple of int to float
        1 / variance of the noise of one cell of each level. The level of all columns must be measured.

    Returns
    -------
    dict of tuple of int to float
        Variance in people^2.

    Raises
    ------
    ZeroDivisionError
        If the level of all columns is not measured.

    Notes
    -----
    The sum of the variances of the orthogonal contrasts of the level: Xiao and others 2023, "ResidualPlanner"; for one
    column Hay, Rastogi, Miklau and Suciu 2010.

    Examples
    --------
    >>> {level: round(value, 3) for level, value in compute_variances((2,), {(): 1.0, (0,): 1.0}).items()}
    {(): 0.667, (0,): 0.667}
    """
    precisions = compute_precision(sizes, weights)
    cell_variances = {}
    for level in list_levels(len(sizes)):
        subsets = [part for part in precisions if set(part) <= set(level)]
        total = sum(prod(sizes[i] - 1 for i in part) / precisions[part] for part in subsets)
        cell_variances[level] = total * _count_summed_cells(sizes, level) / prod(sizes[i] for i in level)
    return cell_variances


def _count_summed_cells(sizes: tuple[int, ...], level: Level) -> int:
    """Return how many inner cells one cell of a level sums up."""
    return prod(size for i, size in enumerate(sizes) if i not in level)


def consistent(measured: Mapping[Level, Floats], weights: Mapping[Level, float], axes: tuple[int, ...]) -> Floats:
    """Estimate the inner cells of a table from all its noisy margins by weighted least squares.

    Parameters
    ----------
    measured : mapping of tuple of int to (n_1, ..., n_k) float64
        Noisy counts of each level, in people. A level is the tuple of the positions of the columns that keep their
        values; the array has length 1 along the axis of each other column. The level of all columns must be present.
    weights : mapping of tuple of int to float
        1 / variance of the noise of one cell of each level.
    axes : tuple of int
        The array axis of each column. The arrays may have further axes; each index along these is a table of its own.

    Returns
    -------
    (n_1, ..., n_k) float64
        Estimated inner cells, in people; some may be negative. Their sums are the least-squares estimates of the
        margins.

    References
    ----------
    .. [1] Hay, Rastogi, Miklau and Suciu 2010, "Boosting the accuracy of differentially private histograms through
       consistency" (one column).
    .. [2] Xiao and others 2023, "ResidualPlanner" (residual basis, several columns).

    Examples
    --------
    >>> measured = {(): np.array([12.0]), (0,): np.array([3.0, 5.0])}  # a noisy total, and the noisy parts
    >>> consistent(measured, {(): 1.0, (0,): 1.0}, (0,)).round(3).tolist()
    [4.333, 6.333]
    """
    inner = measured[tuple(range(len(axes)))]
    precisions = compute_precision(tuple(inner.shape[axis] for axis in axes), weights)
    weighted_sum = sum((weights[level] * values for level, values in measured.items()), np.zeros(inner.shape))
    return _scale_components(weighted_sum, axes, {part: 1 / value for part, value in precisions.items()})


def find_nearest_feasible(estimates: Floats, axes: tuple[int, ...], project: Callable[[Floats], Floats]) -> Floats:
    """Return the nearest inner cells that satisfy constraints, such as that no cell is negative.

    Parameters
    ----------
    estimates : (n_1, ..., n_k) float64
        Estimates of the inner cells, in people.
    axes : tuple of int
        The array axis of each column; further axes are tables of their own.
    project : function of an array
        Returns the nearest cells that satisfy the constraints when all cells have equal weight.

    Returns
    -------
    (n_1, ..., n_k) float64
        Feasible inner cells, in people, within 0.02 of the nearest ones.

    Notes
    -----
    The distance is a sum of squares over all margins, in which a level of k columns has weight LEVEL_RATIO^-k. Cutting
    cells off at zero would add up to a total that is too high. The search is the alternating direction method of
    multipliers (ADMM): Boyd, Parikh, Chu, Peleato and Eckstein 2011, "Distributed optimization and statistical learning
    via the alternating direction method of multipliers", Foundations and Trends in Machine Learning 3.

    Examples
    --------
    >>> feasible = find_nearest_feasible(np.array([12.0, -2.0]), (0,), lambda cells: np.maximum(cells, 0.0))
    >>> feasible.round(1).tolist()  # the total stays near 10
    [10.0, 0.0]
    """
    feasible = project(estimates)
    if np.abs(feasible - estimates).max(initial=0) < CLOSE:
        return feasible
    all_levels = list_levels(len(axes))
    precisions = compute_precision(
        tuple(estimates.shape[axis] for axis in axes), {level: LEVEL_RATIO ** -len(level) for level in all_levels}
    )
    penalty = float(np.sqrt(min(precisions.values()) * max(precisions.values())))
    inverse = {part: 1 / (value + penalty) for part, value in precisions.items()}
    weighted_sum, dual = _scale_components(estimates, axes, precisions), np.zeros_like(estimates)
    for _ in range(STEPS):
        solution = _scale_components(weighted_sum + penalty * (feasible - dual), axes, inverse)
        relaxed = RELAX * solution + (1 - RELAX) * feasible
        previous, feasible = feasible, project(relaxed + dual)
        dual += relaxed - feasible
        total_gap = (feasible - solution).sum(axis=axes)  # small differences in many cells add up in the total
        if (
            max(np.abs(feasible - previous).max(), np.abs(feasible - solution).max(), np.abs(total_gap).max() / 10)
            < CLOSE
        ):
            break
    return feasible


def _scale_components(
    values: Floats, axes: tuple[int, ...], factor: Mapping[Level, float], subset: Level = (), position: int = 0
) -> Floats:
    """Scale each orthogonal component of `values` (average or contrast per column) by its factor."""
    if position == len(axes):
        return values * factor[subset]
    mean = values.mean(axis=axes[position], keepdims=True)
    contrast = _scale_components(values - mean, axes, factor, (*subset, position), position + 1)
    return contrast + _scale_components(mean, axes, factor, subset, position + 1)
