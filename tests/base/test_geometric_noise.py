"""Noise and its correction, compared with all possible corrections and with sums over the definition."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kerege.base.geometric_noise import deviation, drawn, none_negative, of_histories


def all_counts(total: int, cells: int) -> Iterator[tuple[int, ...]]:
    """Yield every tuple of non-negative whole numbers with a sum."""
    if cells == 1:
        yield (total,)
        return
    for first in range(total + 1):
        for rest in all_counts(total - first, cells - 1):
            yield (first, *rest)


@settings(max_examples=120, deadline=None)
@given(st.lists(st.integers(-4, 5), min_size=1, max_size=4))
def test_no_other_counts_with_the_same_sum_are_nearer(noisy: list[int]) -> None:
    def distance(counts: tuple[int, ...]) -> int:
        return sum((count - given) ** 2 for count, given in zip(counts, noisy, strict=True))

    corrected = tuple(none_negative(np.array(noisy)).tolist())
    total = max(sum(noisy), 0)
    assert min(corrected) >= 0
    assert sum(corrected) == total
    if total:
        assert distance(corrected) == min(map(distance, all_counts(total, len(noisy))))


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(-5, 9), min_size=15, max_size=15))
def test_histories_on_one_list_on_two_and_on_more_keep_their_sums(noisy: list[int]) -> None:
    corrected = of_histories(np.array([noisy, noisy]))
    assert corrected.shape == (2, 15)
    assert (corrected >= 0).all()
    assert (corrected[0] == corrected[1]).all()
    for sizes in ({1}, {2}, {3, 4}):
        inside = [w - 1 for w in range(1, 16) if bin(w).count("1") in sizes]
        assert corrected[0][inside].sum() == max(sum(noisy[k] for k in inside), 0)
        assert (corrected[0][inside] == none_negative(np.array(noisy)[inside])).all()


@pytest.mark.parametrize("rate", [0.0, 0.1, 0.5, 0.9, 0.99])
def test_the_deviation_is_that_of_probabilities_that_fall_by_the_rate(rate: float) -> None:
    weights = {z: rate ** abs(z) for z in range(-4_000, 4_001)}
    variance = sum(z * z * weight for z, weight in weights.items()) / sum(weights.values())
    assert deviation(rate) == pytest.approx(math.sqrt(variance), rel=1e-9)


@pytest.mark.parametrize("wanted_deviation", [0.3, 1.0, 6.0, 200.0])
def test_drawn_noise_has_the_stated_deviation_and_no_bias(wanted_deviation: float) -> None:
    noise = drawn(wanted_deviation, (400, 100), np.random.default_rng(5)).ravel()
    assert noise.dtype == np.int64
    error = wanted_deviation / math.sqrt(noise.size)
    assert abs(noise.mean()) < 5 * error
    kurtosis = np.mean((noise / noise.std()) ** 4)
    assert noise.std() == pytest.approx(wanted_deviation, abs=5 * error * math.sqrt(kurtosis) / 2)
