"""Membership inference: scores, thresholds and bets come from one half, the results from the other."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kerege.evidence.synthesis.evaluation.attacks import membership_inference as module
from kerege.evidence.synthesis.evaluation.attacks.membership_inference import (
    FEWEST,
    FLOOR,
    NEARNESS,
    SCORES,
    area,
    bets,
    bound,
    membership,
    scores,
    unique_records,
)


def rng(seed: int = 1) -> np.random.Generator:
    return np.random.default_rng(seed)


def people(count: int, seed: int) -> np.ndarray:
    return rng(seed).integers(1, 9, (6, count)).astype(np.uint8)


# -- scores ------------------------------------------------------------------------------------------------------------


def slow_scores(person: np.ndarray, left_out: np.ndarray, synthetic: np.ndarray, control: np.ndarray) -> list[float]:
    """Return the distance and the densities of one person by plain loops."""
    far = [int((record != person).sum()) for record in synthetic.T]
    others = [int((record != person).sum()) for record in control.T]
    others.remove(int((left_out != person).sum()))
    result = [-float(min(far))]
    for near in NEARNESS:
        records = sum(near**distance for distance in far) / len(far)
        controls = sum(near**distance for distance in others) / len(others)
        result.append(math.log(records + FLOOR / len(far)) - math.log(controls + FLOOR / len(far)))
    return result


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 1_000))
def test_scores_are_those_of_a_plain_loop(seed: int) -> None:
    chance = rng(seed)
    original, synthetic, control = (chance.integers(0, 3, (4, size)).astype(np.uint8) for size in (5, 7, 6))
    others = np.array([4, 1])
    strangers = control[:, rng(seed).integers(6, size=3)]
    members, non_members = scores(original[:, :3], others, synthetic, control, rng(seed))
    for number in range(3):
        expected = slow_scores(original[:, number], strangers[:, number], synthetic, control)
        assert members[:, number].tolist() == pytest.approx(expected)
    for number, place in enumerate(others):
        expected = slow_scores(control[:, place], control[:, place], synthetic, control)
        assert non_members[:, number].tolist() == pytest.approx(expected)


def test_people_who_share_a_record_are_no_targets() -> None:
    original = np.array([[1, 1, 2, 3], [1, 1, 2, 2]])
    control = np.array([[3, 5, 5, 2], [2, 5, 5, 9]])
    members, others = unique_records(original, control)
    assert members.tolist() == [2, 3]
    assert others.tolist() == [1, 2, 3]  # controls may share a record with each other


# -- the area under the curve ------------------------------------------------------------------------------------------


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.integers(0, 5).map(float), min_size=2, max_size=15),
    st.lists(st.integers(0, 5).map(float), min_size=2, max_size=15),
)
def test_the_area_is_the_share_of_pairs_in_which_the_member_scores_higher(
    members: list[float], others: list[float]
) -> None:
    pairs = [(member > other) + (member == other) / 2 for member in members for other in others]
    value, low, high = area(np.array(members), np.array(others))
    assert value == pytest.approx(sum(pairs) / len(pairs))
    assert 0 <= low <= value + 1e-12
    assert value - 1e-12 <= high <= 1
    mirrored = area(-np.array(members), -np.array(others))
    assert mirrored[0] == pytest.approx(1 - value)


def test_the_interval_of_the_area_covers_its_variation_over_samples() -> None:
    """DeLong's half width is 1.96 standard deviations of the area over repeated samples."""
    chance, areas, halves = rng(2), [], []
    for _ in range(300):
        value, low, high = area(chance.normal(0.5, 1, 80), chance.normal(0, 1, 60))
        areas.append(value)
        halves.append((high - low) / 2)
    assert np.mean(halves) == pytest.approx(1.96 * np.std(areas), rel=0.12)


# -- thresholds and bets -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("false_alarms", [0.01, 0.1])
def test_a_threshold_lets_at_most_the_wanted_share_of_non_members_pass(false_alarms: float) -> None:
    others = np.arange(200.0)
    members = others + 1_000
    measured = module._measure_risk((members, others), (members, others), false_alarms)
    assert measured.control.share == pytest.approx(false_alarms)
    assert measured.attack.share == 1.0


