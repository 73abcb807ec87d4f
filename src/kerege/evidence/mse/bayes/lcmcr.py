"""Latent classes: people differ in how likely each list is to find them, and fall into classes that are not seen.

The posterior of Manrique-Vallier 2016, "Bayesian population size estimation using Dirichlet process mixtures",
Biometrics 72(4), 1246-1254, with the priors and the bound of the R package LCMCR: a truncated stick-breaking mixture of
K classes, rates uniform on (0, 1), the concentration Gamma(a, rate b), and 1/N for the number of people, at most
20 unseen for each one seen. It has several modes that a chain may never leave, so chains start far apart, and where
they do not come to agree there is no estimate.
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from kerege.evidence.mse.lists import Lists, check_setting, lists_error

if TYPE_CHECKING:
    from kerege.evidence.mse.bayes.convergence import Convergence

CLASSES, CHAINS, SWEEPS = 5, 20, 100_000
UNSEEN = 20.0  # unseen people for each seen one, at most: hidden in the R package, which draws again beyond it
PRIOR = 0.25  # shape and rate of the concentration
EVERY = 10  # sweeps from one kept draw to the next
WARM = 5  # one in so many sweeps is for forgetting the start
R_HAT, ESS, LEANING = 1.05, 400.0, 0.01  # beyond these there is no estimate
NEAR_BOUND = 0.95
LEAST_START = 0.05  # unseen people for each seen one where the first chain starts
Interval = tuple[float, float]


@dataclass(frozen=True)
class LatentClasses:
    """The posterior of the number of people, seen and unseen, and whether to believe it.

    `median` is that of the chains' medians, which a few chains that are stuck elsewhere do not pull; where chains
    agree it is that of all draws. Intervals are of all draws and have equal tails. `bound` is the largest number the
    prior allows, and `bound_share` the probability of being within 5 % of it. `draws` (chains, kept draws) are people.
    `no_estimate` says why none should be given.
    """

    detected: int
    median: float
    interval50: Interval
    interval80: Interval
    interval95: Interval
    r_hat: float
    ess_bulk: float
    ess_tail: float
    bound: int
    bound_share: float
    chain_medians: NDArray[np.float64] = field(repr=False)
    no_estimate: str | None
    classes: int
    chains: int
    sweeps: int
    seed: int
    draws: NDArray[np.int64] = field(repr=False)


def lcmcr(
    lists: Lists,
    *,
    classes: int = CLASSES,
    chains: int = CHAINS,
    sweeps: int = SWEEPS,
    unseen: float = UNSEEN,
    a: float = PRIOR,
    b: float = PRIOR,
    seed: int = 1,
    threads: int | None = None,
) -> LatentClasses:
    """Estimate how many people there are by Gibbs sampling of latent classes, from several chains that start far apart.

    Parameters
    ----------
    lists : Lists
        People by history, three lists or more.
    classes : int
        K, where the mixture is cut off.
    chains, sweeps : int
        Chains (at least 2) and sweeps of each, of which the first fifth is dropped and every tenth kept.
    unseen : float
        Unseen people for each seen one, at most.
    a, b : float
        Shape and rate of the prior of the concentration.
    seed : int
        Every chain has a stream of its own made from it; the result does not depend on `threads`.
    threads : int, optional
        As many as there are processors if not given.

    Returns
    -------
    LatentClasses
        With the reason in `no_estimate` when R-hat is above 1.05, an effective sample size below 400, or more than
        1 % of the posterior within 5 % of the bound.

    Raises
    ------
    BadLists
        A ValueError: nobody is on two lists, or everybody on one; settings outside their range.

    Notes
    -----
    Manrique-Vallier 2016, Biometrics 72(4); label swaps after Papaspiliopoulos and Roberts 2008, Biometrika 95(1), and
    a move along what the lists hardly tell apart (`lcmcr_sampler`); convergence after Vehtari et al. 2021, Bayesian
    Analysis 16(2).

    Examples
    --------
    >>> lists = Lists([1, 2, 3, 4, 5, 6, 7], [60, 49, 4, 247, 112, 142, 12])  # spina bifida, Madigan and York 1997
    >>> found = lcmcr(lists, chains=4, sweeps=2_000)  # far fewer than a publication needs
    >>> found.detected, found.no_estimate is None
    (626, False)
    """
    from kerege.evidence.mse.bayes.convergence import convergence

    check_overlap(lists)
    _check_settings(classes, chains, sweeps, unseen, a, b, seed)
    detected = lists.people
    most = int(unseen * detected)
    draws = detected + _run_all(lists, most, (a, b), (classes, chains, sweeps), seed, threads)
    found = convergence(draws)
    bound = detected + most
    share = float(np.mean(draws >= NEAR_BOUND * bound))
    medians = np.median(draws, axis=1)
    lower95, lower80, lower50, upper50, upper80, upper95 = np.quantile(
        draws, [0.025, 0.1, 0.25, 0.75, 0.9, 0.975]
    ).tolist()
    return LatentClasses(
        detected, float(np.median(medians)), (lower50, upper50), (lower80, upper80), (lower95, upper95), *found, bound,
        share, medians, _reason(found, share, bound), classes, chains, sweeps, seed, draws,
    )  # fmt: skip


def check_overlap(lists: Lists) -> None:
    """Raise BadLists where only a prior would tell how many people are unseen."""
    if not lists.repeated:
        raise lists_error("nobody is on two lists", "nothing tells how many are on none")
    full = [name for j, name in enumerate(lists.names) if lists.on(j) == lists.people]
    if full:
        raise lists_error(f"everybody is on list {full[0]}", "nothing tells how many are on none")


def _check_settings(classes: int, chains: int, sweeps: int, unseen: float, a: float, b: float, seed: int) -> None:
    check_setting("the number of classes", classes, 1, 100, integer=True)
    check_setting("the number of chains", chains, 2, integer=True)  # one cannot show that it agrees
    check_setting("the number of sweeps", sweeps, 1000, integer=True)
    check_setting("the seed", seed, 0, integer=True)
    if not 0.0 < unseen <= 1000.0:
        raise lists_error(f"{unseen} unseen people for each seen one as the bound", "give more than 0 and at most 1000")
    if not (0.0 < a < np.inf and 0.0 < b < np.inf):
        raise lists_error(f"{a} and {b} as shape and rate of the concentration", "give positive numbers")


def _reason(found: Convergence, share: float, bound: int) -> str | None:
    if not found.r_hat <= R_HAT:
        return f"the chains do not agree: R-hat is {found.r_hat:.3f}, and should be {R_HAT} at most"
    if min(found.ess_bulk, found.ess_tail) < ESS:
        least = min(found.ess_bulk, found.ess_tail)
        return f"the chains have run too short: they are worth {least:.0f} independent draws, and {ESS:.0f} are needed"
    if share > LEANING:
        return f"the estimate leans on its bound: {share:.0%} of the posterior is within 5% of {bound} people"
    return None


def _run_all(
    lists: Lists,
    most: int,
    prior: tuple[float, float],
    size: tuple[int, int, int],
    seed: int,
    threads: int | None,
) -> NDArray[np.int64]:
    """Unseen people (chains, kept draws)."""
    from kerege.evidence.mse.bayes.lcmcr_sampler import Observed, run, started  # loads Numba

    classes, chains, sweeps = size
    observed = Observed(lists.histories, lists.counts, lists.people, most, *prior)
    warm = sweeps // WARM
    unseen = np.empty((chains, (sweeps - warm) // EVERY), np.int64)
    starts = np.geomspace(LEAST_START * observed.people, max(most, 1), chains).astype(np.int64)

    def work(number: int) -> None:
        random = np.random.Generator(np.random.PCG64(streams[number]))
        state = started(random, observed, lists.number, classes, int(min(starts[number], most)))
        run(random, observed, state, warm, EVERY, unseen[number])

    streams = np.random.SeedSequence(seed).spawn(chains)
    with ThreadPoolExecutor(threads or os.cpu_count()) as pool:
        for _ in pool.map(work, range(chains)):
            pass
    return unseen
