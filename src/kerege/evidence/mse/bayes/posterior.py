"""The posterior of a Poisson log-linear model of lists: its mode by Newton, then weighted draws.

Draws come from a multivariate t at the mode with the inverse curvature as its shape (the Laplace approximation with
heavier tails), and each weighs the posterior over the density it was drawn from. A second and third batch are drawn
around the weighted mean with the weighted covariance of the one before, which follows skewed posteriors better.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import linalg

from kerege.evidence.mse.lists import lists_error

Floats = NDArray[np.float64]
Masks = NDArray[np.int64]
FREEDOM = 10.0  # degrees of freedom of the t: tails heavier than those of a posterior with Poisson terms
ROUNDS = 3
MEANS = 1 << 17  # means in memory at a time: they stay in the cache
FEW = 200_000  # multiplications in a product of matrices that BLAS leaves to one thread: more fight over processors
STEPS, CLOSE = 200, 1e-9
LARGEST = 700.0  # exponent of a double


class Model(NamedTuple):
    """Parameters and the cells they are estimated from; a cell that holds a parameter at minus infinity is gone."""

    terms: Masks  # (p,) bitmasks, 0 first
    histories: Masks  # (C,)
    cells: Floats  # (C, p) whether the parameter is part of the cell
    counts: Floats  # (C,)
    precision: Floats  # (p,) one over the prior variance, 0 where the prior is flat


class Draws(NamedTuple):
    """Draws of the parameters and their weights, which sum to 1."""

    values: Floats  # (S, p)
    weights: Floats  # (S,)
    mean: Floats  # (p,)
    deviation: Floats  # (p,)

    @property
    def ess(self) -> float:
        """How many independent draws from the posterior itself would tell as much."""
        return float(1.0 / np.sum(self.weights**2))


def model_of(counts: Floats, terms: Masks, boundary: Masks, precision: Floats) -> Model:
    """The cells of a model. `counts` (2^t,) by history; cells that hold any of `boundary` are left out."""
    cells = np.arange(1, len(counts))
    gone = np.any((cells[:, None] & boundary) == boundary, axis=1) if len(boundary) else np.zeros(len(cells), bool)
    cells = cells[~gone]
    return Model(terms, cells, ((cells[:, None] & terms) == terms).astype(np.float64), counts[cells], precision)


def _log_posterior(model: Model, values: Floats) -> Floats:
    """Up to a constant, of (S, p) parameters."""
    found = values @ (model.cells.T @ model.counts) - 0.5 * (values**2 @ model.precision)
    lists = int(model.histories.max()).bit_length()
    rows = max(1, MEANS >> lists)
    for start in range(0, len(values), rows):
        part = values[start : start + rows]
        logs = np.zeros((1 << lists, len(part)))
        logs[model.terms] = part.T
        for bit in range(lists):  # sums over the parameters inside each history
            view = logs.reshape(-1, 2, 1 << bit, len(part))
            view[:, 1] += view[:, 0]
        found[start : start + rows] -= np.exp(np.minimum(logs[model.histories], LARGEST)).sum(axis=0)
    return np.asarray(found, np.float64)


def _slices(values: Floats) -> list[slice]:
    """Rows of (S, p) values whose products with (p, p) are small."""
    rows = max(16, FEW // values.shape[1] ** 2)
    return [slice(start, start + rows) for start in range(0, len(values), rows)]


def mode(model: Model) -> tuple[Floats, Floats]:
    """Mode (p,) and curvature (p, p) of the log posterior, which is concave.

    Raises
    ------
    BadLists
        A ValueError: the posterior has no maximum that Newton's method finds.
    """
    root = np.sqrt(model.counts + 0.5)
    values = np.linalg.lstsq(model.cells * root[:, None], root * np.log(model.counts + 0.5))[0]
    height = _log_posterior(model, values[None])[0]
    for _ in range(STEPS):
        means = np.exp(np.minimum(model.cells @ values, LARGEST))
        slope = model.cells.T @ (model.counts - means) - model.precision * values
        curvature = (model.cells.T * means) @ model.cells + np.diag(model.precision)
        try:
            step = linalg.cho_solve(linalg.cho_factor(curvature), slope)
        except linalg.LinAlgError:
            break
        size, before = 1.0, height
        while size > 1e-10:
            height = _log_posterior(model, (values + size * step)[None])[0]
            if height >= before - 1e-9 * abs(before):
                break
            size /= 2
        values = values + size * step
        if np.max(np.abs(step)) < CLOSE:
            return values, curvature
    raise lists_error("the posterior has no maximum", "too few people are on two lists or more for this model")


def sample(model: Model, draws: int, random: np.random.Generator) -> Draws:
    """Weighted draws of the parameters of a model; raises BadLists as `mode`."""
    centre, curvature = mode(model)
    shape = linalg.inv(curvature)
    for _ in range(ROUNDS):
        found = _weighted(model, centre, shape, draws, random)
        centre = found.mean
        spread = found.values - centre
        shape = np.zeros((len(centre), len(centre)))
        for rows in _slices(spread):
            shape += (spread[rows].T * found.weights[rows]) @ spread[rows]
    return found


def _weighted(model: Model, centre: Floats, shape: Floats, draws: int, random: np.random.Generator) -> Draws:
    width = len(centre)
    root = linalg.cholesky(shape, lower=True)
    unit = random.standard_normal((draws, width)) / np.sqrt(random.chisquare(FREEDOM, (draws, 1)) / FREEDOM)
    values = np.empty_like(unit)
    for rows in _slices(unit):
        values[rows] = centre + unit[rows] @ root.T
    drawn = -0.5 * (FREEDOM + width) * np.log1p(np.sum(unit**2, axis=1) / FREEDOM)
    logs = _log_posterior(model, values) - drawn
    weights = np.exp(logs - logs.max())
    weights /= weights.sum()
    mean = weights @ values
    return Draws(values, weights, mean, np.sqrt(weights @ (values - mean) ** 2))


def quantiles(values: Floats, weights: Floats, levels: Floats) -> Floats:
    """Quantiles of weighted values."""
    order = np.argsort(values)
    reached = np.cumsum(weights[order]) - 0.5 * weights[order]
    return np.interp(levels, reached, values[order])
