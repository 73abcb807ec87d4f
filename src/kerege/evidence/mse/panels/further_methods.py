"""Further methods of the panel, which do not bound the headline.

AIC with the profile likelihood, people who differ in four forms, and each few of the lists alone.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np

from kerege.evidence.mse.bayes.lcmcr import check_overlap
from kerege.evidence.mse.headline.floor import resampled_tables
from kerege.evidence.mse.lists import BadLists, Lists
from kerege.evidence.mse.loglinear.aic_selection import select_by_aic
from kerege.evidence.mse.loglinear.bic_selection import rank_by_bic, search_downhill
from kerege.evidence.mse.loglinear.heterogeneity import fit_heterogeneity, make_design
from kerege.evidence.mse.loglinear.hierarchical_models import Model, close_model, model_name
from kerege.evidence.mse.loglinear.profile_likelihood import profile
from kerege.evidence.mse.loglinear.stepwise_selection import select_stepwise
from kerege.evidence.mse.marginal_lists import marginal_estimates, median_estimates
from kerege.evidence.mse.panels.method_result import Limits, Method, Options

LEVELS = (0.8, 0.95)
MOST_ENUMERATED = 6  # up to this number of lists all models and graphs are fitted
DOWNHILL_ORDER = 2  # largest number of lists in an interaction of the downhill search, with more lists
PROFILED = (
    "aic",
    "mth_chao",
    "mth_poisson",
    "mth_darroch",
    "mth_gamma",
)  # their intervals are of the profile likelihood


def select_by_aic_with_profile(lists: Lists, _: Options) -> Method:
    """Select pairs by AIC, with the profile likelihood of the chosen model."""
    check_overlap(lists)
    selected = select_by_aic(lists)
    estimate, interval80, interval95 = profile_limits(lists, selected.model)
    return Method(
        "aic",
        estimate,
        model_name(selected.model, lists.names),
        interval80=interval80,
        interval95=interval95,
        about={"poisson_estimate": selected.estimate},
    )


def profile_limits(lists: Lists, model: Model | None, form: str = "none") -> tuple[float, Limits, Limits]:
    """Return the maximum of the profile likelihood of a model, and its 80% and 95% limits."""
    at80, at95 = profile(lists, make_design(lists, form, model), LEVELS)
    return at80.estimate, (at80.lower, at80.upper), (at95.lower, at95.upper)


def with_profile(method: Method, lists: Lists) -> Method:
    """Return a result with the profile-likelihood limits of the model that the method chose.

    The result is unchanged if the method chooses no model, or the likelihood has no limits.
    """
    if method.key not in CHOSEN_MODELS or method.estimate is None:
        return method
    try:
        _, profile80, profile95 = profile_limits(lists, CHOSEN_MODELS[method.key](lists))
    except BadLists:
        return method
    return replace(method, profile80=profile80, profile95=profile95)


def _model_of_smallest_bic(lists: Lists) -> Model:
    """Return the model of the row `bic`, by the search that this number of lists allows."""
    return rank_by_bic(lists).best if lists.number <= MOST_ENUMERATED else search_downhill(lists, DOWNHILL_ORDER).best


CHOSEN_MODELS: Mapping[str, Callable[[Lists], Model]] = {
    "stepwise": lambda lists: select_stepwise(lists).model,
    "bic": _model_of_smallest_bic,
    "independence": lambda lists: close_model(lists.number),
}


def people_who_differ(lists: Lists, form: str) -> Method:
    """Fit the model Mth of a form of heterogeneity, with its profile likelihood."""
    check_overlap(lists)
    fitted = fit_heterogeneity(lists, form)
    estimate, interval80, interval95 = profile_limits(lists, None, form)
    about = {
        "poisson_estimate": fitted.estimate,
        "standard_error": fitted.error,
        "deviance": fitted.deviance,
        "degrees_of_freedom": fitted.degrees,
        "aic": fitted.aic,
        "bic": fitted.bic,
        "heterogeneity": list(fitted.columns),
    }
    return Method(f"mth_{form}", estimate, interval80=interval80, interval95=interval95, about=about)


def each_few_lists(lists: Lists, options: Options, size: int) -> Method:
    """Return the median estimate over each `size` of the lists alone, and its limits over the resamples."""
    key = {2: "marginal_pairs", 3: "marginal_triples"}[size]
    estimate = float(median_estimates(lists.dense[None], size)[0])
    if not math.isfinite(estimate):
        return Method(key, None, no_estimate="nothing bounds the estimate: it is infinite")
    tables = resampled_tables(lists, options.undo, options.times, options.seed)
    medians = np.sort(np.maximum(median_estimates(tables, size), lists.people))
    exist = medians[~np.isnan(medians)]
    results = [result for result in marginal_estimates(lists, size) if not math.isnan(result.estimate)]
    about = {
        "by_lists": {":".join(result.names): result.estimate for result in results},
        "resamples": len(medians),
        "resamples_without_estimate": len(medians) - len(exist),
    }
    interval80, interval95 = (_middle(exist, level) for level in LEVELS)
    return Method(key, max(estimate, float(lists.people)), interval80=interval80, interval95=interval95, about=about)


def _middle(sorted_values: np.ndarray, level: float) -> Limits:
    """Return the limits of the middle share of values; order statistics, because some may be infinite."""
    tail = (1 - level) / 2
    low, high = np.quantile(sorted_values, [tail, 1 - tail], method="inverted_cdf")
    return float(low), float(high)


FURTHER_METHODS: Mapping[str, Callable[[Lists, Options], Method]] = {
    "aic": select_by_aic_with_profile,
    "mth_chao": lambda lists, _: people_who_differ(lists, "chao"),
    "mth_poisson": lambda lists, _: people_who_differ(lists, "poisson"),
    "mth_darroch": lambda lists, _: people_who_differ(lists, "darroch"),
    "mth_gamma": lambda lists, _: people_who_differ(lists, "gamma"),
    "marginal_pairs": lambda lists, options: each_few_lists(lists, options, 2),
    "marginal_triples": lambda lists, options: each_few_lists(lists, options, 3),
}


def _point_of_aic(lists: Lists) -> float:
    return select_by_aic(lists).estimate


def _point_of_form(lists: Lists, form: str) -> float:
    return fit_heterogeneity(lists, form).estimate


# point estimates of the methods without resamples
FURTHER_POINT_ESTIMATES: Mapping[str, Callable[[Lists], float]] = {
    "aic": _point_of_aic,
    "mth_chao": lambda lists: _point_of_form(lists, "chao"),
    "mth_poisson": lambda lists: _point_of_form(lists, "poisson"),
    "mth_darroch": lambda lists: _point_of_form(lists, "darroch"),
    "mth_gamma": lambda lists: _point_of_form(lists, "gamma"),
}