def test_the_threshold_comes_from_the_selection_and_the_rates_from_the_evaluation() -> None:
    selection = np.full(100, 5.0), np.arange(100.0)
    evaluation = np.array([50.0, 95.0, 95.0, 95.0]), np.array([10.0, 91.0])
    measured = module._measure_risk(selection, evaluation, 0.1)  # ten of the non-members are above 89
    assert measured.attack.share == 0.75
    assert measured.control.share == 0.5


@pytest.mark.parametrize(
    ("shares", "expected"),
    [((1.0, 0.0), (3, 6)), ((0.0, 1.0), (3, 6)), ((0.5, 0.0), (2, 3)), ((0.0, 0.5), (2, 3)), ((1 / 6, 1 / 6), (2, 2))],
)
def test_bets_are_on_the_highest_and_the_lowest_scores(shares: tuple[float, float], expected: tuple[int, int]) -> None:
    members, others = np.array([6.0, 5.0, 2.0]), np.array([4.0, 3.0, 1.0])
    assert bets(members, others, shares, rng()) == expected


def test_ties_are_broken_at_random_and_not_by_the_order_of_the_groups() -> None:
    same = np.zeros(50)
    right = [bets(same, same, (0.1, 0.1), rng(seed))[0] for seed in range(60)]
    assert 9 < np.mean(right) < 11  # of twenty bets on fair coins
    assert len(set(right)) > 3


@settings(deadline=None, max_examples=50)
@given(st.integers(0, 40), st.integers(1, 40))
def test_the_implied_epsilon_is_the_log_odds_of_right_bets(right: int, wrong: int) -> None:
    share = right / (right + wrong)
    expected = max(0.0, math.log(right / wrong)) if right else 0.0
    assert module._log_odds(share) == pytest.approx(expected, abs=1e-9)


def test_if_no_bet_is_wrong_any_epsilon_is_possible() -> None:
    assert module._log_odds(1.0) is None
    perfect = np.arange(100.0, 200.0), np.arange(100.0)
    audit = bound(perfect, perfect, rng())
    assert (audit.high, audit.right) == (None, audit.bets)
    assert math.exp(audit.epsilon) == pytest.approx((audit.right + 0.5) / 0.5)
    assert 0 < audit.low < audit.epsilon


def test_scores_without_information_imply_no_epsilon() -> None:
    lows = []
    for seed in range(30):
        chance = rng(seed)
        selection, evaluation = ((chance.random(150), chance.random(150)) for _ in range(2))
        lows.append(bound(selection, evaluation, chance).low)
    assert sum(low > 0 for low in lows) <= 3


# -- the whole attack --------------------------------------------------------------------------------------------------


def test_too_few_unique_records_give_no_result() -> None:
    few = people(FEWEST - 1, 1)
    assert membership(few, people(90, 2), people(90, 3), rng()) is None
    assert membership(people(90, 3), people(90, 2), few, rng()) is None
    assert membership(people(FEWEST, 1), people(90, 2), people(90, 3), rng()) is not None


def test_the_groups_have_equal_numbers_and_one_half_is_evaluated() -> None:
    original = people(120, 1)
    measured = membership(original, original, people(300, 2), rng(), targets=70)
    assert measured is not None
    assert measured.targets == 35
    assert measured.score in SCORES
    assert set(measured.risks) == {0.01, 0.1}
    assert measured.risks[0.1].attack.attempts == 35


def test_the_share_of_unlike_people_is_that_of_unique_records() -> None:
    original = np.concatenate([people(90, 1), people(10, 5), people(10, 5)], axis=1)
    measured = membership(original, original, people(90, 2), rng())
    assert measured is not None
    assert measured.unlike == pytest.approx(90 / 110)


def test_the_result_is_written_with_its_risks_and_epsilon() -> None:
    original = people(120, 1)
    measured = membership(original, original, people(120, 2), rng())
    assert measured is not None
    tree = measured.as_dict()
    assert [risk["false_alarms"] for risk in tree["found"]] == [0.01, 0.1]
    assert tree["epsilon"]["bets"] == measured.bound.bets
    assert tree["auc"] == measured.auc == 1.0
