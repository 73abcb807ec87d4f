"""Methods of the panel: each maps lists to a `Method`.

A method without an estimate has the reason in one sentence.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np

from kerege.evidence.mse.headline.floor import resampled_tables
from kerege.evidence.mse.linkage_errors.error_rates import VaryingUndo
from kerege.evidence.mse.lists import BadLists, Counts, Lists, build_unchecked_lists
from kerege.evidence.mse.loglinear.bootstrap import add_noise, bootstrap, counted_lists
from kerege.evidence.mse.loglinear.bootstrap_intervals import Bootstrap, Interval
from kerege.evidence.mse.loglinear.hierarchical_models import model_name
from kerege.evidence.mse.loglinear.integer_tables import Undo
from kerege.evidence.mse.nonparametric_bounds import lower_bound, lower_bounds, pairwise
from kerege.evidence.mse.panels.further_methods import (
    DOWNHILL_ORDER,
    FURTHER_METHODS,
    FURTHER_POINT_ESTIMATES,
    MOST_ENUMERATED,
)
from kerege.evidence.mse.panels.method_result import Limits, Method, Options
from kerege.evidence.mse.panels.publication_rules import LEAST_LISTS

DOWNHILL_TIMES = 1000  # largest number of resamples with a downhill search in each, because it is slow
LIMIT = 0.1  # quantile of the bound over the resamples
Z95, Z80 = 1.959964, 1.281552  # 97.5 % and 90 % quantiles of the standard normal distribution
# draws of the noise that widen the limits of a method without resamples; short runs are enough for a median
NOISE_DRAWS, NOISE_POSTERIOR_DRAWS, NOISE_CHAINS, NOISE_SWEEPS = 40, 5_000, 4, 4_000


def stepwise(lists: Lists, options: Options) -> Method:
    """Select pairs of lists by Poisson p-values below 0.02, as SparseMSE does."""
    return method_from_bootstrap("stepwise", _run_bootstrap(lists, "stepwise", options))


def bic(lists: Lists, options: Options) -> Method:
    """Select the hierarchical model with the smallest BIC.

    All models are compared for up to five lists, and those of order 2 for six; for more lists, a downhill search is
    used.
    """
    if lists.number <= MOST_ENUMERATED:
        return method_from_bootstrap("bic", _run_bootstrap(lists, "bic", options))
    times = min(options.times, DOWNHILL_TIMES)
    resampled = bootstrap(lists, "downhill", order=DOWNHILL_ORDER, times=times, seed=options.seed, undo=options.undo)
    method = method_from_bootstrap("bic", resampled)
    # the downhill search does not number its models, so the recurrence of a model is unknown
    return replace(method, recurrence=None, about={"search": "downhill", "resamples": times})


def independence(lists: Lists, options: Options) -> Method:
    """Fit the model without interactions of lists."""
    return method_from_bootstrap("independence", _run_bootstrap(lists, "independence", options))


def _run_bootstrap(lists: Lists, method: str, options: Options) -> Bootstrap:
    """Run the bootstrap of a method.

    Raises BadLists if independence has no estimate. Stepwise selection would then return the observed people, as R
    does.
    """
    from kerege.evidence.mse.bayes.lcmcr import check_overlap

    check_overlap(lists)
    return bootstrap(lists, method, times=options.times, seed=options.seed, undo=options.undo)


def method_from_bootstrap(key: str, result: Bootstrap) -> Method:
    """Return the result of a bootstrap: percentile intervals, BCa intervals and warnings."""
    if not math.isfinite(result.estimate):
        return Method(key, None, no_estimate="nothing bounds the estimate: it is infinite")
    intervals = {
        "interval80": result.percentile(0.8),
        "interval95": result.percentile(0.95),
        "bca80": result.bca(0.8),
        "bca95": result.bca(0.95),
    }
    warnings = [
        f"{_name_interval(name)}: {interval.warning}" for name, interval in intervals.items() if interval.warning
    ]
    if result.failed:
        warnings.append(f"{result.failed} resamples have no estimate and are left out")
    about = {
        "models_in_resamples": len(result.models),
        "resamples": len(result.replicates) + result.failed,
        "resamples_without_estimate": result.failed,
        "bca80_levels": list(result.bca_levels(0.8)),
        "bca95_levels": list(result.bca_levels(0.95)),
        "bias_z0": result.bias,
        "acceleration": result.acceleration,
    }
    return Method(
        key=key,
        estimate=result.estimate,
        model=result.model,
        interval80=_keep_limits(intervals["interval80"]),
        interval95=_keep_limits(intervals["interval95"]),
        bca80=_keep_limits(intervals["bca80"]),
        bca95=_keep_limits(intervals["bca95"]),
        monte_carlo={name: (interval.lower_error, interval.upper_error) for name, interval in intervals.items()},
        recurrence=result.recurrence,
        warnings=tuple(warnings),
        about=about,
    )


def _keep_limits(interval: Interval) -> Limits | None:
    """Return the limits of an interval; None if one is NaN."""
    limits = interval.lower, interval.upper
    return None if any(math.isnan(limit) for limit in limits) else limits


def _name_interval(name: str) -> str:
    """Return the label of an interval for a warning, such as `BCa 80%`."""
    return f"{'BCa' if name.startswith('bca') else 'percentile'} {name[-2:]}%"


def decomposable(lists: Lists, _: Options) -> Method:
    """Average over all decomposable graphs, up to six lists (as the R package dga)."""
    from kerege.evidence.mse.bayes.decomposable_graphs import average_decomposable

    if lists.number > MOST_ENUMERATED:
        return Method("decomposable", None, no_estimate=f"averaging over graphs takes at most {MOST_ENUMERATED} lists")
    average = average_decomposable(lists)
    graph, weight = average.top(1)[0]
    warnings = (
        (f"much of the posterior is at the largest number tried, {average.bound:,} undetected",) if average.cut else ()
    )
    about = {"graphs": len(average.edges), "graph_probability": weight, "largest_tried": average.bound}
    return Method(
        "decomposable",
        average.estimate,
        graph,
        interval80=average.interval(0.8),
        interval95=average.interval(0.95),
        warnings=warnings,
        about=about,
    )


def lcmcr(lists: Lists, options: Options) -> Method:
    """Fit latent classes; there is an estimate only if chains from distant starts agree."""
    from kerege.evidence.mse.bayes.lcmcr import lcmcr

    posterior = lcmcr(lists, sweeps=options.sweeps, seed=options.seed)
    about = {
        "r_hat": posterior.r_hat,
        "ess_bulk": posterior.ess_bulk,
        "ess_tail": posterior.ess_tail,
        "bound": posterior.bound,
        "bound_share": posterior.bound_share,
        "classes": posterior.classes,
        "chains": posterior.chains,
        "sweeps": posterior.sweeps,
    }
    if posterior.no_estimate:
        return Method("lcmcr", None, no_estimate=posterior.no_estimate, about=about)
    return Method(
        "lcmcr", posterior.median, interval80=posterior.interval80, interval95=posterior.interval95, about=about
    )


def list_adjusted_bound(lists: Lists, options: Options) -> Method:
    """Return the bound for people on one scale of reach, and its 10% quantile.

    It has no model and no interval. The bound is an equality for independent lists, so that half of all samples lie
    above the truth. The 10% quantile of the resamples lies above it in about a tenth.
    """
    estimate = lower_bound(lists)
    tables = resampled_tables(lists, options.undo, options.times, options.seed)
    limit = max(float(np.quantile(lower_bounds(tables), LIMIT)), lists.people)
    return Method("lower_bound", estimate, about={"limit10": limit})


def thresholding(lists: Lists, options: Options) -> Method:
    """Keep the interactions that are clear in a first Bayesian fit, and refit."""
    from kerege.evidence.mse.bayes.thresholded_model import thresholded

    result = thresholded(lists, seed=options.seed)
    if result.no_estimate:
        return Method("thresholding", None, no_estimate=result.no_estimate)
    near = {model_name((term,), lists.names): median for term, median in result.near.items()}
    warnings = [
        f"{name} is near the threshold; the opposite decision gives {opposite:,.0f}" for name, opposite in near.items()
    ]
    return Method(
        "thresholding",
        result.median,
        model_name(result.interactions, lists.names),
        interval80=result.interval80,
        interval95=result.interval95,
        warnings=tuple(warnings),
        about={"by_a_hair": near},
    )


def chapman(lists: Lists) -> Method:
    """Return Chapman's estimate (1951) of two lists, as if they were independent.

    The limits are log-normal, with the variance of Seber (1970). Two lists alone cannot show whether they depend on
    each other, so this is never a headline.
    """
    (overlap,) = pairwise(lists)
    on_first, on_second, on_both = lists.on(0), lists.on(1), overlap.both
    variance = (
        (on_first + 1)
        * (on_second + 1)
        * (on_first - on_both)
        * (on_second - on_both)
        / ((on_both + 1) ** 2 * (on_both + 2))
    )
    warning = "two lists cannot show whether one sends people to the other: the number is right only if neither does"
    return Method(
        "chapman",
        overlap.chapman,
        interval80=_log_normal_limits(overlap.chapman, lists.people, variance, Z80),
        interval95=_log_normal_limits(overlap.chapman, lists.people, variance, Z95),
        warnings=(warning,),
        about={"on_both": on_both},
    )


def _log_normal_limits(estimate: float, people: int, variance: float, z: float) -> Limits:
    """Return log-normal limits of the population size (Chao 1987), at least the observed people."""
    unobserved = estimate - people
    if unobserved <= 0:
        return float(people), float(people)
    factor = math.exp(z * math.sqrt(math.log1p(variance / unobserved**2)))
    return people + unobserved / factor, people + unobserved * factor


METHODS: Mapping[str, Callable[[Lists, Options], Method]] = {
    "stepwise": stepwise,
    "bic": bic,
    "decomposable": decomposable,
    "lcmcr": lcmcr,
    "independence": independence,
    "lower_bound": list_adjusted_bound,
    "thresholding": thresholding,
    **FURTHER_METHODS,
}


# point estimates of the methods without resamples
POINT_ESTIMATES: Mapping[str, Callable[[Lists], float]] = {
    "decomposable": lambda lists: _compute_decomposable_median(lists),
    "lcmcr": lambda lists: _compute_lcmcr_median(lists),
    "thresholding": lambda lists: _compute_thresholding_median(lists),
    "chapman": lambda lists: pairwise(lists)[0].chapman,
    **FURTHER_POINT_ESTIMATES,
}


def _compute_decomposable_median(lists: Lists) -> float:
    """Return the posterior median over decomposable graphs."""
    from kerege.evidence.mse.bayes.decomposable_graphs import average_decomposable

    return average_decomposable(lists).estimate


def _compute_lcmcr_median(lists: Lists) -> float:
    """Return the posterior median of latent classes from short chains."""
    from kerege.evidence.mse.bayes.lcmcr import lcmcr

    return lcmcr(lists, chains=NOISE_CHAINS, sweeps=NOISE_SWEEPS).median


def _compute_thresholding_median(lists: Lists) -> float:
    """Return the posterior median of the thresholded model from few draws."""
    from kerege.evidence.mse.bayes.thresholded_model import thresholded

    return thresholded(lists, draws=NOISE_POSTERIOR_DRAWS).median


def run_method(key: str, lists: Lists, options: Options) -> Method:
    """Return the result of a method, or the reason why it has no estimate."""
    try:
        return widen_for_noise(METHODS[key](lists, options), lists, options)
    except BadLists as error:
        return Method(key, None, no_estimate=error.faults[0].what)


def widen_for_noise(method: Method, lists: Lists, options: Options) -> Method:
    """Return a result without resamples, with limits that include noise of the counts and uncertain links.

    The noise is drawn `NOISE_DRAWS` times. The spread of the log unobserved number over these tables is added in
    squares to the distance of each limit from the estimate. The spread is measured on the middle 80 % of the tables: a
    few draws may lead to another model and would dominate a standard deviation.
    """
    is_varying = isinstance(options.undo, VaryingUndo)
    if not (lists.noise or is_varying) or method.key not in POINT_ESTIMATES or method.estimate is None:
        return method
    spread = _simulate_noise_spread(POINT_ESTIMATES[method.key], lists, options)
    return replace(
        method,
        interval80=_widen(method.interval80, method.estimate, lists.people, Z80 * spread),
        interval95=_widen(method.interval95, method.estimate, lists.people, Z95 * spread),
        about={**method.about, "noise_spread": spread},
    )


def _simulate_noise_spread(estimate: Callable[[Lists], float], lists: Lists, options: Options) -> float:
    """Return the standard deviation of the log unobserved number over draws of noise and linkage.

    It is computed from the 10 % and 90 % quantiles, and infinite if fewer than two tables have an estimate.
    """
    counted, undo = counted_lists(lists, options.undo)
    tables = add_noise(counted, np.tile(counted.counts, (NOISE_DRAWS, 1)), np.random.default_rng(options.seed))
    log_unobserved = []
    for table in _vary_linkage(tables, undo):
        try:
            noisy_lists = _replace_counts(counted, table)
            log_unobserved.append(math.log(max(estimate(noisy_lists) - noisy_lists.people, 1.0)))
        except BadLists:
            continue  # with this noise the lists do not overlap enough
    if len(log_unobserved) < 2:
        return math.inf
    lower, upper = np.quantile(log_unobserved, [0.1, 0.9]).tolist()
    return float(upper - lower) / (2 * Z80)


def _vary_linkage(tables: Counts, undo: Undo | None) -> Counts:
    """Return tables (B, C) without linkage errors, under different linkages if these are uncertain."""
    if undo is None:
        return tables
    return undo.vary(tables) if isinstance(undo, VaryingUndo) else undo(tables)


def _replace_counts(lists: Lists, table: Counts) -> Lists:
    """Return lists with other counts of the same histories. Raises BadLists if a list is empty.

    Chapman's estimate of two lists has a value for all counts.
    """
    if lists.number < LEAST_LISTS:
        return build_unchecked_lists(lists.names, lists.histories, table)
    return Lists(lists.histories, table, lists.names)


def _widen(limits: Limits | None, estimate: float, people: int, half_width: float) -> Limits | None:
    """Return limits widened by `half_width` on the logarithm of the unobserved number; None for none."""
    if limits is None:
        return None
    unobserved = max(estimate - people, 1.0)
    lower, upper = (math.log(max(limit - people, 1.0) / unobserved) for limit in limits)
    return people + unobserved * math.exp(-math.hypot(lower, half_width)), people + unobserved * math.exp(
        math.hypot(upper, half_width)
    )
