"""Floor, top and rates of one stratum."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kerege.evidence.mse import Lists
from kerege.evidence.mse.by_stratum.stratum import Stratum, add_strata, answer_stratum, lists_of_stratum
from kerege.evidence.mse.headline.headline import HeadlineSettings
from kerege.evidence.mse.lists import build_unchecked_lists
from kerege.evidence.mse.panels.methods import Options
from tests.evidence.mse.tables import table

REVIEWED = HeadlineSettings(referrals_out=True, linkage_reviewed=True)
QUICK = Options(times=200)


def stratum(floor: int, top: int | None = None) -> Stratum:
    return Stratum({"sex": ["f"]}, "range" if top else "at_least", detected=10, repeated=20, floor=floor, top=top)


def test_a_stratum_has_the_floor_and_top_of_its_own_lists() -> None:
    result = answer_stratum({"sex": ["f"]}, table("Kosovo"), REVIEWED, QUICK, 2_000_000)
    assert (result.kind, result.detected, result.repeated) == ("range", 4400, 1182)
    assert 6500 <= result.floor <= 7500
    assert result.top is not None
    assert 24_000 <= result.top <= 30_000
    assert result.lower_rate == result.floor / 20


@given(st.integers(1, 10**6), st.integers(1, 10**8))
def test_rates_have_two_digits_and_are_rounded_outward(people: int, population: int) -> None:
    result = replace(stratum(people, people), population=population)
    exact = Fraction(people * 100_000, population)
    assert result.lower_rate is not None
    assert result.upper_rate is not None
    low, high = Fraction(str(result.lower_rate)), Fraction(str(result.upper_rate))
    assert low <= exact <= high
    assert high <= low * Fraction(11, 10)


def test_without_a_population_a_floor_or_a_top_there_is_no_rate() -> None:
    assert stratum(50).lower_rate is None
    assert replace(stratum(50), population=1000).upper_rate is None
    assert replace(stratum(50), population=1000, kind="none").lower_rate is None


def test_lists_without_people_and_repeated_lists_are_left_out() -> None:
    # B is empty, D holds the same people as A
    lists = build_unchecked_lists(("A", "B", "C", "D"), np.array([0b1001, 0b0100, 0b1101]), np.array([5, 6, 7]))
    kept = lists_of_stratum(lists)
    assert kept.names == ("A", "C")
    assert dict(zip(kept.histories.tolist(), kept.counts.tolist(), strict=True)) == {0b01: 5, 0b10: 6, 0b11: 7}


@pytest.mark.parametrize(
    ("lists", "reason"),
    [
        (Lists([1, 2, 4, 3], [50, 40, 30, 19]), "few_overlaps"),
        (build_unchecked_lists(("A", "B", "C"), np.array([1, 2, 3]), np.array([50, 40, 30])), "few_lists"),
    ],
)
def test_a_stratum_with_too_little_has_only_its_detected_people(lists: Lists, reason: str) -> None:
    result = answer_stratum({"sex": ["f"]}, lists, REVIEWED, QUICK, 1000)
    assert (result.kind, result.reason, result.floor, result.top) == ("none", reason, lists.people, None)


def test_the_sum_adds_floors_and_tops() -> None:
    parts = [replace(stratum(120, 500), least_chance=0.1), replace(stratum(7, 11), least_chance=0.05)]
    whole = add_strata(parts, 1000)
    assert (whole.kind, whole.floor, whole.top, whole.least_chance) == ("range", 120, 520, 0.05)
    assert (whole.detected, whole.repeated, whole.population) == (20, 40, 1000)


def test_one_stratum_without_a_top_leaves_the_sum_without_one() -> None:
    whole = add_strata([replace(stratum(120, 500), least_chance=0.1), replace(stratum(30), reason="wide")], None)
    assert (whole.kind, whole.floor, whole.top, whole.reason) == ("at_least", 150, None, "wide")


def test_a_stratum_without_a_floor_adds_its_detected_people() -> None:
    none = replace(stratum(10), kind="none", reason="few_overlaps")
    assert add_strata([stratum(120), none], None).floor == 130
    assert add_strata([none, none], None).kind == "none"
