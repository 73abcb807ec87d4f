"""Bayesian thresholding of log-linear models.

Fit all interactions of two lists with shrinkage priors, keep the clear ones, and refit.

Silverman 2020, "Multiple-systems analysis for the quantification of modern slavery: classical and Bayesian approaches",
JRSS A 183(3), 691-736, section 6, and its extension to three lists in the R package MultipleSystemsEstimation. An
interaction is kept if its posterior mean is at least two posterior standard deviations from zero. The decision is
uncertain close to this threshold: chains of 10,000 steps, as in R, decide such an interaction either way. The result
names these interactions, with the estimate under the opposite decision.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from kerege.evidence.mse.bayes.lcmcr import check_overlap
from kerege.evidence.mse.bayes.posterior import (
    LARGEST,
    Draws,
    Floats,
    Masks,
    build_model,
    draw_posterior,
    weighted_quantiles,
)
from kerege.evidence.mse.lists import Lists, check_setting, lists_error
from kerege.evidence.mse.loglinear.existence import existence
from kerege.evidence.mse.loglinear.hierarchical_models import close_model, pairs_of

VARIANCE, THRESHOLD, DRAWS = 1.0, 2.0, 50_000
NEAR = 0.1  # relative distance to the threshold below which the decision is uncertain; R's chains have about this error
LEAST_ESS = 1000.0
DIGITS = 12  # significant digits of a limit; further digits vary with the number of processors
LEVELS = np.array([0.025, 0.1, 0.25, 0.5, 0.75, 0.9, 0.975])
Interval = tuple[float, float]


@dataclass(frozen=True)
class Posterior:
    """Posterior of the population size (observed and unobserved) under one model.

    interval50, 80, 95: equal-tailed credible intervals. ess: effective sample size, in independent draws. boundary:
    interactions of lists without common people, whose parameter is minus infinity under flat priors. no_estimate: the
    reason why no estimate should be given, or None.
    """

    detected: int
    median: float
    interval50: Interval
    interval80: Interval
    interval95: Interval
    interactions: tuple[int, ...]
    boundary: tuple[int, ...]
    ess: float
    no_estimate: str | None


@dataclass(frozen=True)
class Thresholded(Posterior):
    """Posterior under the model of the interactions that passed the threshold, as bitmasks of lists.

    strength: |posterior mean| / posterior standard deviation of each tried interaction. near: interactions within a
    tenth of the threshold, with the median under the opposite decision (NaN if that model has no posterior).
    """

    strength: Mapping[int, float]
    near: Mapping[int, float]
    threshold: float
    prior_variance: float | None
    order: int
    draws: int
    seed: int


def thresholded(
    lists: Lists,
    *,
    prior_variance: float | None = VARIANCE,
    threshold: float = THRESHOLD,
    order: int = 2,
    draws: int = DRAWS,
    seed: int = 1,
) -> Thresholded:
    """Estimate the population size by the model of the interactions that are clear in a first fit.

    Parameters
    ----------
    lists : Lists
        Three lists or more.
    prior_variance : float or None, default 1.0
        Variance of the normal prior of each interaction, around 0; None for flat priors. The priors of the intercept
        and of single lists are flat.
    threshold : float, default 2.0
        Number of posterior standard deviations from zero that an interaction needs to be kept.
    order : {2, 3}
        With 3, a second round tries interactions of three lists whose pairs were all kept.
    draws : int, default 50,000
        Weighted draws of each posterior, 1,000 or more.
    seed : int, default 1
        Seed of the draws.

    Returns
    -------
    Thresholded
        Posterior in people, observed and unobserved. `no_estimate` has the reason if the effective sample size is below
        1,000.

    Raises
    ------
    BadLists
        If no person is on two lists, all people are on one list, flat priors lead to no posterior, or a setting is out
        of range.

    Notes
    -----
    Importance sampling replaces the Markov chains of the R package MCMCpack.

    References
    ----------
    .. [1] Silverman 2020, "Multiple-systems analysis for the quantification of modern slavery: classical and Bayesian
       approaches", Journal of the Royal Statistical Society A 183(3), section 6.

    Examples
    --------
    >>> lists = Lists([1, 2, 3, 4, 5, 6, 7], [60, 49, 4, 247, 112, 142, 12])  # spina bifida, Madigan and York 1997
    >>> result = thresholded(lists)
    >>> round(result.median), [round(limit) for limit in result.interval95]
    (732, [708, 762])
    """
    fits = _ModelFits(lists, prior_variance, draws, seed)
    check_setting("the threshold", threshold, 0)
    if order not in (2, 3):
        raise lists_error(f"the order of interactions is {order}", "give 2 or 3")
    pairs = sorted(int(pair) for pair in pairs_of(lists.number))
    strength = fits.strengths(pairs, pairs)
    selected = [term for term in pairs if strength.get(term, np.inf) >= threshold]
    if order == 3:
        triples = [a | b | c for a, b, c in combinations(selected, 3) if (a | b | c).bit_count() == 3]
        if triples and (prior_variance is not None or fits.has_posterior(selected + triples)):
            triple_strength = fits.strengths(selected + triples, triples)
            strength |= triple_strength
            selected += [term for term in triples if triple_strength.get(term, np.inf) >= threshold]
    near = {
        term: fits.median(_toggle(selected, term))
        for term, ratio in strength.items()
        if abs(ratio - threshold) <= NEAR * threshold
    }
    posterior = fits.posterior(selected)
    return Thresholded(
        **vars(posterior),
        strength=strength,
        near=near,
        threshold=threshold,
        prior_variance=prior_variance,
        order=order,
        draws=draws,
        seed=seed,
    )


def model_posterior(
    lists: Lists,
    interactions: Iterable[int],
    *,
    prior_variance: float | None = VARIANCE,
    draws: int = DRAWS,
    seed: int = 1,
) -> Posterior:
    """Return the posterior of the population size under a given model.

    Parameters
    ----------
    lists : Lists
        Three lists or more.
    interactions : iterable of int
        Bitmasks of two lists or more; the subsets of each are added.
    prior_variance, draws, seed
        As for `thresholded`.

    Returns
    -------
    Posterior
        `no_estimate` has the reason if the effective sample size is below 1,000.

    Raises
    ------
    BadLists
        As `thresholded`, and if an interaction is invalid.

    References
    ----------
    .. [1] Silverman 2020, "Multiple-systems analysis for the quantification of modern slavery: classical and Bayesian
       approaches", Journal of the Royal Statistical Society A 183(3), section 6.

    Examples
    --------
    >>> lists = Lists([1, 2, 3, 4, 5, 6, 7], [60, 49, 4, 247, 112, 142, 12])  # spina bifida, Madigan and York 1997
    >>> posterior = model_posterior(lists, [0b011], draws=5000)  # an interaction of lists A and B
    >>> 700 < posterior.median < 760
    True
    """
    fits = _ModelFits(lists, prior_variance, draws, seed)
    requested = list(interactions)
    if not all(0 < term < 1 << lists.number and term.bit_count() > 1 for term in requested):
        raise lists_error(
            "an interaction is not a bitmask of two lists or more", f"give those of the {lists.number} lists"
        )
    return fits.posterior([term for term in close_model(lists.number, requested) if term.bit_count() > 1])


def _toggle(selected: list[int], term: int) -> list[int]:
    """Return the interactions without `term` and its supersets, or with `term` if it is not among them."""
    return (
        [interaction for interaction in selected if interaction & term != term]
        if term in selected
        else [*selected, term]
    )


class _ModelFits:
    """Fits of several models to the same lists, with the same priors and random draws."""

    def __init__(self, lists: Lists, prior_variance: float | None, draws: int, seed: int) -> None:
        if prior_variance is not None and not 0 < prior_variance < np.inf:
            raise lists_error(
                f"the prior variance is {prior_variance}", "give a positive number, or None for flat priors"
            )
        check_setting("the number of draws", draws, int(LEAST_ESS), integer=True)
        check_setting("the seed", seed, 0, integer=True)
        check_overlap(lists)
        self.lists, self.counts = lists, lists.dense.astype(np.float64)
        self.prior_variance, self.draws, self.seed = prior_variance, draws, seed

    def _find_boundary(self, interactions: Iterable[int]) -> list[int]:
        """Return the interactions at minus infinity: with flat priors, those of lists without common people."""
        if self.prior_variance is not None:
            return []
        return [term for term in interactions if not self.lists.on(term, mask=True)]

    def _build_model(self, interactions: list[int]) -> tuple[Masks, Masks, Floats]:
        """Return terms, boundary terms and prior precisions of a model."""
        boundary = self._find_boundary(interactions)
        mains = [0, *(1 << j for j in range(self.lists.number))]
        terms = mains + [term for term in interactions if term not in boundary]
        precision = np.zeros(len(terms))
        if self.prior_variance is not None:
            precision[len(mains) :] = 1.0 / self.prior_variance
        return np.array(terms), np.array(boundary, np.int64), precision

    def has_posterior(self, interactions: list[int]) -> bool:
        """Return whether the posterior exists with flat priors."""
        return existence(self.lists, close_model(self.lists.number, interactions)) == 0

    def draw(self, interactions: list[int]) -> tuple[Draws, Masks]:
        """Return weighted draws, and the terms of their parameters."""
        if self.prior_variance is None and not self.has_posterior(interactions):
            raise lists_error("with flat priors this model of the lists has no posterior", "give a prior variance")
        model = build_model(self.counts, *self._build_model(interactions))
        # each fit starts the same random stream, so that an added fit does not change the results of the others
        return draw_posterior(model, self.draws, np.random.Generator(np.random.PCG64(self.seed))), model.terms

    def strengths(self, interactions: list[int], tried: list[int]) -> dict[int, float]:
        """Return |mean| / standard deviation of the tried interactions that are not at minus infinity."""
        draws, terms = self.draw(interactions)
        ratios: NDArray[np.float64] = np.abs(draws.mean) / draws.deviation
        return {int(term): float(ratio) for term, ratio in zip(terms, ratios, strict=True) if term in tried}

    def posterior(self, interactions: list[int]) -> Posterior:
        """Return the posterior of the population size under a model."""
        draws, _ = self.draw(interactions)
        detected = self.lists.people
        people = detected + np.exp(np.minimum(draws.values[:, 0], LARGEST))
        limits = (float(f"{value:.{DIGITS}g}") for value in weighted_quantiles(people, draws.weights, LEVELS).tolist())
        lower95, lower80, lower50, middle, upper50, upper80, upper95 = limits
        boundary = self._find_boundary(interactions)
        reason = None
        if draws.ess < LEAST_ESS:
            reason = f"{self.draws} weighted draws equal {draws.ess:.0f} independent ones: draw more"
        return Posterior(
            detected=detected,
            median=middle,
            interval50=(lower50, upper50),
            interval80=(lower80, upper80),
            interval95=(lower95, upper95),
            interactions=tuple(term for term in interactions if term not in boundary),
            boundary=tuple(boundary),
            ess=draws.ess,
            no_estimate=reason,
        )

    def median(self, interactions: list[int]) -> float:
        """Return the posterior median; NaN if there is no posterior."""
        try:
            return self.posterior(interactions).median
        except ValueError:
            return float("nan")
