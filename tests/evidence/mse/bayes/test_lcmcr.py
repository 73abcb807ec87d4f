"""Latent classes: exact posterior of small tables, published medians, and reproducible chains."""

from __future__ import annotations

import itertools
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from math import exp, lgamma

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import integrate

from kerege.evidence.mse import Lists
from kerege.evidence.mse.bayes.lcmcr import LatentClasses, lcmcr
from tests.evidence.mse.tables import table

TINY = {1: 2, 2: 1, 4: 2, 3: 1, 5: 1}  # history: people
MOST = 21  # largest number of unobserved people in it: 3 for each observed one
PRIOR = 0.25


def run_lcmcr(lists: Lists, **settings: float) -> LatentClasses:
    return lcmcr(lists, **settings)  # type: ignore[arg-type]


def log_beta(x: float, y: float) -> float:
    return lgamma(x) + lgamma(y) - lgamma(x + y)


def log_rates(histories: list[int], people: tuple[int, ...]) -> float:
    """Return the log probability of the people of one class, capture probabilities integrated out."""
    total = sum(people)
    ones = [sum(m for w, m in zip(histories, people, strict=True) if w >> j & 1) for j in range(3)]
    return sum(log_beta(1 + single_thread, 1 + total - single_thread) for single_thread in ones)


def log_choose(n: int, m: int) -> float:
    return lgamma(n + 1) - lgamma(m + 1) - lgamma(n - m + 1)


@cache
def stick_probability(first: int, second: int) -> float:
    """Return the probability of these numbers in two classes, with stick and concentration integrated out."""

    def integrand(root: float) -> float:  # the concentration is root^4: no pole at 0
        a = root**4
        return a ** (PRIOR - 1) * exp(-PRIOR * a + log_beta(1 + first, a + second)) * a * 4 * root**3

    return float(integrate.quad(integrand, 0, 4, limit=200)[0])


def exact_posterior(table: dict[int, int], classes: int) -> NDArray[np.float64]:
    """Return the exact posterior of the unobserved number, 0 to MOST.

    It sums over all ways to split each count between the classes.
    """
    histories, counts = [0, *table], list(table.values())
    detected, posterior = sum(counts), np.zeros(MOST + 1)
    for unobserved in range(MOST + 1):
        people = (unobserved, *counts)
        log_prior = lgamma(detected + unobserved) - lgamma(
            unobserved + 1
        )  # 1/N times the number of ways to choose the unobserved people
        splits: Iterator[tuple[int, ...]] = itertools.product(*(range(n + 1) for n in people))
        for first_class in splits if classes == 2 else [people]:
            second_class = tuple(n - m for n, m in zip(people, first_class, strict=True))
            ways = sum(log_choose(n, m) for n, m in zip(people, first_class, strict=True))
            weight = stick_probability(sum(first_class), sum(second_class)) if classes == 2 else 1.0
            posterior[unobserved] += weight * exp(
                log_prior + ways + log_rates(histories, first_class) + log_rates(histories, second_class)
            )
    return posterior / posterior.sum()


@pytest.mark.parametrize("classes", [1, 2])
def test_the_sampler_has_the_exact_posterior(classes: int) -> None:
    exact = exact_posterior(TINY, classes)
    posterior = run_lcmcr(Lists(list(TINY), list(TINY.values())), classes=classes, unseen=3, chains=4, sweeps=100_000)
    shares = np.bincount((posterior.draws - posterior.detected).ravel(), minlength=MOST + 1) / posterior.draws.size
    error = np.sqrt(
        exact * (1 - exact) / (posterior.draws.size / 3)
    )  # the effective sample size is at least a third of the draws
    assert posterior.bound == 28
    assert np.all(np.abs(shares - exact) < 4.5 * error)


MEDIANS = [("NewOrl_5", 830), ("Kosovo", 10_500), ("Ned_5", 48_200)]


@pytest.mark.parametrize(("name", "published"), MEDIANS)
def test_medians_are_as_published(name: str, published: float) -> None:
    check_median(name, published, 4_000)


