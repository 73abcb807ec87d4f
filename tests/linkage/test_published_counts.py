"""Noise on published counts has the stated distribution, computed here from its definition."""

from __future__ import annotations

import math
from collections import Counter

import numpy as np
import pytest

from kerege.linkage.tokens.published_counts import deviation, drawn, noise_bound, noisy_counts, rate_epsilon

SECRET = bytes(range(32))
EPSILONS = [0.05, 0.5, 1.0, 2.0, 5.0]
SENSITIVITY = 2  # one more person on a list changes two counts by one


def probabilities(epsilon: float) -> dict[int, float]:
    """Return P(Z = z) of two-sided geometric noise: (1 - r) r^|z| / (1 + r), r = exp(-epsilon / 2)."""
    rate = math.exp(-epsilon / SENSITIVITY)
    most = math.ceil(60 / epsilon)
    return {z: (1 - rate) / (1 + rate) * rate ** abs(z) for z in range(-most, most + 1)}


@pytest.mark.parametrize("epsilon", [0.5, 1.0, 3.0])
def test_the_noise_is_two_sided_geometric(epsilon: float) -> None:
    number = 6_000
    counts = Counter(drawn(SECRET, f"question {k}", epsilon) for k in range(number))
    expected = {z: number * p for z, p in probabilities(epsilon).items() if number * p >= 20}
    chi_square = sum((counts[z] - mean) ** 2 / mean for z, mean in expected.items())
    freedom = len(expected)
    assert chi_square < freedom + 4 * math.sqrt(2 * freedom)
    beyond = sum(count for z, count in counts.items() if z not in expected)
    assert beyond < number - sum(expected.values()) + 5 * math.sqrt(20)


def test_the_same_question_has_the_same_noise_and_another_one_does_not() -> None:
    noise = [drawn(SECRET, f"q{k}", 0.05) for k in range(40)]
    assert noise == [drawn(SECRET, f"q{k}", 0.05) for k in range(40)]
    assert noise != [drawn(SECRET[::-1], f"q{k}", 0.05) for k in range(40)]
    assert len(set(noise)) > 20


@pytest.mark.parametrize("epsilon", EPSILONS)
def test_the_bound_is_the_smallest_number_that_95_percent_of_the_noise_stays_within(epsilon: float) -> None:
    def beyond(bound: int) -> float:
        return 1 - sum(p for z, p in probabilities(epsilon).items() if abs(z) <= bound)

    bound = noise_bound(epsilon)
    assert beyond(bound) <= 0.05
    assert bound == 0 or beyond(bound - 1) > 0.05


@pytest.mark.parametrize("epsilon", EPSILONS)
@pytest.mark.parametrize("left_out", [0, 1, 3])
def test_the_deviation_of_a_sum_over_lists_left_out_is_that_of_independent_noise(epsilon: float, left_out: int) -> None:
    """A count without m of the lists is a sum of 2^m noisy counts."""
    variance = sum(p * z * z for z, p in probabilities(epsilon).items()) * 2**left_out
    assert deviation(epsilon, left_out) == pytest.approx(math.sqrt(variance), rel=1e-6)
    if left_out:
        assert noise_bound(epsilon, left_out) == math.ceil(1.96 * math.sqrt(variance))


@pytest.mark.parametrize("lists", [2, 3, 6])
@pytest.mark.parametrize("epsilon", EPSILONS)
def test_the_rates_of_a_list_together_cost_one_epsilon(epsilon: float, lists: int) -> None:
    """A list has lists - 1 pairs, and a person changes the two rates of a pair by at most 3 together."""
    rate = math.exp(-rate_epsilon(epsilon, lists) / SENSITIVITY)
    loss_of_a_pair = -3 * math.log(rate)
    assert (lists - 1) * loss_of_a_pair == pytest.approx(epsilon)


def test_the_noise_of_a_history_belongs_to_the_names_of_its_lists() -> None:
    """Large counts are never corrected to zero, so that the noise can be read from them."""
    counts = np.full(7, 10**6, np.int64)
    noise = noisy_counts(["a", "b", "c"], counts, 0.1, SECRET) - counts
    expected = [drawn(SECRET, f"history {lists}", 0.1) for lists in ("a", "b", "a,b", "c", "a,c", "b,c", "a,b,c")]
    assert noise.tolist() == expected
    turned = noisy_counts(["c", "b", "a"], counts, 0.1, SECRET) - counts
    assert turned.tolist() == [noise[k] for k in (3, 1, 5, 0, 4, 2, 6)]


def test_no_published_count_is_negative() -> None:
    published = [noisy_counts(["a", "b", "c"], np.zeros(7, np.int64), 0.05, bytes([k])) for k in range(50)]
    assert min(counts.min() for counts in published) == 0
    assert max(counts.max() for counts in published) > 0
