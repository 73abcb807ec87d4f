"""Posterior of a Poisson log-linear model of lists: mode by Newton's method, importance sampling.

The proposal is a multivariate t distribution at the mode, with the inverse curvature as its scale matrix (a Laplace
approximation with heavier tails). The weight of a draw is posterior density over proposal density. A second and a third
round use the weighted mean and covariance of the round before, which fits skewed posteriors better.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import linalg

from kerege.evidence.mse.lists import lists_error

Floats = NDArray[np.float64]
Masks = NDArray[np.int64]
FREEDOM = 10.0  # degrees of freedom of the proposal: its tails are heavier than those of the posterior
ROUNDS = 3
MEANS = 1 << 17  # number of means computed at a time, so that they stay in the processor's cache
FEW = 200_000  # multiplications in one matrix product: BLAS uses one thread for so few, and threads do not compete
STEPS, CLOSE = 200, 1e-9  # Newton: most steps, and tolerance of the last one
LARGEST = 700.0  # largest exponent that exp() does not overflow


class PosteriorModel(NamedTuple):
    """Log-linear model: its parameters and its cells, without the cells of parameters at minus infinity."""

    terms: Masks  # (p,) bitmasks, 0 first
    histories: Masks  # (C,)
    cells: Floats  # (C, p) design matrix: 1 if the parameter is in the cell
    counts: Floats  # (C,)
    precision: Floats  # (p,) one over the prior variance, 0 where the prior is flat


class Draws(NamedTuple):
    """Weighted draws of the parameters; the weights sum to 1."""

    values: Floats  # (S, p)
    weights: Floats  # (S,)
    mean: Floats  # (p,)
    deviation: Floats  # (p,)

    @property
    def ess(self) -> float:
        """Effective sample size: 1 / (sum of squared weights), in independent draws."""
        return float(1.0 / np.sum(self.weights**2))


def build_model(counts: Floats, terms: Masks, boundary: Masks, precision: Floats) -> PosteriorModel:
    """Return the model of counts by history (2^t,), without the cells that contain a term of `boundary`."""
    cells = np.arange(1, len(counts))
    is_removed = (
        np.any((cells[:, None] & boundary) == boundary, axis=1) if len(boundary) else np.zeros(len(cells), bool)
    )
    cells = cells[~is_removed]
    return PosteriorModel(
        terms, cells, ((cells[:, None] & terms) == terms).astype(np.float64), counts[cells], precision
    )


def _log_posterior(model: PosteriorModel, values: Floats) -> Floats:
    """Return the log posterior of (S, p) parameters, up to a constant."""
    log_density = values @ (model.cells.T @ model.counts) - 0.5 * (values**2 @ model.precision)
    lists = int(model.histories.max()).bit_length()
    block_size = max(1, MEANS >> lists)
    for start in range(0, len(values), block_size):
        block = values[start : start + block_size]
        logs = np.zeros((1 << lists, len(block)))
        logs[model.terms] = block.T
        for bit in range(lists):  # log mean of a history: sum over the parameters of its subsets
            view = logs.reshape(-1, 2, 1 << bit, len(block))
            view[:, 1] += view[:, 0]
        log_density[start : start + block_size] -= np.exp(np.minimum(logs[model.histories], LARGEST)).sum(axis=0)
    return np.asarray(log_density, np.float64)


def _list_row_blocks(values: Floats) -> list[slice]:
    """Return blocks of rows of (S, p) values whose products with (p, p) matrices are small."""
    rows = max(16, FEW // values.shape[1] ** 2)
    return [slice(start, start + rows) for start in range(0, len(values), rows)]


def find_mode(model: PosteriorModel) -> tuple[Floats, Floats]:
    """Return the mode (p,) and the curvature (p, p) of the log posterior, which is concave.

    Raises
    ------
    BadLists
        If Newton's method finds no maximum of the posterior.
    """
    root_counts = np.sqrt(model.counts + 0.5)
    values = np.linalg.lstsq(model.cells * root_counts[:, None], root_counts * np.log(model.counts + 0.5))[0]
    log_density = _log_posterior(model, values[None])[0]
    for _ in range(STEPS):
        means = np.exp(np.minimum(model.cells @ values, LARGEST))
        slope = model.cells.T @ (model.counts - means) - model.precision * values
        curvature = (model.cells.T * means) @ model.cells + np.diag(model.precision)
        try:
            step = linalg.cho_solve(linalg.cho_factor(curvature), slope)
        except linalg.LinAlgError:
            break
        step_size, previous = 1.0, log_density
        while step_size > 1e-10:
            log_density = _log_posterior(model, (values + step_size * step)[None])[0]
            if log_density >= previous - 1e-9 * abs(previous):
                break
            step_size /= 2
        values = values + step_size * step
        if np.max(np.abs(step)) < CLOSE:
            return values, curvature
    raise lists_error("the posterior has no maximum", "too few people are on two lists or more for this model")


def draw_posterior(model: PosteriorModel, draws: int, rng: np.random.Generator) -> Draws:
    """Return weighted draws of the parameters of a model. Raises BadLists as `find_mode`."""
    centre, curvature = find_mode(model)
    scale_matrix = linalg.inv(curvature)
    for _ in range(ROUNDS):
        weighted_draws = _draw_importance_sample(model, centre, scale_matrix, draws, rng)
        centre = weighted_draws.mean
        deviations = weighted_draws.values - centre
        scale_matrix = np.zeros((len(centre), len(centre)))
        for rows in _list_row_blocks(deviations):
            scale_matrix += (deviations[rows].T * weighted_draws.weights[rows]) @ deviations[rows]
    return weighted_draws


def _draw_importance_sample(
    model: PosteriorModel, centre: Floats, scale_matrix: Floats, draws: int, rng: np.random.Generator
) -> Draws:
    """Return one round of importance sampling from the t distribution with this centre and scale matrix."""
    dimension = len(centre)
    root = linalg.cholesky(scale_matrix, lower=True)
    standard = rng.standard_normal((draws, dimension)) / np.sqrt(rng.chisquare(FREEDOM, (draws, 1)) / FREEDOM)
    values = np.empty_like(standard)
    for rows in _list_row_blocks(standard):
        values[rows] = centre + standard[rows] @ root.T
    log_proposal = -0.5 * (FREEDOM + dimension) * np.log1p(np.sum(standard**2, axis=1) / FREEDOM)
    log_weights = _log_posterior(model, values) - log_proposal
    weights = np.exp(log_weights - log_weights.max())
    weights /= weights.sum()
    mean = weights @ values
    return Draws(values, weights, mean, np.sqrt(weights @ (values - mean) ** 2))


def weighted_quantiles(values: Floats, weights: Floats, levels: Floats) -> Floats:
    """Return quantiles of weighted values.

    Parameters
    ----------
    values, weights : (S,) float64
        Values in any order, and their weights, which sum to 1.
    levels : (Q,) float64
        Levels of the quantiles, from 0 to 1.

    Returns
    -------
    (Q,) float64
        Linear interpolation of the values at the cumulative weights, each less half of its own weight. With equal
        weights it is type 5 of Hyndman and Fan 1996, "Sample quantiles in statistical packages", American Statistician
        50.

    Examples
    --------
    >>> weighted_quantiles(np.array([3.0, 1.0, 2.0]), np.full(3, 1 / 3), np.array([0.5])).round(6).tolist()
    [2.0]
    """
    order = np.argsort(values)
    cumulative = np.cumsum(weights[order]) - 0.5 * weights[order]
    return np.interp(levels, cumulative, values[order])
