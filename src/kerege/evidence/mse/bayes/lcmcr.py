"""Latent class estimate: people belong to unobserved classes with different capture probabilities.

The posterior is that of Manrique-Vallier 2016, "Bayesian population size estimation using Dirichlet process mixtures",
Biometrics 72(4), 1246-1254, with the priors of the R package LCMCR:

- a truncated stick-breaking mixture of K classes, with concentration Gamma(a, rate b);
- capture probabilities uniform on (0, 1);
- 1/N for the population size, with at most 20 unobserved people for each observed one.

The posterior may have several modes that a chain never leaves. So the chains start far apart, and there is no estimate
if they do not agree.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from kerege.base.processors import processor_count
from kerege.evidence.mse.lists import Lists, check_setting, lists_error

if TYPE_CHECKING:
    from kerege.evidence.mse.bayes.convergence import Convergence

CLASSES, CHAINS, SWEEPS = 5, 20, 100_000
UNSEEN = 20.0  # largest number of unobserved people for each observed one, as in the R package
PRIOR = 0.25  # shape and rate of the Gamma prior of the concentration
EVERY = 10  # sweeps between two kept draws (thinning)
WARM = 5  # 1 / WARM of the sweeps are warm-up
R_HAT, ESS, AT_BOUND = 1.05, 400.0, 0.01  # largest R-hat, smallest effective size, largest posterior share at the bound
NEAR_BOUND = 0.95  # share of the bound from which a draw counts as close to it
LEAST_START = 0.05  # unobserved people for each observed one at the start of the first chain
Interval = tuple[float, float]


@dataclass(frozen=True)
class LatentClasses:
    """Posterior of the population size (observed and unobserved), and diagnostics of the chains.

    median: median of the chains' medians, which a few chains in another mode do not change. interval50, 80, 95:
    equal-tailed intervals of all draws. bound: largest population size that the prior allows. bound_share: posterior
    probability of the range within 5 % of it. draws: (chains, kept draws) population sizes. no_estimate: the reason why
    no estimate should be given, or None.
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
    """Estimate the population size by Gibbs sampling of a latent class model.

    Parameters
    ----------
    lists : Lists
        Three lists or more.
    classes : int, default 5
        Number of classes K at which the mixture is truncated, 1 to 100.
    chains : int, default 20
        Number of chains, 2 or more. Their starts are far apart.
    sweeps : int, default 100,000
        Sweeps of each chain, 1,000 or more. The first fifth is warm-up; every tenth of the others is kept.
    unseen : float, default 20.0
        Largest number of unobserved people for each observed one, above 0 and at most 1,000.
    a, b : float, default 0.25
        Shape and rate of the Gamma prior of the concentration, above 0.
    seed : int, default 1
        Seed. Each chain has its own random stream, so the result does not depend on `threads`.
    threads : int, optional
        Number of threads. Default: one for each processor.

    Returns
    -------
    LatentClasses
        Posterior in people, observed and unobserved. `no_estimate` has the reason if R-hat is above 1.05, an effective
        sample size is below 400, or more than 1 % of the posterior is within 5 % of the bound.

    Raises
    ------
    BadLists
        If no person is on two lists, all people are on one list, or a setting is out of range.

    Notes
    -----
    Two moves make the chains mix: label swaps (Papaspiliopoulos and Roberts 2008), and a move along the direction that
    the lists hardly identify (`lcmcr_sampler`).

    References
    ----------
    .. [1] Manrique-Vallier 2016, "Bayesian population size estimation using Dirichlet process mixtures", Biometrics
       72(4).
    .. [2] Papaspiliopoulos and Roberts 2008, "Retrospective Markov chain Monte Carlo methods for Dirichlet process
       hierarchical models", Biometrika 95(1).
    .. [3] Vehtari, Gelman, Simpson, Carpenter and Bürkner 2021, "Rank-normalization, folding, and localization: an
       improved R-hat for assessing convergence of MCMC", Bayesian Analysis 16(2).

    Examples
    --------
    >>> lists = Lists([1, 2, 3, 4, 5, 6, 7], [60, 49, 4, 247, 112, 142, 12])  # spina bifida, Madigan and York 1997
    >>> posterior = lcmcr(lists, chains=4, sweeps=2_000)  # far fewer sweeps than a publication needs
    >>> posterior.detected, posterior.no_estimate is None
    (626, False)
    """
    from kerege.evidence.mse.bayes.convergence import convergence

    check_overlap(lists)
    _check_settings(classes, chains, sweeps=sweeps, unseen=unseen, a=a, b=b, seed=seed)
    detected = lists.people
    max_unobserved = int(unseen * detected)
    draws = detected + _run_chains(
        lists, max_unobserved, prior=(a, b), size=(classes, chains, sweeps), seed=seed, threads=threads
    )
    diagnostics = convergence(draws)
    bound = detected + max_unobserved
    bound_share = float(np.mean(draws >= NEAR_BOUND * bound))
    medians = np.median(draws, axis=1)
    lower95, lower80, lower50, upper50, upper80, upper95 = np.quantile(
        draws, [0.025, 0.1, 0.25, 0.75, 0.9, 0.975]
    ).tolist()
    return LatentClasses(
        detected,
        float(np.median(medians)),
        (lower50, upper50),
        (lower80, upper80),
        (lower95, upper95),
        *diagnostics,
        bound,
        bound_share,
        medians,
        _explain_no_estimate(diagnostics, bound_share, bound),
        classes,
        chains,
        sweeps,
        seed,
        draws,
    )


