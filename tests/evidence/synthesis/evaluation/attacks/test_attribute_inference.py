"""Attribute inference: the risk counts reported values only, and people rather than guesses."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kerege.evidence.synthesis.evaluation.attacks.attribute_inference import clustered, guesses, inference
from kerege.evidence.synthesis.evaluation.attacks.encoded_rows import Coded


def rng(seed: int = 1) -> np.random.Generator:
    return np.random.default_rng(seed)


def table(*columns: list[int]) -> Coded:
    return np.array(columns, dtype=np.uint8)


# -- guesses -----------------------------------------------------------------------------------------------------------


def test_the_nearest_record_decides() -> None:
    records = table([1, 1, 2], [1, 2, 2], [5, 6, 7])
    targets = table([1, 2], [2, 2], [0, 0])
    assert guesses(records, targets)[2].tolist() == [6, 7]


def test_a_reported_column_weighs_more_than_all_others_together() -> None:
    """The target reports the first column only; the second record equals it in the two others."""
    records = table([1, 2], [9, 0], [9, 0], [3, 4])
    targets = table([1], [0], [0], [0])
    assert guesses(records, targets)[3].tolist() == [3]


def test_a_tie_takes_the_most_common_value_and_then_the_lowest_code() -> None:
    records = table([1, 1, 1, 1], [7, 7, 3, 3], [4, 5, 5, 6])
    targets = table([1], [0], [0])
    guessed = guesses(records, targets)[:, 0]
    assert (guessed[1], guessed[2]) == (3, 5)


def test_the_value_to_guess_is_not_used_to_find_the_record() -> None:
    """By all columns the first record is nearest; without the guessed one the second is."""
    records = table([1, 2], [1, 2], [8, 9])
    targets = table([2], [2], [8])
    assert guesses(records, targets)[2].tolist() == [9]


def test_without_records_nothing_is_guessed() -> None:
    assert guesses(np.empty((2, 0), np.uint8), table([1, 2], [3, 4])).tolist() == [[0, 0], [0, 0]]


# -- the effective number of guesses -----------------------------------------------------------------------------------


def test_independent_people_with_one_guess_count_one_by_one() -> None:
    right = np.array([[True] * 30 + [False] * 70])
    measured = clustered(right, np.ones_like(right))
    assert measured.share == 0.3
    assert measured.attempts == pytest.approx(99)  # n - 1: the spread is estimated from the same people


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), min_size=2, max_size=30))
def test_the_share_is_of_the_reported_values(people: list[tuple[int, int]]) -> None:
    reported = np.array([[number < count for _, count in people] for number in range(6)])
    right = np.array([[number < min(hits, count) for hits, count in people] for number in range(6)])
    measured = clustered(right, reported)
    total = sum(count for _, count in people)
    assert measured.share == pytest.approx(sum(min(pair) for pair in people) / total if total else 0)
    assert measured.attempts <= total


def test_the_effective_number_has_the_variance_of_the_ratio_of_people() -> None:
    """share (1 - share) / n_eff is the variance of the ratio estimator, here over 400 simulated samples."""
    chance, shares, variances = rng(5), [], []
    for _ in range(400):
        knows = chance.random(200) < 0.5
        right = np.repeat(knows[None, :], 4, axis=0) ^ (chance.random((4, 200)) < 0.1)
        measured = clustered(right, np.ones_like(right))
        shares.append(measured.share)
        variances.append(measured.share * (1 - measured.share) / measured.attempts)
    assert np.mean(variances) == pytest.approx(np.var(shares), rel=0.2)


def test_if_all_guesses_are_alike_each_person_counts_once() -> None:
    right = np.ones((3, 8), dtype=bool)
    reported = right.copy()
    reported[:, 0] = False
    measured = clustered(right & reported, reported)
    assert (measured.share, measured.attempts) == (1.0, 7)


def test_without_a_reported_value_the_share_is_zero() -> None:
    nothing = np.zeros((2, 5), dtype=bool)
    measured = clustered(nothing, nothing)
    assert (measured.share, measured.attempts, measured.low, measured.high) == (0.0, 0, 0.0, 1.0)


# -- the risk ----------------------------------------------------------------------------------------------------------


def test_copied_records_reveal_values_that_others_keep() -> None:
    chance = rng()
    secret = chance.integers(1, 9, 200)
    known = np.arange(200)
    rows = np.stack([known % 16 + 1, known // 16 + 1, secret]).astype(np.uint8)
    others = rows.copy()
    others[2] = (secret + chance.integers(1, 8, 200)) % 8 + 1
    measured = inference(["x", "y", "secret"], rows, rows, others, rng())
    assert measured is not None
    assert measured.columns["secret"].attack.share == 1.0
    assert measured.columns["secret"].control.share < 0.3
    assert measured.overall.low > 0


def test_the_naive_rate_is_that_of_the_most_common_synthetic_values() -> None:
    synthetic = table([1, 1, 2], [3, 4, 4])
    control = table([1, 2, 0, 1], [4, 4, 4, 3])
    measured = inference(["a", "b"], control, synthetic, control, rng())
    assert measured is not None
    hits = Counter({"a": 2, "b": 3})
    assert measured.naive == pytest.approx(hits.total() / 7)  # 7 reported values


def test_a_column_that_one_group_never_reports_has_no_risk() -> None:
    rows, control = table([1, 2], [1, 1]), table([1, 2], [0, 0])
    measured = inference(["a", "b"], rows, rows, control, rng())
    assert measured is not None
    assert set(measured.columns) == {"a"}
    assert measured.columns["a"].attack.attempts == 2


def test_people_who_report_nothing_give_no_result() -> None:
    silent = np.zeros((2, 6), np.uint8)
    assert inference(["a", "b"], silent, silent, silent, rng()) is None


def test_at_most_the_wanted_number_of_targets_is_attacked() -> None:
    rows = np.tile(np.arange(1, 101, dtype=np.uint8), (2, 1))
    measured = inference(["a", "b"], rows, rows, rows, rng(), targets=30)
    assert measured is not None
    assert measured.columns["a"].attack.attempts == measured.columns["a"].control.attempts == 30


def test_the_result_is_written_by_column() -> None:
    rows = np.tile(np.arange(1, 11, dtype=np.uint8), (2, 1))
    measured = inference(["a", "b"], rows, rows, rows, rng())
    assert measured is not None
    tree = measured.as_dict()
    assert set(tree) == {"overall", "columns", "naive"}
    assert set(tree["columns"]) == {"a", "b"}
    assert tree["overall"]["attack"]["share"] == measured.overall.attack.share
