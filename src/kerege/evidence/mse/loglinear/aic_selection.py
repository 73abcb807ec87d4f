"""Forward stepwise selection of pairs of lists by AIC (Bales, Hesketh and Silverman 2015)."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from kerege.evidence.mse.lists import Lists, check_number, check_setting, lists_error
from kerege.evidence.mse.loglinear.fit import Fitted, fit_all, standard_errors
from kerege.evidence.mse.loglinear.hierarchical_models import Model, close_model, pairs_of
from kerege.evidence.mse.loglinear.stepwise_selection import StepwiseModel

THRESHOLD = 0.05


def select_by_aic(lists: Lists, threshold: float = THRESHOLD) -> StepwiseModel:
    """Select interactions of pairs of lists one by one, each the one with the smallest AIC.

    Parameters
    ----------
    lists : Lists
        Three to ten lists.
    threshold : float, default 0.05
        The search stops if the p-value of the new interaction (Wald, two-sided) is above the threshold.

    Returns
    -------
    StepwiseModel
        `model`: interactions as bitmasks, for `fit` and `profile_interval`. `estimate`: people, observed and
        unobserved, by the Poisson likelihood.

    Raises
    ------
    BadLists
        If there are fewer than three lists, the threshold is not from 0 to 1, or independence has no estimate.

    See Also
    --------
    profile_interval : The interval that was published with this selection.

    Notes
    -----
    AIC = 2 p - 2 log L. The search starts from independence. In each step all pairs that are not in the model are
    tried. It adds the pair with the smallest AIC, and ends if no AIC is smaller than before, or if this pair is not
    significant. An empty overlap is a parameter at minus infinity, which is never significant.

    References
    ----------
    .. [1] Bales, Hesketh and Silverman 2015, "Modern slavery in the UK: how many victims?", Significance 12(3).
    .. [2] Silverman 2020, "Multiple-systems analysis for the quantification of modern slavery: classical and Bayesian
       approaches", Journal of the Royal Statistical Society A 183.

    Examples
    --------
    >>> lists = Lists([1, 2, 3, 4, 5, 6, 7], [60, 49, 4, 247, 112, 142, 12])  # spina bifida, Madigan and York 1997
    >>> selected = select_by_aic(lists)
    >>> selected.model, round(selected.estimate)
    ((0, 1, 2, 4, 3), 731)
    """
    check_number(lists.number)
    check_setting("the threshold", threshold, 0, 1)
    model = close_model(lists.number)
    fits = fit_all(lists.dense, lists.number, [model])
    if fits.codes[0]:
        raise lists_error("independence has no estimate on these lists", "join lists until they overlap")
    best, unobserved = float(_compute_aic(fits)[0]), float(fits.unobserved[0])
    while candidates := _list_larger_models(lists.number, model):
        fits = fit_all(lists.dense, lists.number, candidates)
        aic = _compute_aic(fits)
        chosen = int(np.argmin(aic))
        if not aic[chosen] < best or _wald_p_value(lists.number, fits, chosen, candidates[chosen], model) > threshold:
            break
        model, best, unobserved = candidates[chosen], float(aic[chosen]), float(fits.unobserved[chosen])
    return StepwiseModel(model, lists.people + unobserved)


def _list_larger_models(lists: int, model: Model) -> list[Model]:
    """Return the models with one pair more, in the order 12, 13, ..., 1t, 23, ..."""
    return [close_model(lists, (*model, pair)) for pair in pairs_of(lists).tolist() if pair not in model]


def _compute_aic(fits: Fitted) -> NDArray[np.float64]:
    """Return the AIC of each fit without the factorials; infinity without an estimate."""
    aic = 2.0 * np.diff(fits.starts) - 2 * fits.log_likelihood
    return np.where(fits.codes == 0, aic, np.inf)


def _wald_p_value(lists: int, fits: Fitted, place: int, model: Model, smaller: Model) -> float:
    """Return the two-sided p-value of the term that a model has more than the smaller one."""
    alphas = fits.alphas[fits.starts[place] : fits.starts[place + 1]]
    parameters = dict(zip(model, alphas.tolist(), strict=True))
    (new,) = set(model) - set(smaller)
    if math.isinf(parameters[new]):
        return 1.0
    score = abs(parameters[new] / standard_errors(lists, parameters)[new])
    return math.erfc(float(score) / math.sqrt(2))