@cache
def published_posterior(name: str, sweeps: int) -> LatentClasses:
    return run_lcmcr(table(name), sweeps=sweeps)


def check_median(name: str, published: float, sweeps: int) -> None:
    posterior = published_posterior(name, sweeps)
    assert posterior.median == pytest.approx(published, rel=0.05)
    assert posterior.chain_medians.shape == (20,)


def test_chains_that_agree_have_an_estimate() -> None:
    posterior = published_posterior("NewOrl_5", 4_000)
    assert posterior.no_estimate is None
    assert posterior.r_hat < 1.01
    assert posterior.interval95 == pytest.approx((568, 1379), rel=0.05)  # Binette & Steorts 2022, 200 chains
    assert (
        posterior.interval95[0]
        < posterior.interval80[0]
        < posterior.interval50[0]
        < posterior.median
        < posterior.interval50[1]
    )


def test_chains_in_different_modes_have_no_estimate() -> None:
    posterior = published_posterior("Ned_5", 4_000)
    assert posterior.r_hat > 1.5
    assert posterior.no_estimate is not None
    assert "R-hat" in posterior.no_estimate


def test_a_posterior_at_its_bound_has_no_estimate() -> None:
    posterior = run_lcmcr(table("NewOrl_5"), sweeps=4_000, unseen=4)
    assert posterior.bound == 5 * posterior.detected
    assert posterior.draws.max() <= posterior.bound
    assert posterior.no_estimate is not None
    assert "bound" in posterior.no_estimate


def test_draws_depend_on_the_seed_and_not_on_threads_or_row_order() -> None:
    single_thread = run_lcmcr(table("Kosovo"), sweeps=1000, threads=1)
    lists = table("Kosovo")
    reversed_lists = Lists(lists.histories[::-1], lists.counts[::-1], lists.names)
    two_threads = run_lcmcr(reversed_lists, sweeps=1000, threads=2)
    other_seed = run_lcmcr(table("Kosovo"), sweeps=1000, seed=2)
    assert np.array_equal(single_thread.draws, two_threads.draws)
    assert not np.array_equal(single_thread.draws, other_seed.draws)


@pytest.mark.parametrize(
    "settings", [{"classes": 0}, {"chains": 1}, {"sweeps": 10}, {"unseen": 0}, {"a": 0}, {"seed": -1}, {"b": -1.0}]
)
def test_settings_out_of_range_are_refused(settings: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="give"):
        run_lcmcr(table("NewOrl_5"), **settings)


def test_lists_without_information_on_the_unobserved_are_refused() -> None:
    with pytest.raises(ValueError, match="nobody is on two lists"):
        lcmcr(Lists([1, 2, 4], [5, 5, 5]))
    with pytest.raises(ValueError, match="everybody is on list A"):
        lcmcr(Lists([1, 3, 5, 7], [50, 20, 30, 9]))


def test_a_hundred_million_people_on_ten_lists_are_sampled() -> None:
    rng = np.random.default_rng(3)
    histories = np.unique(np.concatenate([1 << np.arange(10), rng.integers(1, 1 << 10, 60)]))
    counts = rng.multinomial(10**8, np.full(len(histories), 1 / len(histories)))
    posterior = lcmcr(Lists(histories, counts), chains=2, sweeps=1000)
    assert posterior.detected == 10**8
    assert 10**8 <= posterior.draws.min() <= posterior.draws.max() <= posterior.bound


def test_the_import_does_not_load_numba() -> None:
    code = "import sys, kerege.evidence.mse.bayes.lcmcr as l; sys.exit('numba' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


# -- summary of given draws ------------------------------------------------------------------------------------------


def posterior_of(unobserved: NDArray[np.int64], monkeypatch: pytest.MonkeyPatch, **settings: float) -> LatentClasses:
    """Return the result of `lcmcr` for given unobserved numbers of each chain."""
    monkeypatch.setattr("kerege.evidence.mse.bayes.lcmcr._run_chains", lambda *_, **__: unobserved)
    return run_lcmcr(table("NewOrl_5"), **settings)


