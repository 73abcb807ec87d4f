"""Independent implementation of the stepwise search of Chan, Silverman and Vincent (2021).

It uses design matrices, weighted least squares, SciPy's Poisson distribution and SciPy's linear programs for each
candidate at each step. It shares no code with the package.
"""

from __future__ import annotations

from itertools import combinations

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linprog
from scipy.stats import poisson

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
