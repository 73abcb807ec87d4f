"""Singling out: a description fits one record; the control is scaled to the number of people."""

from __future__ import annotations

import math
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kerege.evidence.synthesis.evaluation.attacks import singling_out as module
from kerege.evidence.synthesis.evaluation.attacks.attack_rate import Rate
from kerege.evidence.synthesis.evaluation.attacks.encoded_rows import Coded
from kerege.evidence.synthesis.evaluation.attacks.singling_out import (
    EXTRAPOLATION_ERROR,
    descriptions,
    expected,
    fits,
    measure_singling_out,
)


def rng(seed: int = 1) -> np.random.Generator:
    return np.random.default_rng(seed)


def people(count: int, seed: int, values: int = 7) -> Coded:
    return rng(seed).integers(0, values, (6, count)).astype(np.uint8)


def test_fitting_rows_are_counted_up_to_the_limit() -> None:
    rows = np.array([[1, 1, 1, 2], [5, 5, 6, 5]], dtype=np.uint8)
    columns, values = np.array([[0, 1], [1, 0], [0, 1]]), np.array([[1, 5], [6, 1], [2, 6]], dtype=np.uint8)
    assert fits(rows, columns, values, 9).tolist() == [2, 1, 0]
    assert fits(rows, columns, values, 1).tolist() == [1, 1, 0]


def test_not_reported_is_a_value_of_a_description() -> None:
    rows = np.array([[0, 1, 1], [2, 2, 2]], dtype=np.uint8)
    columns, values = module.unique_values(rows)
    assert (columns.tolist(), values.tolist()) == ([[0]], [[0]])


def test_descriptions_are_at_most_as_many_as_wanted_and_one_a_record() -> None:
    rows = people(200, 1)
    columns, values = descriptions(rows, 4, 30, rng())
    assert columns.shape == values.shape == (30, 4)
    assert (np.diff(columns, axis=1) > 0).all()


def test_rare_values_are_described_more_often_than_common_ones() -> None:
    """One column has two values in equal parts, the other a value for each record."""
    rows = np.stack([np.arange(200) % 2 + 1, np.arange(1, 201)]).astype(np.uint8)
    columns, _ = descriptions(rows, 1, 200, rng())
    assert (columns == 1).all()  # the first column never fits one record alone


def test_without_records_there_are_no_descriptions() -> None:
    columns, values = descriptions(np.empty((3, 0), np.uint8), 2, 10, rng())
    assert columns.shape == values.shape == (0, 2)


# -- the control -------------------------------------------------------------------------------------------------------


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(0, 6), min_size=1, max_size=6), st.integers(1, 6), st.integers(1, 6))
def test_a_smaller_group_is_the_mean_over_its_subsets_where_people_are_drawn(
    counts: list[int], kept: int, of: int
) -> None:
    """Each of n people is in the subset with probability r: P(exactly one) = n r (1 - r)^(n - 1)."""
    ratio = min(kept, of) / of
    by_hand = [
        sum(ratio ** len(chosen) * (1 - ratio) ** (n - len(chosen)) for chosen in combinations(range(n), 1))
        for n in counts
    ]
    assert expected(np.array(counts), ratio) == pytest.approx(float(np.mean(by_hand)))


def test_an_equal_group_has_the_share_of_descriptions_that_fit_one() -> None:
    assert expected(np.array([0, 1, 1, 2, 5]), 1.0) == pytest.approx(0.4)


@pytest.mark.parametrize("ratio", [1.5, 3.0, 5.0])
@pytest.mark.parametrize("mean", [0.2, 1.0])
def test_equal_frequencies_extrapolate_as_poisson(mean: float, ratio: float) -> None:
    """Without any spread of the frequencies, P(1) of the larger group is m r exp(-m r)."""
    many = 200_000
    zeros, ones = round(many * math.exp(-mean)), round(many * mean * math.exp(-mean))
    counts = np.repeat([0, 1, 2], [zeros, ones, many - zeros - ones])
    assert expected(counts, ratio) == pytest.approx(mean * ratio * math.exp(-mean * ratio), abs=2e-3)


