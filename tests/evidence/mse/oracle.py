"""Independent stepwise search of Chan, Silverman and Vincent (2021), and R's `confint`.

The search uses design matrices, weighted least squares, SciPy's Poisson distribution, and SciPy's linear programs for
each candidate at each step. Nothing here shares code with the package.
"""

from __future__ import annotations

from itertools import combinations

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import make_interp_spline
from scipy.optimize import linprog
from scipy.stats import chi2, norm, poisson

Array = NDArray[np.float64]


def design(lists: int, dense: Array, model: list[int]) -> tuple[list[int], list[int], Array]:
    """Return the remaining cells and parameters, and the design matrix."""
    cells = range(1, 1 << lists)
    sums = {S: sum(dense[w] for w in cells if w & S == S) for S in model}
    empty = [S for S in model if sums[S] == 0]
    cells_left = [w for w in cells if all(w & S != S for S in empty)]
    terms = [0, *(1 << j for j in range(lists)), *(S for S in model if sums[S] > 0)]
    return cells_left, terms, np.array([[float(w & S == S) for S in terms] for w in cells_left])


def exists(lists: int, dense: Array, model: list[int]) -> bool:
    """Return whether the estimate of a model exists and is identified."""
    cells, _, matrix = design(lists, dense, model)
    if np.linalg.matrix_rank(matrix) < matrix.shape[1]:
        return False
    sums = matrix.T @ dense[cells]
    program = linprog(
        np.r_[np.zeros(len(cells)), -1.0], A_eq=np.hstack([matrix.T, matrix.sum(axis=0)[:, None]]), b_eq=sums
    )
    return bool(-program.fun > 1e-9)


def fit_model(lists: int, dense: Array, model: list[int]) -> tuple[float, dict[int, float]]:
    """Return the unobserved number and the means of the cells."""
    cells, _, matrix = design(lists, dense, model)
    counts = dense[cells]
    mean = counts + 0.1
    eta = np.log(mean)
    for _ in range(200):
        root = np.sqrt(mean)
        working = eta + (counts - mean) / mean
        beta = np.linalg.lstsq(matrix * root[:, None], working * root, rcond=None)[0]
        change = np.abs(matrix @ beta - eta).max()
        eta = matrix @ beta
        mean = np.exp(eta)
        if change < 1e-11:
            break
    return float(np.exp(beta[0])), dict(zip(cells, mean, strict=True))


def stepwise(lists: int, dense: Array, threshold: float = 0.02) -> tuple[float, list[int]]:
    """Return the estimate and the chosen pairs in their order."""
    pairs = [(1 << i) | (1 << j) for i, j in combinations(range(lists), 2)]
    model: list[int] = []
    unobserved, means = fit_model(lists, dense, model)
    while len(model) < len(pairs):
        values = []
        for pair in pairs:
            count = sum(dense[w] for w in range(1 << lists) if w & pair == pair)
            rate = sum(mean for w, mean in means.items() if w & pair == pair)
            value = min(poisson.cdf(count, rate), poisson.sf(count - 1, rate))
            values.append(1.0 if pair in model or not exists(lists, dense, [*model, pair]) else value)
        if min(values) >= threshold:
            break
        model.append(pairs[int(np.argmin(values))])
        unobserved, means = fit_model(lists, dense, model)
    return float(dense.sum()) + unobserved, model


def confint(lists: int, dense: Array, level: float = 0.95) -> tuple[float, float]:
    """Return n + exp of the limits of `confint(glm(...))` in R for the intercept of independence.

    R computes the signed root of the deviance at steps of a fifth of the largest one. It lays the spline of Forsythe,
    Malcolm and Moler through them (three times as many points) and interpolates linearly.
    """
    _, _, matrix = design(lists, dense, [])
    counts = dense[1:]
    others, intercept, error = _fit_intercept(matrix, counts)
    least = _deviance(matrix[:, 1:], counts, intercept, others)
    largest = float(np.sqrt(chi2.ppf(1 - (1 - level) / 4, 1)))
    places = {0.0: intercept}
    for sign in (-1, 1):
        root, step = 0.0, 0
        while step < 9 and abs(root) < largest:
            step += 1
            place = intercept + sign * step * largest / 5 * error
            root = sign * float(np.sqrt(max(_deviance(matrix[:, 1:], counts, place, others) - least, 0.0)))
            places[root] = place
    roots, intercepts = np.array(sorted(places)), np.array([places[root] for root in sorted(places)])
    ends = [
        [(3, 6 * np.polyfit(intercepts[end] - intercepts[end][0], roots[end], 3)[0])]
        for end in (slice(4), slice(-4, None))
    ]
    grid = np.linspace(intercepts[0], intercepts[-1], 3 * len(roots))
    spline = make_interp_spline(intercepts, roots, k=3, bc_type=tuple(ends))
    low, high = np.interp(norm.ppf([(1 - level) / 2, (1 + level) / 2]), spline(grid), grid)
    return float(dense.sum() + np.exp(low)), float(dense.sum() + np.exp(high))


def _fit_intercept(matrix: Array, counts: Array) -> tuple[Array, float, float]:
    """Return the other parameters, the intercept and its standard error, of a Poisson regression."""
    beta = np.linalg.lstsq(matrix, np.log(counts + 0.1), rcond=None)[0]
    for _ in range(100):
        mean = np.exp(matrix @ beta)
        beta = beta + np.linalg.solve(matrix.T * mean @ matrix, matrix.T @ (counts - mean))
    covariance = np.linalg.inv(matrix.T * np.exp(matrix @ beta) @ matrix)
    return beta[1:], float(beta[0]), float(np.sqrt(covariance[0, 0]))


def _deviance(matrix: Array, counts: Array, intercept: float, start: Array) -> float:
    """Return minus twice the log-likelihood with a given intercept, without a constant."""
    beta = start
    for _ in range(50):
        mean = np.exp(intercept + matrix @ beta)
        beta = beta + np.linalg.solve(matrix.T * mean @ matrix, matrix.T @ (counts - mean))
    logs = intercept + matrix @ beta
    return float(2 * (np.exp(logs).sum() - counts @ logs))
