"""Privacy audit: an intruder guesses whether a target is in the counts.

The intruder knows everything but the target.

The target reports every column and is the only person with some of the combinations. The intruder knows all other
records, the schema, K and every sigma. The statistic is the likelihood ratio of the noisy counts, the most powerful
test for this noise. The first half of the runs chooses the threshold; the second half gives the share of right guesses.
A lower bound of epsilon with 95% confidence follows from it (Clopper and Pearson 1934).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import cache

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import beta

from kerege.evidence.counting import Marginals
from kerege.evidence.dp.gaussian_noise import Noise, gaussian_scale, repeatable
from kerege.evidence.dp.zcdp import epsilon_to_rho
from kerege.evidence.synthesis.measurement import measure
from kerege.evidence.synthesis.measurement.noisy_counts import Noisy
from kerege.evidence.synthesis.measurement.public_schema import Column, Schema
from tests.evidence.synthesis.measurement.invented_counts import Row, frame
from tests.evidence.synthesis.measurement.test_measure import PASS_ALL, counted

DELTA = 1e-9
RUNS = 120  # runs with the target, and as many without
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
TARGET: Row = [frozenset({"1"}), frozenset({"1"}), frozenset({"1"}), frozenset({"r", "s", "t"})]
NAMES = [(number, value) for number, column in enumerate(COLUMNS) for value in column.values]


def evidence(noisy: Noisy) -> float:
    """Return the log likelihood ratio for the presence of the target, up to a constant of the noise."""
    size = sum(map(len, TARGET))
    same_size = sum(sum(map(len, row)) == size for row in OTHERS)
    statistic = (noisy.lengths[size] - same_size - 0.5) / noisy.lengths_sigma**2
    for length, level in enumerate(noisy.levels, 1):
        without, moved = known(noisy.clip, length, level.items.tobytes())
        statistic += float((moved * (level.values - without - moved / 2)).sum()) / level.sigma**2
    return float(statistic)


@cache
def known(clip: int, length: int, items: bytes) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the counts of the other records, and those of the target, in these combinations."""
    other_counts, target_counts = counted(OTHERS, COLUMNS, clip, length), counted([TARGET], COLUMNS, clip, length)
    item_indices = np.frombuffer(items, np.int32).reshape(-1, length)
    cells = [tuple(NAMES[place] for place in item) for item in item_indices]
    return np.array([other_counts[cell] for cell in cells]), np.array([target_counts[cell] for cell in cells])


def bound(inside: NDArray[np.float64], outside: NDArray[np.float64], delta: float = DELTA) -> float:
    """Return a lower bound (95%) of epsilon from guesses on runs with and without the target."""
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
    spending = measure.plan(epsilon_to_rho(epsilon, DELTA), 3, PASS_ALL)
    table = frame(rows, COLUMNS)
    return np.array([evidence(measure.measure(table, COLUMNS, spending, noise(seed))[0]) for seed in seeds])


def audited(epsilon: float, noise: Callable[[int], Noise], count: int = RUNS) -> float:
    return bound(
        runs([*OTHERS, TARGET], epsilon, noise, range(count)), runs(OTHERS, epsilon, noise, range(count, 2 * count))
    )


def quieter(seed: int) -> Noise:
    """Return noise with a tenth of the requested sigma."""
    sound = repeatable(seed)
    return lambda counts, sigma: sound(counts, sigma / 10)


@pytest.fixture(autouse=True)
def _fixed_scales(monkeypatch: pytest.MonkeyPatch) -> None:
    cache_constants(monkeypatch)


def cache_constants(monkeypatch: pytest.MonkeyPatch) -> None:
    """Cache the sigmas and the true counts: only the noise differs between runs."""
    monkeypatch.setattr(measure, "gaussian_scale", cache(gaussian_scale))
    counts: dict[tuple[object, ...], tuple[object, Marginals]] = {}
    count_rows = measure._count

    def count_once(
        source: measure.Source, schema: Schema, order: int, table: Sequence[Sequence[int]] | None = None
    ) -> Marginals:
        key = (id(source), schema, order, table and tuple(map(tuple, table)))
        if key not in counts:
            counts[key] = (source, count_rows(source, schema, order, table))  # a kept source keeps its id
        return counts[key][1]

    monkeypatch.setattr(measure, "_count", count_once)


def test_the_intruder_learns_no_more_than_the_guarantee() -> None:
    epsilon = audited(1.0, repeatable)
    assert epsilon <= 1.0


def test_the_audit_finds_noise_that_is_too_small() -> None:
    assert audited(1.0, quieter) > 1.0


def test_the_intruder_is_as_strong_as_the_noise_allows() -> None:
    """With the whole loss, the means of the two normal distributions differ by sqrt(2 rho) sigmas."""
    epsilon = 8.0
    inside, outside = (runs(rows, epsilon, repeatable, range(100)) for rows in ([*OTHERS, TARGET], OTHERS))
    spread = np.concatenate([inside - inside.mean(), outside - outside.mean()]).std()
    distance = (inside.mean() - outside.mean()) / spread
    most = math.sqrt(2 * epsilon_to_rho(epsilon, DELTA))
    assert 0.7 * most < distance < 1.1 * most


def test_the_bound_is_that_of_a_perfect_guess_and_of_none() -> None:
    far = np.random.default_rng(1).permutation(500).astype(float)
    assert bound(far + 1_000, far) == pytest.approx(math.log(0.9853 / 0.0147), rel=0.01)
    assert bound(far, far) <= 0.0