@pytest.mark.parametrize(("mean", "spread"), [(0.5, 0.8), (2.0, 3.0), (1.0, 10.0)])
@pytest.mark.parametrize("ratio", [2.0, 4.0])
def test_gamma_frequencies_extrapolate_as_the_negative_binomial(mean: float, spread: float, ratio: float) -> None:
    """Frequencies with the shape m / s and the scale s: P(1) = m r (1 + s r)^-(m / s + 1)."""
    many = 400_000
    zeros = round(many * (1 + spread) ** (-mean / spread))
    ones = round(many * mean * (1 + spread) ** (-mean / spread - 1))
    counts = np.repeat([0, 1, 2], [zeros, ones, many - zeros - ones])
    assert expected(counts, ratio) == pytest.approx(
        mean * ratio * (1 + spread * ratio) ** (-mean / spread - 1), rel=0.01
    )


@pytest.mark.parametrize(
    ("counts", "share"),
    [([0, 0, 2], 0.0), ([1, 1, 2], 2 / 3)],  # none fits one person; each fits a person
)
def test_without_both_zeros_and_ones_the_observed_share_stays(counts: list[int], share: float) -> None:
    assert expected(np.array(counts), 3.0) == pytest.approx(share)


def test_the_interval_of_an_extrapolated_rate_includes_the_error_of_the_model() -> None:
    widened = module._widen_interval(Rate(100, 0.3, 0.26, 0.35))
    assert 0.3 - widened.low == pytest.approx(math.hypot(0.04, EXTRAPOLATION_ERROR))
    assert widened.high - 0.3 == pytest.approx(math.hypot(0.05, EXTRAPOLATION_ERROR))
    assert module._widen_interval(Rate(100, 0.0, 0.0, 0.001)).low == 0.0
    assert module._widen_interval(Rate(100, 1.0, 0.999, 1.0)).high == 1.0


# -- the risk ----------------------------------------------------------------------------------------------------------


def test_the_attack_succeeds_where_exactly_one_person_fits() -> None:
    """Records 1 to 4 describe one person, two people, nobody and one person."""
    synthetic = np.array([[1, 2, 3, 4]], dtype=np.uint8)
    original = np.array([[1, 2, 2, 4, 5]], dtype=np.uint8)
    control = np.array([[9, 9, 9, 1, 9]], dtype=np.uint8)
    measured = measure_singling_out(original, synthetic, control, rng(), columns=1)
    assert measured is not None
    assert (measured.attack.share, measured.attack.attempts) == (0.5, 4)
    assert (measured.control.share, measured.control.attempts) == (0.25, 4)


def test_fewer_controls_count_as_fewer_attempts() -> None:
    records, original = people(300, 1), people(300, 2)
    equal = measure_singling_out(original, records, people(300, 3), rng(), number=200)
    fewer = measure_singling_out(original, records, people(100, 3), rng(), number=200)
    more = measure_singling_out(original, records, people(900, 3), rng(), number=200)
    assert equal is not None
    assert fewer is not None
    assert more is not None
    attempts = equal.attack.attempts
    assert (equal.control.attempts, more.control.attempts) == (attempts, attempts)
    assert fewer.control.attempts == pytest.approx(attempts / 3)
    assert fewer.control.high - fewer.control.low > equal.control.high - equal.control.low


def test_copies_single_out_and_other_people_do_not() -> None:
    original = people(300, 1)
    copied = measure_singling_out(original, original, people(300, 2), rng())
    independent = measure_singling_out(people(300, 3), original, people(300, 2), rng())
    assert copied is not None
    assert independent is not None
    assert copied.attack.share == 1.0
    assert copied.low > 0.5
    assert independent.low < 0.05