def independent_draws(chains: int = 4, kept: int = 2000) -> NDArray[np.int64]:
    return np.random.default_rng(3).poisson(700, (chains, kept))


def test_limits_are_quantiles_of_all_draws_and_the_median_is_that_of_the_chains(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    unobserved = independent_draws()
    posterior = posterior_of(unobserved, monkeypatch)
    people = unobserved + table("NewOrl_5").people
    for level, limits in ((0.5, posterior.interval50), (0.8, posterior.interval80), (0.95, posterior.interval95)):
        assert limits == pytest.approx(tuple(np.quantile(people, [(1 - level) / 2, (1 + level) / 2])))
    assert posterior.chain_medians.tolist() == np.median(people, axis=1).tolist()
    assert posterior.median == np.median(np.median(people, axis=1))
    assert posterior.no_estimate is None
    assert (posterior.draws == people).all()


def test_one_chain_in_another_mode_does_not_move_the_median(monkeypatch: pytest.MonkeyPatch) -> None:
    unobserved = independent_draws(5)
    unobserved[0] += 3000
    posterior = posterior_of(unobserved, monkeypatch)
    assert posterior.median == pytest.approx(table("NewOrl_5").people + 700, abs=5)
    assert posterior.no_estimate is not None
    reason = f"the chains do not agree: R-hat is {posterior.r_hat:.3f}, and should be 1.05 at most"
    assert posterior.no_estimate == reason


def test_chains_that_agree_may_have_run_too_short(monkeypatch: pytest.MonkeyPatch) -> None:
    posterior = posterior_of(independent_draws(4, 80), monkeypatch)
    least = min(posterior.ess_bulk, posterior.ess_tail)
    assert least < 400
    assert posterior.no_estimate == (
        f"the chains are too short: they equal {least:.0f} independent draws, and 400 are needed"
    )


@pytest.mark.parametrize(("share", "is_refused"), [(0.009, False), (0.012, True)])
def test_a_posterior_leans_on_its_bound_from_one_per_cent_on(
    share: float, is_refused: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    unobserved = independent_draws(4, 4000)
    bound = 21 * table("NewOrl_5").people
    near = round(share * unobserved.size / 4)
    places = np.linspace(0, unobserved.shape[1] - 1, near).astype(int)
    unobserved[:, places] = round(0.96 * bound) - table("NewOrl_5").people
    posterior = posterior_of(unobserved, monkeypatch)
    assert posterior.bound == bound
    assert posterior.bound_share == pytest.approx(share, abs=0.001)
    assert (posterior.no_estimate is not None) is is_refused
    if is_refused:
        assert posterior.no_estimate == (
            f"the estimate depends on its bound: 1% of the posterior is within 5% of {bound} people"
        )


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"classes": 101}, "the number of classes is 101, give a whole number from 1 to 100"),
        ({"chains": 1}, "the number of chains is 1, give a whole number from 2 on"),
        ({"sweeps": 999}, "the number of sweeps is 999, give a whole number from 1,000 on"),
        ({"unseen": 1000.1}, "the bound is 1000.1 unseen people for each seen one, give more than 0 and at most 1000"),
        ({"a": np.inf}, "the concentration has the shape inf and the rate 0.25, give positive numbers"),
        ({"b": 0.0}, "the concentration has the shape 0.25 and the rate 0.0"),
    ],
)
def test_a_setting_out_of_range_is_refused_with_its_range(settings: dict[str, float], message: str) -> None:
    with pytest.raises(ValueError, match=message.replace(".", r"\.")):
        run_lcmcr(table("NewOrl_5"), **settings)


def test_the_kept_draws_are_a_tenth_of_the_sweeps_after_a_fifth(monkeypatch: pytest.MonkeyPatch) -> None:
    posterior = run_lcmcr(table("Korea"), sweeps=1000, chains=3, classes=2, seed=4)
    assert posterior.draws.shape == (3, 80)
    assert (posterior.chains, posterior.sweeps, posterior.classes, posterior.seed) == (3, 1000, 2, 4)
    assert posterior.bound == 21 * posterior.detected
