"""One hierarchical model fitted to lists: estimate, likelihood, criteria, and an interval that takes it for granted."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from kerege.evidence.mse.lists import Lists, check_setting, lists_error
from kerege.evidence.mse.loglinear.existence import existence_code, support
from kerege.evidence.mse.loglinear.hierarchical_models import Model, checked_model

Floats = NDArray[np.float64]
WHY = {
    1: "the estimate of this model does not exist: some of its parameters run off to infinity",
    2: "this model is not identified: its parameters cannot be told apart on these lists",
    3: "this model is not identified and its estimate does not exist",
}


@dataclass(frozen=True)
class Fit:
    """A Poisson log-linear model on lists.

    estimate: people, seen or not; dark: those not seen; log_likelihood with the factorials; bic takes people as the
    sample size and counts parameters on the boundary (Rcapture's convention), aic likewise; alphas by term, -inf on
    the boundary; spread: standard error of the intercept, the logarithm of the dark figure.
    """

    model: Model
    people: int
    dark: float
    log_likelihood: float
    alphas: dict[int, float]
    spread: float

    @property
    def estimate(self) -> float:
        """People, seen or not."""
        return self.people + self.dark

    @property
    def bic(self) -> float:
        """Schwarz 1978, with people as the sample size."""
        return len(self.model) * math.log(self.people) - 2 * self.log_likelihood

    @property
    def aic(self) -> float:
        """Akaike 1974."""
        return 2 * len(self.model) - 2 * self.log_likelihood

    def interval(self, level: float = 0.95) -> tuple[float, float]:
        """As if the model were known: n + exp(alpha_0 -+ z se). Far too short where it was chosen on the same lists."""
        from statistics import NormalDist

        check_setting("the level", level, 0, 1, exclusive=True)
        reach = NormalDist().inv_cdf(0.5 + level / 2) * self.spread
        return self.people + self.dark * math.exp(-reach), self.people + self.dark * math.exp(reach)


class Fitted(NamedTuple):
    """Many models on one table."""

    starts: NDArray[np.int64]  # (M + 1,)
    terms: NDArray[np.int64]  # model m is terms[starts[m]:starts[m + 1]]
    alphas: Floats  # as terms
    log_likelihood: Floats  # (M,) without the factorials
    dark: Floats  # (M,)
    codes: NDArray[np.int64]  # (M,) of existence: 0 where there is an estimate


def fit(lists: Lists, model: Model | None = None) -> Fit:
    """Maximum likelihood of one model.

    Parameters
    ----------
    lists : Lists
        Any number of them.
    model : tuple of int, optional
        Sets of lists that it ties together, as bitmasks; what they hold comes with them. Independence if not given.

    Returns
    -------
    Fit
        People, likelihood, parameters by term.

    Raises
    ------
    BadLists
        Where the estimate does not exist or is not identified, and for terms that are no bitmasks of these lists.

    Notes
    -----
    Poisson log-linear with the all-zero history unseen, parameters of empty overlaps at -inf (Chan, Silverman and
    Vincent 2021, JASA 116). The likelihood is Poisson, not the multinomial profile of Rcapture's `closedpCI.t`.

    Examples
    --------
    >>> lists = Lists([1, 2, 3, 4, 5, 6, 7], [60, 49, 4, 247, 112, 142, 12])  # spina bifida, Madigan and York 1997
    >>> found = fit(lists, (0b011,))  # lists A and B depend on each other
    >>> round(found.estimate), [round(limit) for limit in found.interval(0.95)]
    (731, [707, 761])
    """
    wanted = checked_model(lists.number, model or ())
    found = fit_all(lists.dense, lists.number, [wanted])
    if found.codes[0]:
        raise lists_error(WHY[int(found.codes[0])], "take a model that ties fewer lists together")
    alphas = {term: float(alpha) for term, alpha in zip(wanted, found.alphas, strict=True)}
    constant = sum(math.lgamma(n + 1) for n in lists.counts.tolist())
    return Fit(
        wanted,
        lists.people,
        float(found.dark[0]),
        float(found.log_likelihood[0]) - constant,
        alphas,
        _spread(lists.number, alphas),
    )


def fit_all(dense: NDArray[np.int64], lists: int, models: Sequence[Model], base: Floats | None = None) -> Fitted:
    """Fit many models to one table (2^t,), each from the fit of the model without its last term where that is there."""
    from kerege.evidence.mse.loglinear.kernels import UNKNOWN, fit_models

    starts = np.r_[0, np.cumsum([len(model) for model in models])].astype(np.int64)
    terms = np.fromiter((term for model in models for term in model), np.int64, int(starts[-1]))
    place = {model: m for m, model in enumerate(models)}
    parents = np.array([place.get(model[:-1], -1) for model in models], np.int64)
    parents[parents >= np.arange(len(models))] = -1
    alphas, found = np.zeros(len(terms)), np.zeros((len(models), 3))
    start = np.zeros(0) if base is None else base
    fit_models(dense.astype(np.float64), lists, starts, terms, parents, start, alphas, found)
    codes = found[:, 2].astype(np.int64)
    for m in np.flatnonzero(codes == UNKNOWN).tolist():
        codes[m] = existence_code(lists, models[m], support(dense)) or UNKNOWN
    if (codes == UNKNOWN).any():
        raise RuntimeError("a fit did not converge although its estimate exists")
    return Fitted(starts, terms, alphas, found[:, 0], found[:, 1], codes)


def _spread(lists: int, alphas: dict[int, float]) -> float:
    """Standard error of the intercept from the inverse information."""
    terms = [term for term, alpha in alphas.items() if alpha > -np.inf]
    cells = np.arange(1, 1 << lists)
    gone = [term for term, alpha in alphas.items() if alpha == -np.inf]
    cells = cells[[all(w & term != term for term in gone) for w in cells.tolist()]]
    design = (cells[:, None] & np.array(terms)) == np.array(terms)
    means = np.exp(design @ np.array([alphas[term] for term in terms]))
    information = (design * means[:, None]).T @ design
    return float(np.sqrt(np.linalg.inv(information)[0, 0]))
