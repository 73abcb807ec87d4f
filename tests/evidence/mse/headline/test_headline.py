"""The headline: its kind, its figures and their order."""

from __future__ import annotations

import json
import math
from decimal import ROUND_CEILING, ROUND_FLOOR

import numpy as np
import pytest

from kerege.evidence.mse.headline.headline import (
    Headline,
    HeadlineSettings,
    make_headline,
    make_pair_headline,
    round_digits,
)
from kerege.evidence.mse.headline.ladder import most_people
from kerege.evidence.mse.lists import BadLists, Lists, build_unchecked_lists
from tests.evidence.mse.tables import table

ANSWERED = HeadlineSettings(referrals_out=True, linkage_reviewed=True)
KOSOVO = (7_405.0, 15_795.0)  # 80% intervals of the methods


def headline(settings: HeadlineSettings = ANSWERED, panel: tuple[float, float] = KOSOVO) -> Headline:
    lists = table("Kosovo")
    return make_headline(lists, panel, settings, detected=lists.people, times=1000, seed=1)


def test_kosovo_has_the_range_of_the_design() -> None:
    answer = headline()
    assert (answer.kind, answer.floor, answer.top) == ("range", 7_000, 28_000)
    assert answer.share_listed == (4_400 / 28_000, 4_400 / 7_000)
    assert not answer.differ
    assert json.loads(json.dumps(answer.as_dict(), allow_nan=False))["kind"] == "range"


@pytest.mark.parametrize(
    "settings",
    [HeadlineSettings(), HeadlineSettings(referrals_out=True), HeadlineSettings(linkage_reviewed=False)],
)
def test_without_both_answers_there_is_no_upper_figure(settings: HeadlineSettings) -> None:
    answer = headline(settings)
    assert (answer.kind, answer.reason, answer.top, answer.allowed) == ("at_least", "unanswered", None, None)


def test_linkage_that_nobody_reviewed_lowers_the_floor() -> None:
    assert headline(HeadlineSettings(referrals_out=True, linkage_reviewed=False)).floor == 6_300


def test_a_range_that_is_too_wide_has_the_floor_alone() -> None:
    answer = headline(HeadlineSettings(referrals_out=True, linkage_reviewed=True, widest=3.5))
    assert (answer.kind, answer.reason, answer.top, answer.allowed) == ("at_least", "wide", None, (7_000, 28_000))


def test_lists_that_fit_no_scale_have_no_upper_figure() -> None:
    """Two kinds of people, each on two lists of their own: nobody is on one list of either kind."""
    apart = Lists([1, 2, 3, 4, 8, 12, 5], [300, 300, 300, 300, 300, 300, 1])
    assert most_people(apart, 0.05) is None
    answer = make_headline(apart, (1_900.0, 2_500.0), ANSWERED, detected=apart.people, times=200, seed=1)
    assert (answer.kind, answer.reason, answer.top, answer.allowed) == ("at_least", "no_ladder", None, None)


def test_methods_without_an_upper_limit_leave_no_upper_figure() -> None:
    answer = headline(panel=(7_405.0, math.inf))
    assert (answer.kind, answer.top, answer.allowed) == ("at_least", None, None)
    json.dumps(answer.as_dict(), allow_nan=False)


def test_the_floor_is_never_above_the_methods_and_the_top_never_below() -> None:
    answer = headline(panel=(5_010.0, 90_100.0))
    assert (answer.floor, answer.allowed) == (5_000, (5_000, 91_000))


def test_a_smaller_chance_moves_the_top_only() -> None:
    answer = headline(HeadlineSettings(referrals_out=True, linkage_reviewed=True, least_chance=0.05, widest=20))
    assert (answer.floor, answer.top, answer.least_chance) == (7_000, 51_000, 0.05)


@pytest.mark.parametrize("settings", [HeadlineSettings(least_chance=0.01), HeadlineSettings(widest=0.5)])
def test_settings_out_of_range_are_refused(settings: HeadlineSettings) -> None:
    with pytest.raises(BadLists, match=r"the (least chance|widest range) is"):
        headline(settings)


def test_figures_have_two_digits_outwards() -> None:
    assert round_digits(7_999.9, ROUND_FLOOR) == 7_900
    assert round_digits(7_001.0, ROUND_CEILING) == 7_100
    assert round_digits(12.0, ROUND_CEILING) == 12


PAIR = HeadlineSettings(referrals_out=True, linkage_reviewed=True, lists_compete=False)


def draw_pairs(odds_ratio: float, sets: int) -> list[Lists]:
    """Return sets of two lists of 4,000 people with a chance of 0.15 each, that depend on each other."""
    rng = np.random.default_rng(3)
    on_first = rng.random((sets, 4000)) < 0.15
    base = 0.15 / 0.85
    odds = np.where(on_first, base * odds_ratio, base)
    on_second = rng.random((sets, 4000)) < odds / (1 + odds)
    tables = [[(a & ~b).sum(), (b & ~a).sum(), (a & b).sum()] for a, b in zip(on_first, on_second, strict=True)]
    return [build_unchecked_lists(("A", "B"), np.array([1, 2, 3]), np.array(table)) for table in tables]


def held(odds_ratio: float) -> float:
    floors = [make_pair_headline(lists, PAIR, times=200, seed=1).floor or 0 for lists in draw_pairs(odds_ratio, 60)]
    return float(np.mean([floor <= 4000 for floor in floors]))


def test_the_floor_of_two_lists_holds_unless_they_compete() -> None:
    assert held(1.0) >= 0.85
    assert held(2.0) == 1.0
    assert held(0.4) <= 0.1  # each list takes people away from the other: this is why the operator is asked


def test_two_lists_whose_links_nobody_reviewed_have_a_lower_floor() -> None:
    (lists,) = draw_pairs(1.0, 1)
    reviewed = make_pair_headline(lists, PAIR, times=200, seed=1)
    allowed = make_pair_headline(lists, HeadlineSettings(True, False, lists_compete=False), times=200, seed=1)
    assert (reviewed.kind, reviewed.reason, reviewed.top) == ("at_least", "two_lists", None)
    assert reviewed.floor is not None
    assert allowed.floor is not None
    assert 0.86 <= allowed.floor / reviewed.floor <= 0.94
    assert allowed.missed_links_allowed


@pytest.mark.parametrize(
    ("settings", "allows"),
    [
        (PAIR, True),
        (HeadlineSettings(lists_compete=False), False),
        (HeadlineSettings(referrals_out=True), False),
        (HeadlineSettings(referrals_out=False, lists_compete=False), False),
        (HeadlineSettings(referrals_out=True, lists_compete=True), False),
    ],
)
def test_two_lists_have_a_floor_only_with_both_answers(settings: HeadlineSettings, allows: bool) -> None:
    assert settings.allows_pair is allows
