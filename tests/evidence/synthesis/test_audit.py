"""An audit of the claim: an attacker who knows everything but one person guesses whether she is in the counts.

She reports every column and is the only one to report some of her combinations. The attacker knows all others, the
schema, K and every sigma, and adds up all noisy counts by how much each would move (the most powerful test there is for
this noise). A first half of the runs chooses the threshold, a second half tells how often the guess is right; from that
follows a lower bound of epsilon that holds with 95% (Clopper and Pearson 1934).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import beta

from kerege.evidence.dp.gaussian_noise import Noise, gaussian_scale, repeatable
from kerege.evidence.dp.zcdp import epsilon_to_rho
from kerege.evidence.synthesis.measurement import measure
from kerege.evidence.synthesis.measurement.noisy_counts import Noisy
from kerege.evidence.synthesis.measurement.public_schema import Column, Schema
from tests.evidence.synthesis.test_measure import EVERYTHING, Row, counted, frame

DELTA = 1e-9
RUNS = 500  # with her, and as many without
COLUMNS: Schema = (
    Column("a", ("0", "1")),
    Column("b", ("0", "1")),
    Column("c", ("0", "1")),
    Column("m", ("r", "s", "t"), True),
)
OTHERS: list[Row] = [
    [frozenset({"0"}), frozenset({"0"}), frozenset(), frozenset({"r"})],
    [frozenset({"0"}), frozenset({"1"}), frozenset({"0"}), frozenset()],
    [frozenset(), frozenset({"0"}), frozenset({"0"}), frozenset({"r", "s"})],
]
SHE: Row = [frozenset({"1"}), frozenset({"1"}), frozenset({"1"}), frozenset({"r", "s", "t"})]
NAMES = [(number, value) for number, column in enumerate(COLUMNS) for value in column.values]


def evidence(noisy: Noisy) -> float:
    """How much the noisy counts speak for her: the logarithm of the likelihood ratio, up to a constant of the noise."""
    size = sum(map(len, SHE))
    alone = sum(sum(map(len, row)) == size for row in OTHERS)
    found = (noisy.lengths[size] - alone - 0.5) / noisy.lengths_sigma**2
    for length, level in enumerate(noisy.levels, 1):
        without, moved = known(noisy.clip, length, level.items.tobytes())
        found += float((moved * (level.values - without - moved / 2)).sum()) / level.sigma**2
    return float(found)


@cache
def known(clip: int, length: int, items: bytes) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """What the others count, and she, in each of these combinations."""
    others, hers = counted(OTHERS, COLUMNS, clip, length), counted([SHE], COLUMNS, clip, length)
    places = np.frombuffer(items, np.int32).reshape(-1, length)
    cells = [tuple(NAMES[place] for place in item) for item in places]
    return np.array([others[cell] for cell in cells]), np.array([hers[cell] for cell in cells])


def bound(inside: NDArray[np.float64], outside: NDArray[np.float64], delta: float = DELTA) -> float:
    """A lower bound (95%) of epsilon from guesses on runs with and without her."""
    half = len(inside) // 2
    grid = np.unique(np.concatenate([inside[:half], outside[:half]]))
    threshold = max(grid, key=lambda at: _least(inside[:half] > at, outside[:half] > at, delta))
    return _least(inside[half:] > threshold, outside[half:] > threshold, delta)


def _least(right: NDArray[np.bool_], wrong: NDArray[np.bool_], delta: float) -> float:
    hit, n = int(right.sum()), len(right)
    low = float(beta.ppf(0.025, hit, n - hit + 1)) if hit else 0.0
    false, m = int(wrong.sum()), len(wrong)
    high = float(beta.ppf(0.975, false + 1, m - false)) if false < m else 1.0
    return math.log((low - delta) / high) if low > delta else 0.0


def runs(rows: list[Row], epsilon: float, noise: Callable[[int], Noise], seeds: range) -> NDArray[np.float64]:
    spending = measure.plan(epsilon_to_rho(epsilon, DELTA), 3, EVERYTHING)
    table = frame(rows, COLUMNS)
    return np.array([evidence(measure.measure(table, COLUMNS, spending, noise(seed))[0]) for seed in seeds])


def audited(epsilon: float, noise: Callable[[int], Noise]) -> float:
    return bound(runs([*OTHERS, SHE], epsilon, noise, range(RUNS)), runs(OTHERS, epsilon, noise, range(RUNS, 2 * RUNS)))


def quieter(seed: int) -> Noise:
    """Ten times less noise than asked for."""
    sound = repeatable(seed)
    return lambda counts, sigma: sound(counts, sigma / 10)


@pytest.fixture(autouse=True)
def _fixed_scales(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sigmas are worked out once: OpenDP's map takes longer than the counting."""
    monkeypatch.setattr(measure, "gaussian_scale", cache(gaussian_scale))


def test_the_attacker_learns_no_more_than_the_claim() -> None:
    found = audited(1.0, repeatable)
    assert found <= 1.0


def test_the_audit_finds_noise_that_is_too_small() -> None:
    assert audited(1.0, quieter) > 1.0


def test_the_attacker_is_as_strong_as_the_noise_allows() -> None:
    """At the whole loss, two normal curves of sigma 1 stand sqrt(2 rho) apart."""
    epsilon = 8.0
    inside, outside = (runs(rows, epsilon, repeatable, range(100)) for rows in ([*OTHERS, SHE], OTHERS))
    spread = np.concatenate([inside - inside.mean(), outside - outside.mean()]).std()
    apart = (inside.mean() - outside.mean()) / spread
    most = math.sqrt(2 * epsilon_to_rho(epsilon, DELTA))
    assert 0.7 * most < apart < 1.1 * most


def test_the_bound_is_that_of_a_perfect_guess_and_of_none() -> None:
    far = np.random.default_rng(1).permutation(500).astype(float)
    assert bound(far + 1_000, far) == pytest.approx(math.log(0.9853 / 0.0147), rel=0.01)
    assert bound(far, far) <= 0.0
