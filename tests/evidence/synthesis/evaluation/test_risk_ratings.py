"""Ratings follow the intervals of the attacks, and their sentences hold the measured numbers."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kerege.evidence.synthesis.evaluation.attacks import Inference, MembershipInference, Privacy, Rate, Risk
from kerege.evidence.synthesis.evaluation.attacks.membership_inference import Bound
from kerege.evidence.synthesis.evaluation.risk_ratings import (
    CLAIM,
    HIGH,
    INFERENCE,
    MEMBERSHIP,
    NONE,
    OPEN,
    SINGLING,
    SOME,
    UNTRIED,
    Verdict,
    rate_interval,
    rate_risks,
)


def risk(value: float, low: float, high: float, attack: float = 0.34, control: float = 0.12) -> Risk:
    return Risk(Rate(1_234, attack, 0.3, 0.4), Rate(500, control, 0.1, 0.2), value, low, high)


SAFE, RISKY = risk(0.01, -0.02, 0.04), risk(0.25, 0.2, 0.3)
EPSILON = Bound(1.5, 0.75, 2.25, 81, 100)


def member(few: Risk = SAFE, many: Risk = SAFE, *, low: float = 0.45, audit: Bound = EPSILON) -> MembershipInference:
    return MembershipInference(100, 0.222, "", 0.512, low, 0.587, {0.01: few, 0.1: many}, audit)


def rated(
    singling: dict[int, Risk | None] | None = None,
    inference: Inference | None = None,
    membership: MembershipInference | None = None,
    epsilon: float | None = None,
) -> list[Verdict]:
    return rate_risks(Privacy(100, 20, False, singling or {}, inference, membership), epsilon)


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (0.0, 0.0999, NONE),
        (0.0, 0.1, OPEN),
        (-0.5, 0.1, OPEN),
        (1e-9, 0.05, SOME),
        (0.0999, 0.9, SOME),
        (0.1, 0.1, HIGH),
    ],
)
def test_a_risk_is_certain_above_zero_and_high_from_one_in_ten(low: float, high: float, expected: str) -> None:
    assert rate_interval(low, high) == expected


def test_each_attack_has_its_rating_in_order() -> None:
    ratings = rated({1: SAFE, 4: RISKY, 9: SAFE}, Inference(SAFE, {}, 0.4), member())
    assert [rating.kind for rating in ratings] == [SINGLING] * 3 + [INFERENCE, MEMBERSHIP, CLAIM]
    assert [rating.level for rating in ratings[:4]] == [NONE, HIGH, NONE, NONE]


def test_the_largest_number_of_columns_is_the_whole_record() -> None:
    names = [rating.risk for rating in rated({1: SAFE, 4: SAFE, 9: SAFE})[:3]]
    assert names == [
        "Singling out by one value",
        "Singling out by 4 values of a record",
        "Singling out by a whole record",
    ]
    assert rated({1: SAFE})[0].risk == "Singling out by a whole record"  # a file of one column


def test_a_rating_has_the_numbers_of_its_risk() -> None:
    (rating, *_) = rated({4: RISKY, 9: SAFE})
    assert (rating.value, rating.low, rating.high) == (0.25, 0.2, 0.3)
    assert "34.0% of attempts (1,234)" in rating.sentence
    assert "in 12.0%." in rating.sentence
    assert rating.sentence.endswith("Risk: 25.0% (95% interval 20.0% to 30.0%).")


def test_a_sentence_has_no_negative_share() -> None:
    rating = rated({9: risk(-0.02, -0.06, 0.02)})[0]
    assert rating.sentence.endswith("Risk: 0.0% (95% interval 0.0% to 2.0%).")
    assert rating.value == -0.02  # the numbers themselves stay as measured


def test_inference_is_compared_with_others_and_with_the_commonest_value() -> None:
    rating = rated(inference=Inference(RISKY, {}, 0.4567))[0]
    for share in ("34.0% of cases for people in the data", "in 12.0% for people who are not", "right in 45.7%"):
        assert share in rating.sentence
    assert rating.level == HIGH


def test_membership_is_rated_by_the_higher_rate_of_false_alarms() -> None:
    rating = rated(membership=member(few=SAFE, many=RISKY))[-2]
    assert (rating.level, rating.value) == (HIGH, 0.25)
    for part in ("22.2% of all", "51.2% of pairs (45.0% to 58.7%", "With 1% false alarms", "with 10% false alarms"):
        assert part in rating.sentence


@pytest.mark.parametrize(
    ("few", "many", "low", "expected"),
    [
        (SAFE, SAFE, 0.5, NONE),
        (SAFE, SAFE, 0.501, SOME),  # ranks members better than chance
        (RISKY, SAFE, 0.4, SOME),  # finds some with few false alarms
        (risk(0.1, 0.0, 0.2), SAFE, 0.4, NONE),
        (SAFE, risk(0.1, -0.1, 0.3), 0.4, OPEN),
        (SAFE, risk(0.1, -0.1, 0.3), 0.6, SOME),
        (RISKY, RISKY, 0.9, HIGH),
    ],
)
def test_any_sign_of_membership_is_at_least_some_risk(few: Risk, many: Risk, low: float, expected: str) -> None:
    assert rated(membership=member(few, many, low=low))[-2].level == expected


@pytest.mark.parametrize(
    ("epsilon", "low", "expected", "conclusion"),
    [
        (0.75, 0.75, NONE, "No attack contradicts the claim of 0.75."),
        (0.7499, 0.75, HIGH, "That contradicts the claim of 0.7499: do not publish."),
        (4.0, 0.0, NONE, "No attack contradicts the claim of 4."),
        (None, 0.0, UNTRIED, "There is no certificate to compare it with."),
        (None, 0.01, SOME, "There is no certificate to compare it with."),
    ],
)
def test_a_claim_is_broken_only_above_its_epsilon(
    epsilon: float | None, low: float, expected: str, conclusion: str
) -> None:
    rating = rated(membership=member(audit=replace(EPSILON, low=low)), epsilon=epsilon)[-1]
    assert (rating.kind, rating.level) == (CLAIM, expected)
    assert rating.sentence.endswith(conclusion)
    assert (rating.value, rating.low, rating.high) == (1.5, low, None)


def test_the_bets_behind_a_claim_are_stated() -> None:
    sentence = rated(membership=member())[-1].sentence
    assert "at least 0.75 (best estimate 1.50, 81 of 100 bets right)" in sentence


def test_a_claim_on_which_nobody_bet_is_not_tried() -> None:
    rating = rated(membership=member(audit=replace(EPSILON, low=0.0, bets=0, right=0)), epsilon=4.0)[-1]
    assert (rating.level, rating.is_clear) == (UNTRIED, False)


def test_without_an_attack_there_is_no_number_and_no_conclusion() -> None:
    ratings = rated({1: None, 9: None})
    assert [rating.level for rating in ratings] == [UNTRIED] * 4
    assert not any(rating.is_clear for rating in ratings)
    assert {(rating.value, rating.low, rating.high) for rating in ratings} == {(None, None, None)}
    assert ratings[0].as_dict()["kind"] == SINGLING