def check_overlap(lists: Lists) -> None:
    """Raise BadLists if only the prior would determine the unobserved number.

    This is so if no person is on two lists, or if all people are on one list.
    """
    if not lists.repeated:
        raise lists_error("nobody is on two lists", "the lists cannot show how many are on none")
    full_lists = [name for j, name in enumerate(lists.names) if lists.on(j) == lists.people]
    if full_lists:
        raise lists_error(f"everybody is on list {full_lists[0]}", "the lists cannot show how many are on none")


def _check_settings(classes: int, chains: int, sweeps: int, unseen: float, a: float, b: float, seed: int) -> None:
    """Raise BadLists if a setting of `lcmcr` is out of range."""
    check_setting("the number of classes", classes, 1, 100, integer=True)
    check_setting("the number of chains", chains, 2, integer=True)  # the agreement of chains needs two of them
    check_setting("the number of sweeps", sweeps, 1000, integer=True)
    check_setting("the seed", seed, 0, integer=True)
    if not 0.0 < unseen <= 1000.0:
        raise lists_error(f"the bound is {unseen} unseen people for each seen one", "give more than 0 and at most 1000")
    if not (0.0 < a < np.inf and 0.0 < b < np.inf):
        raise lists_error(f"the concentration has the shape {a} and the rate {b}", "give positive numbers")


def _explain_no_estimate(diagnostics: Convergence, bound_share: float, bound: int) -> str | None:
    """Return the reason why there is no estimate, or None: R-hat, effective size, or the bound."""
    if not diagnostics.r_hat <= R_HAT:
        return f"the chains do not agree: R-hat is {diagnostics.r_hat:.3f}, and should be {R_HAT} at most"
    if min(diagnostics.ess_bulk, diagnostics.ess_tail) < ESS:
        least = min(diagnostics.ess_bulk, diagnostics.ess_tail)
        return f"the chains are too short: they equal {least:.0f} independent draws, and {ESS:.0f} are needed"
    if bound_share > AT_BOUND:
        return f"the estimate depends on its bound: {bound_share:.0%} of the posterior is within 5% of {bound} people"
    return None


def _run_chains(
    lists: Lists,
    max_unobserved: int,
    prior: tuple[float, float],
    size: tuple[int, int, int],
    seed: int,
    threads: int | None,
) -> NDArray[np.int64]:
    """Run all chains; return the unobserved numbers (chains, kept draws)."""
    from kerege.evidence.mse.bayes.lcmcr_sampler import Observed, initial_state, run_chain  # here: it loads Numba

    classes, chains, sweeps = size
    observed = Observed(lists.histories, lists.counts, lists.people, max_unobserved, *prior)
    warm_up = sweeps // WARM
    unobserved = np.empty((chains, (sweeps - warm_up) // EVERY), np.int64)
    starts = np.geomspace(LEAST_START * observed.people, max(max_unobserved, 1), chains).astype(np.int64)

    def sample_chain(chain: int) -> None:
        """Run one chain from its own random stream and start."""
        rng = np.random.Generator(np.random.PCG64(streams[chain]))
        state = initial_state(rng, observed, lists.number, classes, int(min(starts[chain], max_unobserved)))
        run_chain(rng, observed, state, warm_up, EVERY, unobserved[chain])

    streams = np.random.SeedSequence(seed).spawn(chains)
    with ThreadPoolExecutor(threads or processor_count()) as pool:
        for _ in pool.map(sample_chain, range(chains)):
            pass
    return unobserved
