"""Poisson log-linear models by their design matrix, for models that are not hierarchical.

The compiled kernels fit hierarchical models without a matrix. A column for people who differ, or a row for the people
on no list, needs one.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
STEPS, SMALL = 50, 1e-9  # of Newton's method
MOST_STEP = 4.0  # largest change of the logarithm of a fitted count in one step
LEAST_LOG, MOST_LOG = -30.0, 25.0  # logarithms of fitted counts are kept between these
RIDGE = 1e-9
HALVINGS = 10  # most halvings of a step that lowers the likelihood
CONVERGED = 1e-6  # longest last step of a converged fit, and its gradient relative to the sufficient statistics


class PoissonFit(NamedTuple):
    """Maximum likelihood fit of a Poisson log-linear model.

    log_likelihood: without the factorials of the counts. converged: whether the fit is at the maximum; it is not if a
    parameter diverges.
    """

    parameters: Floats  # (columns,)
    log_likelihood: float
    converged: bool


def fit_poisson(design: Floats, counts: Floats, start: Floats | None = None, intercept: float = 0.0) -> PoissonFit:
    """Return the fit of log m = c + X b to counts (cells,), by Newton's method; X is (cells, columns)."""
    regression = _Regression(design, counts, intercept)
    parameters: Floats = regression.rough_fit() if start is None else start.copy()
    likelihood, length = regression.log_likelihood(parameters), np.inf
    for _ in range(STEPS):
        step = regression.newton_step(parameters)
        parameters, likelihood = regression.move(parameters, likelihood, step)
        length = float(np.abs(step).max())
        if length < SMALL:
            break
    # a parameter on its way to infinity has a gradient near 0, but its steps stay long
    return PoissonFit(parameters, likelihood, length < CONVERGED and regression.has_no_slope(parameters))


def fitted_counts(design: Floats, parameters: Floats, intercept: float = 0.0) -> Floats:
    """Return the fitted counts (cells,)."""
    return np.asarray(np.exp(np.clip(intercept + design @ parameters, LEAST_LOG, MOST_LOG)))


def information_matrix(design: Floats, fitted: Floats) -> Floats:
    """Return the Fisher information (columns, columns) of the parameters."""
    return np.asarray(design.T @ (design * fitted[:, None]))


def deviance(counts: Floats, fitted: Floats) -> float:
    """Return twice the distance of the log-likelihood from that of a perfect fit."""
    ratios = np.log(np.where(counts > 0, counts, 1.0) / np.where(counts > 0, fitted, 1.0))
    return float(2 * (counts @ ratios - (counts - fitted).sum()))


class _Regression(NamedTuple):
    """Log-linear model of counts: design, counts, and the given part of the intercept."""

    design: Floats
    counts: Floats
    intercept: float

    def rough_fit(self) -> Floats:
        """Return least squares parameters of the logarithms, to start from."""
        logs = np.log(self.counts + 0.5) - self.intercept
        return np.asarray(np.linalg.lstsq(self.design, logs, rcond=None)[0], np.float64)

    def log_likelihood(self, parameters: Floats) -> float:
        """Return the log-likelihood without the factorials of the counts."""
        log_fitted = np.clip(self.intercept + self.design @ parameters, LEAST_LOG, MOST_LOG)
        return float(self.counts @ log_fitted - np.exp(log_fitted).sum())

    def newton_step(self, parameters: Floats) -> Floats:
        """Return the step of Newton's method, which changes no logarithm by more than `MOST_STEP`."""
        fitted = fitted_counts(self.design, parameters, self.intercept)
        information = information_matrix(self.design, fitted) + RIDGE * np.eye(self.design.shape[1])
        step = np.linalg.solve(information, self.design.T @ (self.counts - fitted))
        return np.asarray(step * min(1.0, MOST_STEP / max(np.abs(self.design @ step).max(), SMALL)))

    def move(self, parameters: Floats, likelihood: float, step: Floats) -> tuple[Floats, float]:
        """Return parameters and likelihood after a step, halved until the likelihood does not fall."""
        slack = SMALL * (1 + abs(likelihood))
        for halving in range(HALVINGS):
            moved = parameters + step / 2**halving
            reached = self.log_likelihood(moved)
            if reached >= likelihood - slack:
                return moved, reached
        return parameters, likelihood

    def has_no_slope(self, parameters: Floats) -> bool:
        """Return whether the gradient of the likelihood is 0."""
        fitted = fitted_counts(self.design, parameters, self.intercept)
        gradient = np.abs(self.design.T @ (self.counts - fitted)).max()
        return bool(gradient <= CONVERGED * (1 + np.abs(self.design.T @ self.counts).max()))
