"""Log-linear models of people who differ in how easily lists reach them: M0, Mt, Mh and Mth.

Rivest and Baillargeon 2007, "Applications and extensions of Chao's moment estimator for the size of a closed
population", Biometrics 63; Baillargeon and Rivest 2007, "Rcapture", Journal of Statistical Software 19(5).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from kerege.evidence.mse.lists import Histories, Lists, check_setting, lists_error
from kerege.evidence.mse.loglinear.hierarchical_models import Model, validate_model
from kerege.evidence.mse.loglinear.poisson_regression import (
    PoissonFit,
    deviance,
    fit_poisson,
    fitted_counts,
    information_matrix,
)

Floats = NDArray[np.float64]
FORMS = ("none", "chao", "poisson", "darroch", "gamma")
DEFAULTS = {"poisson": 2.0, "gamma": 3.5}  # parameter of the form, as in Rcapture
MOST_CHANGES = 100  # changes of the set of columns at their bound
LEAST_SLOPE = 1e-7  # slope of the likelihood below which a column stays out, relative to its sufficient statistic
NO_ESTIMATE = "nothing bounds the estimate of this model: one of its parameters diverges"


@dataclass(frozen=True)
class Design:
    """Design matrix of a log-linear model, on the cells that can have people.

    matrix: (cells, columns), the intercept first. cells: histories. etas: columns from this one on are at least 0.
    dropped: parameters at -infinity, and their cells without people.
    """

    matrix: Floats = field(repr=False)
    cells: Histories = field(repr=False)
    etas: int
    dropped: tuple[int, int] = (0, 0)


@dataclass(frozen=True)
class HeterogeneityFit:
    """Log-linear model of people who differ, fitted to lists.

    estimate: people, observed and unobserved. error: its standard error. columns: parameters of the columns for
    heterogeneity; for "chao" eta_3, ..., eta_t, where 0 is the bound. degrees: degrees of freedom of the deviance.
    AIC and BIC have the factorials of the counts; the sample size of BIC is the number of observed people.
    """

    form: str
    people: int
    estimate: float
    error: float
    deviance: float
    degrees: int
    aic: float
    bic: float
    columns: tuple[float, ...]


def fit_heterogeneity(
    lists: Lists,
    form: str = "chao",
    model: Model | None = None,
    *,
    parameter: float | None = None,
    equal_lists: bool = False,
) -> HeterogeneityFit:
    """Fit a log-linear model in which people differ in how easily lists reach them.

    Parameters
    ----------
    lists : Lists
        Three to ten lists.
    form : {"chao", "poisson", "darroch", "gamma", "none"}
        Form of the heterogeneity; see Notes. "none" is M0 or Mt.
    model : tuple of int, optional
        Interactions of lists as bitmasks, as for `fit`. Default: none.
    parameter : float, optional
        a of "poisson" (above 0, not 1; default 2) or of "gamma" (above 0; default 3.5).
    equal_lists : bool, default False
        Whether all lists reach equally many people (M0, Mh), or each has a parameter of its own (Mt, Mth).

    Returns
    -------
    HeterogeneityFit
        Population size with its standard error, deviance, AIC, BIC and parameters.

    Raises
    ------
    BadLists
        If a setting is invalid, or the model has no estimate on these lists.

    See Also
    --------
    profile_interval : Profile-likelihood interval under these models.

    Notes
    -----
    For a history w on k lists, log m_w = alpha + sum of beta_j over the lists in w + its interactions + h(k):

    - "poisson": h(k) = tau (a^k - 1). The chance of a list is bounded from below.
    - "darroch": h(k) = tau k^2 / 2. The logits of the chances are normal among the people on no list.
    - "gamma": h(k) = tau (log a - log(a + k)). Very small chances are possible.
    - "chao": h(k) = sum over j = 3, ..., t of eta_j max(0, k - j + 1). This is a lower bound. It is the maximum under
      eta_j >= 0. Rcapture leaves out one negative eta after another, which may end elsewhere.

    N = n + exp(alpha), with the standard error sqrt(m_0 + m_0^2 var(alpha)), m_0 = exp(alpha). The likelihood is
    Poisson. AIC = 2 p - 2 log L, BIC = p log n - 2 log L.

    References
    ----------
    .. [1] Rivest and Baillargeon 2007, "Applications and extensions of Chao's moment estimator for the size of a closed
       population", Biometrics 63.
    .. [2] Baillargeon and Rivest 2007, "Rcapture", Journal of Statistical
       Software 19(5).
    .. [3] Rivest 2011, "A lower bound model for multiple record systems estimation with heterogeneous catchability",
       International Journal of Biostatistics 7(1).

    Examples
    --------
    Census of a part of St. Louis, 1988 (Darroch and others 1993): census, survey and administrative list.

    >>> lists = Lists([7, 3, 5, 1, 6, 2, 4], [72, 155, 7, 71, 13, 53, 43])
    >>> result = fit_heterogeneity(lists, "darroch", (0b011,))
    >>> round(result.estimate, 1), round(result.error, 1)
    (1181.8, 404.2)
    """
    design = make_design(lists, form, model, parameter=parameter, equal_lists=equal_lists)
    counts = lists.dense[design.cells].astype(float)
    kept, fitted = fit_design(design, counts)
    check_estimate(kept, fitted)
    return _summarise(lists, form, design, kept, fitted)


def make_design(
    lists: Lists,
    form: str,
    model: Model | None = None,
    *,
    parameter: float | None = None,
    equal_lists: bool = False,
) -> Design:
    """Return the design of a model of `fit_heterogeneity`. Raises BadLists for an invalid setting."""
    if form not in FORMS:
        raise lists_error(f"there is no form of heterogeneity {form!r}", f"choose one of {', '.join(FORMS)}")
    if equal_lists and model:
        raise lists_error("equal lists have no interactions", "leave the model out")
    design = _design_of_equal_lists(lists) if equal_lists else design_of_model(lists, model)
    columns = _heterogeneity_columns(lists.number, np.bitwise_count(design.cells).astype(float), form, parameter)
    width = design.matrix.shape[1]
    matrix = np.column_stack([design.matrix, *columns])
    return replace(design, matrix=matrix, etas=width if form == "chao" else matrix.shape[1])


def design_of_model(lists: Lists, model: Model | None) -> Design:
    """Return the design of a hierarchical model: a 0/1 column for each term, without those at -infinity.

    An overlap without people has the fitted count 0. Its parameter and its cells are left out.
    """
    terms = validate_model(lists.number, model or ())
    cells = np.arange(1, 1 << lists.number)
    empty = [term for term in terms if term and not lists.on(term, mask=True)]
    possible = np.all([(cells & term) != term for term in empty], axis=0) if empty else np.ones(len(cells), bool)
    finite = np.array([term for term in terms if term not in empty])
    matrix = ((cells[possible, None] & finite) == finite).astype(float)
    return Design(matrix, cells[possible], matrix.shape[1], (len(empty), int((~possible).sum())))


def _design_of_equal_lists(lists: Lists) -> Design:
    """Return the design of M0: an intercept and the number of lists."""
    cells = np.arange(1, 1 << lists.number)
    matrix = np.column_stack([np.ones(len(cells)), np.bitwise_count(cells).astype(float)])
    return Design(matrix, cells, 2)


def _heterogeneity_columns(lists: int, orders: Floats, form: str, parameter: float | None) -> list[Floats]:
    """Return the columns of a form of heterogeneity, for the number of lists of each cell."""
    if form == "chao":
        return [np.maximum(orders - j + 1, 0.0) for j in range(3, lists + 1)]
    if form == "darroch":
        return [orders**2 / 2]
    if form not in DEFAULTS:
        return []
    value = DEFAULTS[form] if parameter is None else parameter
    check_setting("the parameter of the heterogeneity", value, 0, math.inf, exclusive=True)
    if form == "poisson" and value == 1:
        raise lists_error("the parameter of the heterogeneity is 1", "give another number: with 1 all people are alike")
    return [value**orders - 1 if form == "poisson" else math.log(value) - np.log(value + orders)]


def fit_design(
    design: Design, counts: Floats, start: Floats | None = None, *, intercept: float = 0.0
) -> tuple[Floats, PoissonFit]:
    """Fit a design to the counts of its cells, and of people on no list if there is one count more.

    A given intercept is added to that of the design. Returns the matrix without the columns whose parameter is at its
    bound of 0, and the fit.
    """
    matrix = design.matrix
    if len(counts) > len(matrix):
        nobody = np.zeros(matrix.shape[1])
        nobody[0] = 1
        matrix = np.vstack([matrix, nobody])
    if design.etas == matrix.shape[1]:
        return matrix, fit_poisson(matrix, counts, start, intercept)
    return _fit_with_bounds(matrix, counts, design.etas, intercept)


def _fit_with_bounds(matrix: Floats, counts: Floats, etas: int, intercept: float) -> tuple[Floats, PoissonFit]:
    """Return the fit whose parameters from `etas` on are at least 0, and its matrix.

    Columns come in one by one, the one with the steepest likelihood first, as in non-negative least squares (Lawson and
    Hanson 1974). A column whose parameter falls below 0 leaves. The likelihood is concave, so this ends at its maximum.
    """
    inside: list[int] = []
    start: Floats | None = None
    for _ in range(MOST_CHANGES):
        columns = [*range(etas), *inside]
        fitted = fit_poisson(matrix[:, columns], counts, start, intercept)
        below = [column for column, eta in zip(inside, fitted.parameters[etas:], strict=True) if eta < 0]
        start = None
        if below:
            inside.remove(below[0])
            continue
        slopes = matrix.T @ (counts - fitted_counts(matrix[:, columns], fitted.parameters, intercept))
        slopes[columns] = 0
        steepest = int(slopes.argmax())
        if slopes[steepest] <= LEAST_SLOPE * (1 + np.abs(matrix[:, steepest]) @ counts):
            break
        start = np.append(fitted.parameters, 0.0)
        inside.append(steepest)
    order = np.argsort(columns)
    return matrix[:, np.sort(columns)], fitted._replace(parameters=fitted.parameters[order])


def check_estimate(matrix: Floats, fitted: PoissonFit) -> None:
    """Raise BadLists if a parameter diverges, or the parameters are not identified."""
    if not fitted.converged or int(np.linalg.matrix_rank(matrix)) < matrix.shape[1]:
        raise lists_error(NO_ESTIMATE, "take a simpler model")


def _summarise(lists: Lists, form: str, design: Design, kept: Floats, fitted: PoissonFit) -> HeterogeneityFit:
    """Return the published figures of a fit."""
    counts = lists.dense[design.cells].astype(float)
    unobserved = math.exp(fitted.parameters[0])
    means = fitted_counts(kept, fitted.parameters)
    variance = float(np.linalg.inv(information_matrix(kept, means))[0, 0])
    parameters = kept.shape[1] + design.dropped[0]
    likelihood = fitted.log_likelihood - sum(math.lgamma(n + 1) for n in lists.counts.tolist())
    return HeterogeneityFit(
        form=form,
        people=lists.people,
        estimate=lists.people + unobserved,
        error=math.sqrt(unobserved + unobserved**2 * variance),
        deviance=deviance(counts, means),
        degrees=(1 << lists.number) - 1 - parameters,
        aic=2 * parameters - 2 * likelihood,
        bic=parameters * math.log(lists.people) - 2 * likelihood,
        columns=_heterogeneity_parameters(form, design, kept, fitted.parameters),
    )


def _heterogeneity_parameters(form: str, design: Design, kept: Floats, parameters: Floats) -> tuple[float, ...]:
    """Return the parameters of the columns for heterogeneity; 0 for a column at its bound."""
    if form == "none":
        return ()
    if form != "chao":
        return (float(parameters[-1]),)
    remaining = {kept[:, j].tobytes(): float(parameters[j]) for j in range(design.etas, kept.shape[1])}
    return tuple(remaining.get(design.matrix[:, j].tobytes(), 0.0) for j in range(design.etas, design.matrix.shape[1]))
