"""Maximum likelihood fit of one hierarchical log-linear model: estimate, criteria and interval."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from kerege.evidence.mse.lists import Lists, check_setting, lists_error
from kerege.evidence.mse.loglinear.existence import existence_code, support_key
from kerege.evidence.mse.loglinear.hierarchical_models import Model, validate_model

Floats = NDArray[np.float64]
WHY = {
    1: "the estimate of this model does not exist: some of its parameters diverge to infinity",
    2: "this model is not identified: these lists cannot distinguish its parameters",
    3: "this model is not identified and its estimate does not exist",
}


@dataclass(frozen=True)
class Fit:
    """Poisson log-linear model fitted to lists.

    people: observed people. unobserved: estimated unobserved people. log_likelihood: with the factorials of the counts.
    alphas: parameter of each term, -inf on the boundary. spread: standard error of the intercept, which is the
    logarithm of the unobserved number. AIC and BIC count parameters on the boundary (convention of Rcapture).
    """

    model: Model
    people: int
    unobserved: float
    log_likelihood: float
    alphas: dict[int, float]
    spread: float

    @property
    def estimate(self) -> float:
        """People, observed and unobserved."""
        return self.people + self.unobserved

    @property
    def bic(self) -> float:
        """Bayesian information criterion (Schwarz 1978), with the observed people as the sample size."""
        return len(self.model) * math.log(self.people) - 2 * self.log_likelihood

    @property
    def aic(self) -> float:
        """Akaike information criterion (Akaike 1974)."""
        return 2 * len(self.model) - 2 * self.log_likelihood

    def interval(self, level: float = 0.95) -> tuple[float, float]:
        """Return the confidence limits of the population size under a given model.

        They ignore model selection: if the model was chosen on the same lists, they are far too narrow.

        Parameters
        ----------
        level : float
            Level of the interval, between 0 and 1.

        Returns
        -------
        tuple of float
            n + exp(alpha_0 -+ z se), in people, with the intercept alpha_0 and its standard error se.

        Raises
        ------
        BadLists
            If the level is not between 0 and 1.

        Notes
        -----
        The standard error is from the inverse of the Fisher information: Bishop, Fienberg and Holland 1975, "Discrete
        Multivariate Analysis", MIT Press.

        Examples
        --------
        >>> lists = Lists([1, 2, 3, 4, 5, 6, 7], [60, 49, 4, 247, 112, 142, 12])  # spina bifida, Madigan and York 1997
        >>> [round(limit) for limit in fit(lists, (0b011,)).interval(0.95)]
        [707, 761]
        """
        check_setting("the level", level, 0, 1, exclusive=True)
        half_width = NormalDist().inv_cdf(0.5 + level / 2) * self.spread
        return self.people + self.unobserved * math.exp(-half_width), self.people + self.unobserved * math.exp(
            half_width
        )


class Fitted(NamedTuple):
    """Fits of many models to one table."""

    starts: NDArray[np.int64]  # (M + 1,)
    terms: NDArray[np.int64]  # model m is terms[starts[m]:starts[m + 1]]
    alphas: Floats  # as terms
    log_likelihood: Floats  # (M,) without the factorials
    unobserved: Floats  # (M,)
    codes: NDArray[np.int64]  # (M,) existence codes: 0 if there is an estimate


def fit(lists: Lists, model: Model | None = None) -> Fit:
    """Fit one hierarchical log-linear model by maximum likelihood.

    Parameters
    ----------
    lists : Lists
        Any number of lists.
    model : tuple of int, optional
        Interactions of lists as bitmasks; the subsets of each are added. Default: independence.

    Returns
    -------
    Fit
        Population size, likelihood, and parameters by term.

    Raises
    ------
    BadLists
        If the estimate does not exist or is not identified, or if a term is not a bitmask of these lists.

    Notes
    -----
    A Poisson log-linear model in which the all-zero history is unobserved. Parameters of empty overlaps are at -inf, as
    in Chan, Silverman and Vincent (2021). The likelihood is Poisson, not the multinomial profile of `closedpCI.t` in
    the R package Rcapture.

    References
    ----------
    .. [1] Chan, Silverman and Vincent 2021, "Multiple systems estimation for sparse capture data: inferential
       challenges when there are nonoverlapping lists", Journal of the American Statistical Association 116.

    Examples
    --------
    >>> lists = Lists([1, 2, 3, 4, 5, 6, 7], [60, 49, 4, 247, 112, 142, 12])  # spina bifida, Madigan and York 1997
    >>> result = fit(lists, (0b011,))  # an interaction of lists A and B
    >>> round(result.estimate), [round(limit) for limit in result.interval(0.95)]
    (731, [707, 761])
    """
    closed_model = validate_model(lists.number, model or ())
    fitted = fit_all(lists.dense, lists.number, [closed_model])
    if fitted.codes[0]:
        raise lists_error(WHY[int(fitted.codes[0])], "take a model with fewer interactions of lists")
    alphas = {term: float(alpha) for term, alpha in zip(closed_model, fitted.alphas, strict=True)}
    constant = sum(math.lgamma(n + 1) for n in lists.counts.tolist())
    return Fit(
        model=closed_model,
        people=lists.people,
        unobserved=float(fitted.unobserved[0]),
        log_likelihood=float(fitted.log_likelihood[0]) - constant,
        alphas=alphas,
        spread=standard_errors(lists.number, alphas)[0],
    )


def fit_all(dense: NDArray[np.int64], lists: int, models: Sequence[Model], base: Floats | None = None) -> Fitted:
    """Fit many models to one table (2^t,).

    Each fit starts from that of the model without its last term, if this model comes earlier. Raises RuntimeError if a
    fit does not converge although its estimate exists.
    """
    from kerege.evidence.mse.loglinear.kernels import UNKNOWN, fit_models

    starts = np.r_[0, np.cumsum([len(model) for model in models])].astype(np.int64)
    terms = np.fromiter((term for model in models for term in model), np.int64, int(starts[-1]))
    positions = {model: m for m, model in enumerate(models)}
    parents = np.array([positions.get(model[:-1], -1) for model in models], np.int64)
    parents[parents >= np.arange(len(models))] = -1
    alphas, summaries = np.zeros(len(terms)), np.zeros((len(models), 3))
    start = np.zeros(0) if base is None else base
    fit_models(dense.astype(np.float64), lists, starts, terms, parents, start, alphas, summaries)
    codes = summaries[:, 2].astype(np.int64)
    for m in np.flatnonzero(codes == UNKNOWN).tolist():
        codes[m] = existence_code(lists, models[m], support_key(dense)) or UNKNOWN
    if (codes == UNKNOWN).any():
        raise RuntimeError("a fit did not converge although its estimate exists")
    return Fitted(
        starts=starts,
        terms=terms,
        alphas=alphas,
        log_likelihood=summaries[:, 0],
        unobserved=summaries[:, 1],
        codes=codes,
    )


def standard_errors(lists: int, alphas: dict[int, float]) -> dict[int, float]:
    """Return the standard error of each finite parameter, from the inverse of the Fisher information."""
    terms = [term for term, alpha in alphas.items() if alpha > -np.inf]
    cells = np.arange(1, 1 << lists)
    boundary = [term for term, alpha in alphas.items() if alpha == -np.inf]
    cells = cells[[all(w & term != term for term in boundary) for w in cells.tolist()]]
    design = (cells[:, None] & np.array(terms)) == np.array(terms)
    means = np.exp(design @ np.array([alphas[term] for term in terms]))
    information = (design * means[:, None]).T @ design
    return dict(zip(terms, np.sqrt(np.diag(np.linalg.inv(information))).tolist(), strict=True))
