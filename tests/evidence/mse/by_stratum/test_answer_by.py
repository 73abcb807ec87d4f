"""Answers by stratum hold the true numbers, which shares among the detected do not."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from kerege.evidence.mse import BadLists, Lists
from kerege.evidence.mse.by_stratum.answer_by import (
    CovariateShift,
    StratifiedAnswer,
    answer_by,
    headline_of_strata,
)
from kerege.evidence.mse.by_stratum.population_file import Denominators
from kerege.evidence.mse.by_stratum.stratum import Stratum
from kerege.evidence.mse.headline.headline import HeadlineSettings
from kerege.evidence.mse.loglinear.stepwise_selection import select_stepwise
from tests.evidence.mse.panels.given_results import HEADLINE

REVIEWED = HeadlineSettings(referrals_out=True, linkage_reviewed=True)
NAMES = ["police", "shelter", "hotline", "labour"]
PEOPLE = {"easy": 2000, "hard": 3000}  # 60% of the people have a third of the reach
CHANCE = {"easy": 0.24, "hard": 0.08}


def draw(seed: int = 1, chances: dict[str, list[float]] | None = None) -> pl.DataFrame:
    """Return people of two strata on independent lists; those on no list are left out."""
    rng = np.random.default_rng(seed)
    parts = []
    for level, people in PEOPLE.items():
        chance = chances[level] if chances else [CHANCE[level]] * len(NAMES)
        on = (rng.random((people, len(NAMES))) < chance).astype(int)
        parts.append(pl.DataFrame(on[on.any(axis=1)], schema=NAMES).with_columns(reach=pl.lit(level)))
    frame = pl.concat(parts)
    return frame.group_by(frame.columns, maintain_order=True).len("count")


def test_each_stratum_holds_its_people_and_the_share_among_the_detected_does_not() -> None:
    people = draw()
    result = answer_by(people, NAMES, ["reach"], settings=REVIEWED, times=300)
    by_level = {stratum.levels["reach"][0]: stratum for stratum in result.strata}
    for level, true in PEOPLE.items():
        assert by_level[level].kind == "range"
        assert by_level[level].floor <= true <= (by_level[level].top or 0)
    detected = result.whole.detected
    share = by_level["hard"].detected / detected
    assert share * sum(PEOPLE.values()) < 0.75 * PEOPLE["hard"]
    assert result.whole.floor <= sum(PEOPLE.values()) <= (result.whole.top or 0)
    assert detected == people["count"].sum()


def test_people_of_whom_a_covariate_is_not_known_are_a_level_and_nobody_is_dropped() -> None:
    people = draw().with_columns(pl.when(pl.col("police") == 1).then(None).otherwise(pl.col("reach")).alias("reach"))
    result = answer_by(people, NAMES, ["reach"], times=100)
    assert sum(stratum.detected for stratum in result.strata) == people["count"].sum()
    assert [level for stratum in result.strata for level in stratum.levels["reach"]] == ["_U", "easy", "hard"]


def test_rates_divide_by_the_people_of_the_same_level() -> None:
    denominators = Denominators(("reach",), {("easy",): 100_000, ("hard",): 200_000}, ("census",))
    result = answer_by(draw(), NAMES, ["reach"], denominators=denominators, settings=REVIEWED, times=100)
    easy, hard = result.strata
    assert (easy.population, hard.population, result.whole.population) == (100_000, 200_000, 300_000)
    assert easy.lower_rate == easy.floor
    assert hard.lower_rate is not None
    assert hard.lower_rate <= hard.floor / 2 < 1.1 * hard.lower_rate
    assert result.to_frame()["population"].to_list() == [100_000, 200_000, 300_000]


def test_strata_are_estimated_without_the_answers_of_the_operator_but_have_no_top() -> None:
    result = answer_by(draw(), NAMES, ["reach"], times=100)
    assert {stratum.reason for stratum in result.strata} == {"unanswered"}
    assert result.whole.kind == "at_least"
    assert result.shift is None


def test_two_kinds_of_people_whom_two_kinds_of_lists_reach_are_told_apart_by_a_covariate() -> None:
    # without the covariate the stepwise estimate is far above the truth
    people = draw(chances={"easy": [0.2, 0.2, 0.03, 0.03], "hard": [0.03, 0.03, 0.2, 0.2]})
    histories = people.select(NAMES).to_numpy() @ (1 << np.arange(len(NAMES)))
    counts = np.bincount(histories, people["count"].to_numpy(), 1 << len(NAMES)).astype(int)
    estimate = select_stepwise(Lists(np.arange(1, len(counts)), counts[1:], NAMES)).estimate
    true = sum(PEOPLE.values())
    assert estimate > 1.5 * true
    result = answer_by(people, NAMES, ["reach"], settings=REVIEWED, estimate=estimate, times=100)
    assert result.shift is not None
    assert result.shift.after == pytest.approx(true, rel=0.25)
    assert result.shift.is_far
    moved = headline_of_strata(replace(HEADLINE, floor=1, top=10**6), result)
    assert (moved.floor, moved.top) == (result.whole.floor, result.whole.top)


@pytest.mark.parametrize(
    ("before", "after", "is_far"), [(100, 149, False), (100, 151, True), (151, 100, True), (149, 100, False)]
)
def test_a_shift_is_far_above_half_as_much_again(before: float, after: float, is_far: bool) -> None:
    assert CovariateShift(before, after).is_far is is_far
    assert not CovariateShift(before, reason="the model has no estimate").is_far


WHOLE = Stratum({}, "range", detected=2770, repeated=70, floor=5000, top=20_000, least_chance=0.05)


def answers(shift: CovariateShift, whole: Stratum = WHOLE) -> StratifiedAnswer:
    return StratifiedAnswer(("sex",), [], whole, shift=shift)


def test_the_headline_stays_where_covariates_move_it_little() -> None:
    assert headline_of_strata(HEADLINE, answers(CovariateShift(9000, 10_000))) is HEADLINE


def test_where_they_move_it_far_the_headline_is_that_of_the_strata() -> None:
    far = CovariateShift(9000, 20_000)
    moved = headline_of_strata(HEADLINE, answers(far))
    assert (moved.kind, moved.floor, moved.top, moved.least_chance) == ("range", 5000, 20_000, 0.05)
    at_least = headline_of_strata(HEADLINE, answers(far, replace(WHOLE, kind="at_least", top=None, least_chance=None)))
    assert (at_least.kind, at_least.reason, at_least.floor, at_least.top) == ("at_least", "strata", 5000, None)
    unanswered = replace(HEADLINE, kind="at_least", reason="unanswered", top=None)
    assert headline_of_strata(unanswered, answers(far)).reason == "unanswered"


def test_a_column_that_does_not_exist_is_refused() -> None:
    with pytest.raises(BadLists, match="there is no column sex"):
        answer_by(draw(), NAMES, ["sex"])


def test_a_model_without_an_estimate_is_a_reason() -> None:
    people = pl.DataFrame({"a": [1, 0, 0, 1], "b": [0, 1, 0, 1], "c": [0, 0, 1, 0], "sex": ["f"] * 4, "count": [9] * 4})
    shift = answer_by(people, ["a", "b", "c"], ["sex"], estimate=50.0, times=100).shift
    assert shift is not None
    assert shift.reason
    assert math.isnan(shift.after)
    assert shift.as_dict()["after"] is None
