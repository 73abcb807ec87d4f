"""The methods of the panel, each from lists to a `Method`. A method that has no estimate says why in one sentence."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np

from kerege.evidence.mse.lists import BadLists, Lists
from kerege.evidence.mse.loglinear.bootstrap import SEED, TIMES, Bootstrap, Interval, add_noise, bootstrap
from kerege.evidence.mse.loglinear.hierarchical_models import model_name
from kerege.evidence.mse.loglinear.integer_tables import Undo
from kerege.evidence.mse.nonparametric_bounds import lower_bound, pairwise
from kerege.evidence.mse.panels.method_result import Limits, Method

MOST_ENUMERATED = 6  # lists, up to which models and graphs are tried one and all
DOWNHILL_TIMES = 1000  # a search downhill in every resample is slow
Z95, Z80 = 1.959964, 1.281552
# draws of the noise, by which the limits of a method that is not resampled are widened; a short run finds a middle
NOISY, NOISY_DRAWS, NOISY_CHAINS, NOISY_SWEEPS = 40, 5_000, 4, 4_000


@dataclass(frozen=True)
class Options:
    """Resamples, the seed of everything that is random, the sweeps of each chain of the latent classes.

    undo: what takes errors of linkage out of resamples, where the lists are corrected.
    """

    times: int = TIMES
    seed: int = SEED
    sweeps: int = 100_000
    undo: Undo | None = None


def stepwise(lists: Lists, options: Options) -> Method:
    """Pairs of lists chosen by Poisson p-values below 0.02, as SparseMSE does."""
    return of_bootstrap("stepwise", _resampled(lists, "stepwise", options))


def bic(lists: Lists, options: Options) -> Method:
    """The hierarchical model of smallest BIC: of all up to five lists, of those of pairs for six, downhill beyond."""
    if lists.number <= MOST_ENUMERATED:
        return of_bootstrap("bic", _resampled(lists, "bic", options))
    times = min(options.times, DOWNHILL_TIMES)
    again = bootstrap(lists, "downhill", order=2, times=times, seed=options.seed, undo=options.undo)
    found = of_bootstrap("bic", again)
    # a search downhill has no numbers for the models it ends in: it cannot say how often one recurs
    return Method(**(vars(found) | {"recurrence": None, "about": {"search": "downhill", "resamples": times}}))


def independence(lists: Lists, options: Options) -> Method:
    """No list depends on another one."""
    return of_bootstrap("independence", _resampled(lists, "independence", options))


def _resampled(lists: Lists, method: str, options: Options) -> Bootstrap:
    """Refused where independence has no estimate: stepwise would return the people seen, as R does."""
    from kerege.evidence.mse.bayes.lcmcr import check_overlap

    check_overlap(lists)
    return bootstrap(lists, method, times=options.times, seed=options.seed, undo=options.undo)


def of_bootstrap(key: str, found: Bootstrap) -> Method:
    """Percentile limits first, BCa beside them with its warning."""
    if not math.isfinite(found.estimate):
        return Method(key, None, no_estimate="nothing holds the estimate: it is infinite")
    named = {
        "interval80": found.percentile(0.8),
        "interval95": found.percentile(0.95),
        "bca80": found.bca(0.8),
        "bca95": found.bca(0.95),
    }
    warnings = [f"{_told(name)}: {interval.warning}" for name, interval in named.items() if interval.warning]
    if found.failed:
        warnings.append(f"{found.failed} resamples have no estimate and are left out")
    about = {
        "models_in_resamples": len(found.models),
        "resamples": len(found.replicates) + found.failed,
        "resamples_without_estimate": found.failed,
        "bca80_levels": list(found.bca_levels(0.8)),
        "bca95_levels": list(found.bca_levels(0.95)),
        "bias_z0": found.bias,
        "acceleration": found.acceleration,
    }
    return Method(
        key,
        found.estimate,
        found.model,
        _limits(named["interval80"]),
        _limits(named["interval95"]),
        _limits(named["bca80"]),
        _limits(named["bca95"]),
        monte_carlo={name: (interval.lower_error, interval.upper_error) for name, interval in named.items()},
        recurrence=found.recurrence,
        warnings=tuple(warnings),
        about=about,
    )


def _limits(interval: Interval) -> Limits | None:
    found = interval.lower, interval.upper
    return None if any(math.isnan(limit) for limit in found) else found


def _told(name: str) -> str:
    return f"{'BCa' if name.startswith('bca') else 'percentile'} {name[-2:]}%"


def decomposable(lists: Lists, _: Options) -> Method:
    """Averaged over all decomposable graphs, up to six lists (dga)."""
    from kerege.evidence.mse.bayes.decomposable_graphs import average_decomposable

    if lists.number > MOST_ENUMERATED:
        return Method("decomposable", None, no_estimate=f"averaging over graphs takes at most {MOST_ENUMERATED} lists")
    found = average_decomposable(lists)
    graph, weight = found.top(1)[0]
    warnings = (f"the posterior leans on the largest number tried, {found.bound:,} undetected",) if found.cut else ()
    about = {"graphs": len(found.edges), "graph_probability": weight, "largest_tried": found.bound}
    return Method(
        "decomposable",
        found.estimate,
        graph,
        interval80=found.interval(0.8),
        interval95=found.interval(0.95),
        warnings=warnings,
        about=about,
    )


def lcmcr(lists: Lists, options: Options) -> Method:
    """Latent classes, only where chains from far apart agree."""
    from kerege.evidence.mse.bayes.lcmcr import lcmcr

    found = lcmcr(lists, sweeps=options.sweeps, seed=options.seed)
    about = {
        "r_hat": found.r_hat,
        "ess_bulk": found.ess_bulk,
        "ess_tail": found.ess_tail,
        "bound": found.bound,
        "bound_share": found.bound_share,
        "classes": found.classes,
        "chains": found.chains,
        "sweeps": found.sweeps,
    }
    if found.no_estimate:
        return Method("lcmcr", None, no_estimate=found.no_estimate, about=about)
    return Method("lcmcr", found.median, interval80=found.interval80, interval95=found.interval95, about=about)


def bound(lists: Lists, _: Options) -> Method:
    """The list-adjusted lower bound: it has no model, and no interval here."""
    return Method("lower_bound", lower_bound(lists))


def thresholding(lists: Lists, options: Options) -> Method:
    """Interactions that a first Bayesian fit shows clearly, fitted again."""
    from kerege.evidence.mse.bayes.thresholded_model import thresholded

    found = thresholded(lists, seed=options.seed)
    if found.no_estimate:
        return Method("thresholding", None, no_estimate=found.no_estimate)
    near = {model_name((term,), lists.names): median for term, median in found.near.items()}
    warnings = [f"{name} is kept or dropped by a hair; the other way: {other:,.0f}" for name, other in near.items()]
    return Method(
        "thresholding",
        found.median,
        model_name(found.interactions, lists.names),
        interval80=found.interval80,
        interval95=found.interval95,
        warnings=tuple(warnings),
        about={"by_a_hair": near},
    )


def chapman(lists: Lists) -> Method:
    """Two lists, as if independent (Chapman 1951), with the interval of Seber 1970 on the logarithm of the undetected.

    Nothing in two lists tells whether they depend on each other, so that this is never a headline.
    """
    (pair,) = pairwise(lists)
    one, other, both = lists.on(0), lists.on(1), pair.both
    variance = (one + 1) * (other + 1) * (one - both) * (other - both) / ((both + 1) ** 2 * (both + 2))
    warning = "two lists cannot show whether one sends people to the other: the number is right only if neither does"
    return Method(
        "chapman",
        pair.chapman,
        interval80=_around(pair.chapman, lists.people, variance, Z80),
        interval95=_around(pair.chapman, lists.people, variance, Z95),
        warnings=(warning,),
        about={"on_both": both},
    )


def _around(estimate: float, people: int, variance: float, z: float) -> Limits:
    """Log-normal limits of the undetected (Chao 1987): never fewer people than were detected."""
    dark = estimate - people
    if dark <= 0:
        return float(people), float(people)
    factor = math.exp(z * math.sqrt(math.log1p(variance / dark**2)))
    return people + dark / factor, people + dark * factor


METHODS: Mapping[str, Callable[[Lists, Options], Method]] = {
    "stepwise": stepwise,
    "bic": bic,
    "decomposable": decomposable,
    "lcmcr": lcmcr,
    "independence": independence,
    "lower_bound": bound,
    "thresholding": thresholding,
}


# the estimates of the methods that take a table as it is
POINTS: Mapping[str, Callable[[Lists], float]] = {
    "decomposable": lambda lists: _decomposable_middle(lists),
    "lcmcr": lambda lists: _lcmcr_middle(lists),
    "thresholding": lambda lists: _thresholding_middle(lists),
    "chapman": lambda lists: pairwise(lists)[0].chapman,
}


def _decomposable_middle(lists: Lists) -> float:
    from kerege.evidence.mse.bayes.decomposable_graphs import average_decomposable

    return average_decomposable(lists).estimate


def _lcmcr_middle(lists: Lists) -> float:
    from kerege.evidence.mse.bayes.lcmcr import lcmcr

    return lcmcr(lists, chains=NOISY_CHAINS, sweeps=NOISY_SWEEPS).median


def _thresholding_middle(lists: Lists) -> float:
    from kerege.evidence.mse.bayes.thresholded_model import thresholded

    return thresholded(lists, draws=NOISY_DRAWS).median


def answer(key: str, lists: Lists, options: Options) -> Method:
    """What a method says, or why it says nothing."""
    try:
        return widened(METHODS[key](lists, options), lists, options)
    except BadLists as nothing:
        return Method(key, None, no_estimate=nothing.faults[0].what)


def widened(found: Method, lists: Lists, options: Options) -> Method:
    """A method that is not resampled, with the noise of the counts in its limits.

    The noise is drawn `NOISY` times; how far the logarithm of the undetected spreads over these tables is added, in
    squares, to the distance of each limit from the estimate. The middle 80 % of them tell the spread: now and then one
    falls on another model, and a standard deviation would be of those few.
    """
    if not lists.noise or found.key not in POINTS or found.estimate is None:
        return found
    spread = _spread(POINTS[found.key], lists, options)
    return replace(
        found,
        interval80=_wider(found.interval80, found.estimate, lists.people, Z80 * spread),
        interval95=_wider(found.interval95, found.estimate, lists.people, Z95 * spread),
        about={**found.about, "noise_spread": spread},
    )


def _spread(estimate: Callable[[Lists], float], lists: Lists, options: Options) -> float:
    given = (lists if options.undo is None else options.undo.given).with_empty()
    undo = options.undo and replace(options.undo, given=given)
    tables = add_noise(given, np.tile(given.counts, (NOISY, 1)), np.random.default_rng(options.seed))
    found = []
    for table in tables if undo is None else undo(tables):
        try:
            drawn = Lists(given.histories, table, lists.names)
            found.append(math.log(max(estimate(drawn) - drawn.people, 1.0)))
        except BadLists:
            continue  # the noise left nothing that overlaps
    if len(found) < 2:
        return math.inf
    lower, upper = np.quantile(found, [0.1, 0.9]).tolist()
    return float(upper - lower) / (2 * Z80)


def _wider(limits: Limits | None, estimate: float, people: int, reach: float) -> Limits | None:
    if limits is None:
        return None
    dark = max(estimate - people, 1.0)
    lower, upper = (math.log(max(limit - people, 1.0) / dark) for limit in limits)
    return people + dark * math.exp(-math.hypot(lower, reach)), people + dark * math.exp(math.hypot(upper, reach))
