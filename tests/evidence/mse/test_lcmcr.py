"""Latent classes: the exact posterior of tiny tables, published medians, chains that do not depend on threads."""

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

from .tables import table

TINY = {1: 2, 2: 1, 4: 2, 3: 1, 5: 1}  # history: people
MOST = 21  # unseen people in it: 3 for each seen one
PRIOR = 0.25


def estimated(lists: Lists, **settings: float) -> LatentClasses:
    return lcmcr(lists, **settings)  # type: ignore[arg-type]


def log_beta(x: float, y: float) -> float:
    return lgamma(x) + lgamma(y) - lgamma(x + y)


def log_rates(histories: list[int], people: tuple[int, ...]) -> float:
    """Probability of one class's people, its rates integrated out."""
    total = sum(people)
    ones = [sum(m for w, m in zip(histories, people, strict=True) if w >> j & 1) for j in range(3)]
    return sum(log_beta(1 + one, 1 + total - one) for one in ones)


def log_choose(n: int, m: int) -> float:
    return lgamma(n + 1) - lgamma(m + 1) - lgamma(n - m + 1)


@cache
def stick(first: int, second: int) -> float:
    """Probability of so many people in the first and the second class, stick and concentration integrated out."""

    def at(root: float) -> float:  # the concentration is root^4: no pole at 0
        a = root**4
        return a ** (PRIOR - 1) * exp(-PRIOR * a + log_beta(1 + first, a + second)) * a * 4 * root**3

    return float(integrate.quad(at, 0, 4, limit=200)[0])


def unseen_exactly(table: dict[int, int], classes: int) -> NDArray[np.float64]:
    """Posterior of the unseen people, 0 to MOST, summed over all ways to split every count between the classes."""
    histories, counts = [0, *table], list(table.values())
    detected, found = sum(counts), np.zeros(MOST + 1)
    for unseen in range(MOST + 1):
        people = (unseen, *counts)
        log_prior = lgamma(detected + unseen) - lgamma(unseen + 1)  # 1/N times the ways to choose who is unseen
        splits: Iterator[tuple[int, ...]] = itertools.product(*(range(n + 1) for n in people))
        for some in splits if classes == 2 else [people]:
            others = tuple(n - m for n, m in zip(people, some, strict=True))
            ways = sum(log_choose(n, m) for n, m in zip(people, some, strict=True))
            weight = stick(sum(some), sum(others)) if classes == 2 else 1.0
            found[unseen] += weight * exp(log_prior + ways + log_rates(histories, some) + log_rates(histories, others))
    return found / found.sum()


@pytest.mark.parametrize("classes", [1, 2])
def test_the_sampler_has_the_posterior_that_counting_all_splits_gives(classes: int) -> None:
    exact = unseen_exactly(TINY, classes)
    found = estimated(Lists(list(TINY), list(TINY.values())), classes=classes, unseen=3, chains=4, sweeps=100_000)
    shares = np.bincount((found.draws - found.detected).ravel(), minlength=MOST + 1) / found.draws.size
    error = np.sqrt(exact * (1 - exact) / (found.draws.size / 3))  # draws are worth at least a third of their number
    assert found.bound == 28
    assert np.all(np.abs(shares - exact) < 4.5 * error)


@pytest.mark.parametrize(("name", "published"), [("NewOrl_5", 830), ("Kosovo", 10_500), ("Ned_5", 48_200)])
def test_medians_are_those_published(name: str, published: float) -> None:
    found = estimated(table(name), sweeps=20_000)
    assert found.median == pytest.approx(published, rel=0.05)
    assert found.chain_medians.shape == (20,)


def test_a_table_on_which_chains_agree_gets_an_estimate() -> None:
    found = estimated(table("NewOrl_5"), sweeps=10_000)
    assert found.no_estimate is None
    assert found.r_hat < 1.01
    assert found.interval95 == pytest.approx((568, 1379), rel=0.05)  # Binette & Steorts 2022, 200 chains
    assert found.interval95[0] < found.interval80[0] < found.interval50[0] < found.median < found.interval50[1]


def test_chains_in_different_modes_are_no_estimate() -> None:
    found = estimated(table("Ned_5"), sweeps=10_000)
    assert found.r_hat > 1.5
    assert found.no_estimate is not None
    assert "R-hat" in found.no_estimate


def test_leaning_on_the_bound_is_no_estimate() -> None:
    found = estimated(table("NewOrl_5"), sweeps=10_000, unseen=4)
    assert found.bound == 5 * found.detected
    assert found.draws.max() <= found.bound
    assert found.no_estimate is not None
    assert "bound" in found.no_estimate


def test_draws_depend_on_the_seed_and_not_on_threads_or_the_order_of_rows() -> None:
    one = estimated(table("Kosovo"), sweeps=1000, threads=1)
    lists = table("Kosovo")
    turned = Lists(lists.histories[::-1], lists.counts[::-1], lists.names)
    two = estimated(turned, sweeps=1000, threads=2)
    other = estimated(table("Kosovo"), sweeps=1000, seed=2)
    assert np.array_equal(one.draws, two.draws)
    assert not np.array_equal(one.draws, other.draws)


@pytest.mark.parametrize(
    "settings", [{"classes": 0}, {"chains": 1}, {"sweeps": 10}, {"unseen": 0}, {"a": 0}, {"seed": -1}, {"b": -1.0}]
)
def test_settings_outside_their_range_are_refused(settings: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="give"):
        estimated(table("NewOrl_5"), **settings)


def test_lists_that_say_nothing_of_the_unseen_are_refused() -> None:
    with pytest.raises(ValueError, match="nobody is on two lists"):
        lcmcr(Lists([1, 2, 4], [5, 5, 5]))
    with pytest.raises(ValueError, match="everybody is on list A"):
        lcmcr(Lists([1, 3, 5, 7], [50, 20, 30, 9]))


def test_a_hundred_million_people_on_ten_lists_are_sampled() -> None:
    rng = np.random.default_rng(3)
    histories = np.unique(np.concatenate([1 << np.arange(10), rng.integers(1, 1 << 10, 60)]))
    counts = rng.multinomial(10**8, np.full(len(histories), 1 / len(histories)))
    found = lcmcr(Lists(histories, counts), chains=2, sweeps=1000)
    assert found.detected == 10**8
    assert 10**8 <= found.draws.min() <= found.draws.max() <= found.bound


def test_importing_compiles_nothing() -> None:
    done = "import sys, kerege.evidence.mse.bayes.lcmcr as l; sys.exit('numba' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", done], check=False).returncode == 0
