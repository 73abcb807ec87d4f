"""Bayesian thresholding: fit all interactions of two lists with priors that hold them back, keep the clear ones, refit.

Silverman 2020, "Multiple-systems analysis for the quantification of modern slavery: classical and Bayesian approaches",
JRSS A 183(3), 691-736, section 6, and its extension to three lists in the R package MultipleSystemsEstimation. An
interaction is clear when its posterior mean is at least two posterior standard deviations from zero. Those close to
that line decide the estimate by a hair, and R's chains of 10,000 steps fall on either side of it: they are named, with
the estimate that would follow if each had fallen on the other side.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from kerege.evidence.mse.bayes.lcmcr import check_overlap
from kerege.evidence.mse.bayes.posterior import LARGEST, Draws, Floats, Masks, model_of, quantiles, sample
from kerege.evidence.mse.lists import Lists, check_setting, lists_error
from kerege.evidence.mse.loglinear.existence import existence
from kerege.evidence.mse.loglinear.hierarchical_models import closed, pairs_of

VARIANCE, THRESHOLD, DRAWS = 1.0, 2.0, 50_000
NEAR = 0.1  # share of the threshold: R's chains are worth a few hundred draws, its ratios right to about so much
LEAST_ESS = 1000.0
DIGITS = 12  # of a limit: sums differ beyond them with the number of processors
LEVELS = np.array([0.025, 0.1, 0.25, 0.5, 0.75, 0.9, 0.975])
Interval = tuple[float, float]


@dataclass(frozen=True)
class Posterior:
    """Posterior of the number of people, seen and unseen, under one model; intervals have equal tails.

    `ess` is in independent draws. `boundary` are the interactions of lists that nobody is on together, at minus
    infinity where priors are flat.
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
    """The posterior of the model of the clear interactions, as bitmasks of lists.

    `strength` is |mean| / standard deviation of every interaction that was tried. `near` are those within a tenth of
    the threshold, with the median if they had been decided the other way (NaN where that model has no posterior).
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
    """Estimate how many people there are by the model of the interactions that a first fit shows clearly.

    Parameters
    ----------
    lists : Lists
        People by history, three lists or more.
    prior_variance : float or None
        Of every interaction, around 0; None for flat priors. Those of intercept and lists are flat.
    threshold : float
        Posterior standard deviations from zero that an interaction must be to stay.
    order : 2 or 3
        With 3, interactions of three lists whose pairs have all stayed are tried in a second round.
    draws, seed : int
        Weighted draws of each posterior, and what they are made from.

    Returns
    -------
    Thresholded
        With `no_estimate` where the draws are worth less than 1,000 independent ones.

    Raises
    ------
    BadLists
        A ValueError: nobody is on two lists, or everybody on one; flat priors under which there is no posterior;
        settings out of range.

    Notes
    -----
    Silverman 2020, JRSS A 183(3), section 6; importance sampling replaces the chains of MCMCpack.

    Examples
    --------
    >>> lists = Lists([1, 2, 3, 4, 5, 6, 7], [60, 49, 4, 247, 112, 142, 12])  # spina bifida, Madigan and York 1997
    >>> found = thresholded(lists)
    >>> round(found.median), [round(limit) for limit in found.interval95]
    (732, [708, 762])
    """
    table = _Table(lists, prior_variance, draws, seed)
    check_setting("the threshold", threshold, 0)
    if order not in (2, 3):
        raise lists_error(f"interactions of {order} lists", "give 2 or 3")
    pairs = sorted(int(pair) for pair in pairs_of(lists.number))
    strength = table.strengths(pairs, pairs)
    kept = [term for term in pairs if strength.get(term, np.inf) >= threshold]
    if order == 3:
        triples = [a | b | c for a, b, c in combinations(kept, 3) if (a | b | c).bit_count() == 3]
        if triples and (prior_variance is not None or table.has_posterior(kept + triples)):
            more = table.strengths(kept + triples, triples)
            strength |= more
            kept += [term for term in triples if more.get(term, np.inf) >= threshold]
    near = {
        term: table.median(_toggled(kept, term))
        for term, ratio in strength.items()
        if abs(ratio - threshold) <= NEAR * threshold
    }
    found = table.posterior(kept)
    return Thresholded(
        **vars(found),
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
    """Posterior of the number of people under a model that is given.

    Parameters
    ----------
    lists : Lists
        People by history, three lists or more.
    interactions : iterable of int
        Bitmasks of two lists or more; with each of them come those of its parts.
    prior_variance, draws, seed
        As for `thresholded`.

    Returns
    -------
    Posterior
        With `no_estimate` where the draws are worth less than 1,000 independent ones.

    Raises
    ------
    BadLists
        As `thresholded`, and for interactions that are none.

    Notes
    -----
    Silverman 2020, JRSS A 183(3), section 6.
    """
    table = _Table(lists, prior_variance, draws, seed)
    wanted = list(interactions)
    if not all(0 < term < 1 << lists.number and term.bit_count() > 1 for term in wanted):
        raise lists_error(
            "an interaction is no bitmask of two lists or more", f"give those of the {lists.number} lists"
        )
    return table.posterior([term for term in closed(lists.number, wanted) if term.bit_count() > 1])


def _toggled(kept: list[int], term: int) -> list[int]:
    """Without the interaction and those that hold it, or with it."""
    return [other for other in kept if other & term != term] if term in kept else [*kept, term]


class _Table:
    """Lists, priors and how to draw: what the fits of one estimate share."""

    def __init__(self, lists: Lists, prior_variance: float | None, draws: int, seed: int) -> None:
        if prior_variance is not None and not 0 < prior_variance < np.inf:
            raise lists_error(f"the prior variance {prior_variance}", "give a positive number, or None for flat priors")
        check_setting("the number of draws", draws, int(LEAST_ESS), integer=True)
        check_setting("the seed", seed, 0, integer=True)
        check_overlap(lists)
        self.lists, self.counts = lists, lists.dense.astype(np.float64)
        self.prior_variance, self.draws, self.seed = prior_variance, draws, seed

    def _boundary(self, interactions: Iterable[int]) -> list[int]:
        """Interactions at minus infinity: flat priors, and nobody on these lists together."""
        if self.prior_variance is not None:
            return []
        return [term for term in interactions if not self.lists.on(term, mask=True)]

    def _model(self, interactions: list[int]) -> tuple[Masks, Masks, Floats]:
        boundary = self._boundary(interactions)
        mains = [0, *(1 << j for j in range(self.lists.number))]
        terms = mains + [term for term in interactions if term not in boundary]
        precision = np.zeros(len(terms))
        if self.prior_variance is not None:
            precision[len(mains) :] = 1.0 / self.prior_variance
        return np.array(terms), np.array(boundary, np.int64), precision

    def has_posterior(self, interactions: list[int]) -> bool:
        """Whether flat priors lead to a posterior."""
        return existence(self.lists, closed(self.lists.number, interactions)) == 0

    def drawn(self, interactions: list[int]) -> tuple[Draws, Masks]:
        """Weighted draws and the parameters they are of."""
        if self.prior_variance is None and not self.has_posterior(interactions):
            raise lists_error("with flat priors this model of the lists has no posterior", "give a prior variance")
        model = model_of(self.counts, *self._model(interactions))
        # every fit draws from the same stream: to add a fit does not change the others
        return sample(model, self.draws, np.random.Generator(np.random.PCG64(self.seed))), model.terms

    def strengths(self, interactions: list[int], tried: list[int]) -> dict[int, float]:
        """|mean| / standard deviation of those tried that are not at minus infinity."""
        draws, terms = self.drawn(interactions)
        ratios: NDArray[np.float64] = np.abs(draws.mean) / draws.deviation
        return {int(term): float(ratio) for term, ratio in zip(terms, ratios, strict=True) if term in tried}

    def posterior(self, interactions: list[int]) -> Posterior:
        """Draws become numbers of people."""
        draws, _ = self.drawn(interactions)
        detected = self.lists.people
        people = detected + np.exp(np.minimum(draws.values[:, 0], LARGEST))
        told = (float(f"{value:.{DIGITS}g}") for value in quantiles(people, draws.weights, LEVELS).tolist())
        lower95, lower80, lower50, middle, upper50, upper80, upper95 = told
        boundary = self._boundary(interactions)
        reason = None
        if draws.ess < LEAST_ESS:
            reason = f"{self.draws} weighted draws are worth {draws.ess:.0f} independent ones: draw more"
        return Posterior(
            detected,
            middle,
            (lower50, upper50),
            (lower80, upper80),
            (lower95, upper95),
            tuple(term for term in interactions if term not in boundary),
            tuple(boundary),
            draws.ess,
            reason,
        )

    def median(self, interactions: list[int]) -> float:
        """NaN where there is no posterior."""
        try:
            return self.posterior(interactions).median
        except ValueError:
            return float("nan")
