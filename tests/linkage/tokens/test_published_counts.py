"""Noise of the published counts of an overlap."""

from __future__ import annotations

import numpy as np
import pytest

from kerege.base.geometric_noise import none_negative
from kerege.linkage.tokens import (
    published_counts,
)


@pytest.mark.parametrize("epsilon", [0.5, 1.0, 2.0])
def test_no_number_proves_a_person_and_none_is_more_likely_than_epsilon_allows(epsilon: float) -> None:
    draws = np.array(
        [published_counts.draw_noise(str(number).encode(), "history", epsilon) for number in range(40_000)]
    )
    rate = np.exp(-epsilon / published_counts.COUNT_SENSITIVITY)
    for value in range(-3, 4):  # one count changes by one: the probability of any number by a factor of e^(epsilon / 2)
        assert (draws == value).mean() == pytest.approx((1 - rate) / (1 + rate) * rate ** abs(value), abs=0.008)
    assert (abs(draws) <= published_counts.noise_bound(epsilon)).mean() >= 0.945
    assert abs(draws.mean()) < 0.15


def test_a_question_has_one_unpredictable_draw() -> None:
    draws = [published_counts.noisy_counts(["a", "b"], np.full(3, 1_000), 0.1, secret) for secret in (b"s", b"s", b"t")]
    assert (draws[0] == draws[1]).all()
    assert (draws[0] != draws[2]).any()
    assert len(set(draws[0].tolist())) > 1


def test_the_noise_of_a_history_does_not_depend_on_the_order_of_lists() -> None:
    one, two = (
        published_counts.noisy_counts(names, np.full(3, 1_000), 0.1, b"s") for names in (["a", "b"], ["b", "a"])
    )
    assert one.tolist() == [two[1], two[0], two[2]]


def test_noisy_counts_become_non_negative_and_keep_their_sum() -> None:
    chance = np.random.default_rng(1)
    for _ in range(200):
        counts = chance.integers(-8, 12, 20)
        non_negative = none_negative(counts)
        assert (non_negative >= 0).all()
        assert non_negative.sum() == max(0, counts.sum())
    assert none_negative(np.array([5, 0, 9])).tolist() == [5, 0, 9]
    # the nearest non-negative counts, row by row (Duchi et al. 2008)
    assert none_negative(np.array([[7, 4, -2], [-9, 3, 4]])).tolist() == [[6, 3, 0], [0, 0, 0]]


def test_the_noise_of_many_empty_histories_does_not_add_up() -> None:
    counts = np.zeros(63, np.int64)
    counts[[0, 1, 3, 7, 15, 31]] = 400
    sums = [
        published_counts.noisy_counts(list("abcdef"), counts, 1.0, str(number).encode()).sum() for number in range(200)
    ]
    assert np.mean(sums) == pytest.approx(2_400, abs=20)
