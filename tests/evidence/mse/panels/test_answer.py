"""The answer: its kinds, its reasons and its conditions, in three languages."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from kerege.evidence.mse import Lists
from kerege.evidence.mse.headline.headline import Headline, HeadlineSettings
from kerege.evidence.mse.headline.known_lists import KnownList
from kerege.evidence.mse.lists import build_unchecked_lists
from kerege.evidence.mse.panels.answer import answer_lines, explain_no_estimate, headline_lines, one_in
from kerege.evidence.mse.panels.messages import read_messages
from kerege.evidence.mse.panels.panel import Panel
from kerege.evidence.mse.panels.publication_rules import AppliedRule
from tests.evidence.mse.panels.given_results import GAP, HEADLINE, LANGUAGES, LISTS, panel_of

CONDITION = (
    '"At least" holds if the period is closed, if the lists can be divided into two groups so that people known to one '
    "are not less likely to be known to the other, and if "
)
TIPPING = (
    "One of them, stepwise selection, gives 9,000: this doubles if 30% of the 70 people on two lists or more were sent "
    "from one list to another, and halves if linkage missed as many links as it found."
)
UNANSWERED = (
    "No upper figure: say whether a person whom one list sent to another counts once (--referrals-out or "
    "--referrals-in), and whether people reviewed the uncertain links (--linkage-reviewed or --linkage-not-reviewed)."
)
WIDE = (
    "No upper figure: even if nobody had less than a 1 in 10 chance of coming onto a list, it would be 54,000, too far "
    "from the lower one."
)
CANNOT_TELL = "These lists do not show how many others there are: "
FEW = f"{CANNOT_TELL}too few people are on two lists or more (13 of the 20 needed)."
PARTIAL = (
    "No headline: only some of the methods were asked for. It needs stepwise, BIC, decomposable graphs and latent "
    "classes."
)
WORD_ESTIMATED = {"kk": "Бағалау бойынша", "ru": "По оценке", "en": "stimated"}


def with_headline(**more: Any) -> Panel:
    return panel_of(headline=replace(HEADLINE, **more))


def at_least(**more: Any) -> Headline:
    facts: dict[str, Any] = {"kind": "at_least", "reason": "wide", "top": None, "allowed": (7000, 54_000)} | more
    return replace(HEADLINE, **facts)


def stopped(*rules: AppliedRule) -> Panel:
    return panel_of(headline=Headline("none", 2770, rules[0].rule), stops=rules)


ANSWERS = {
    "range": panel_of(),
    "differ": with_headline(score=2.0, least_chance=0.05),
    "wide": panel_of(headline=at_least()),
    "unbounded": panel_of(headline=at_least(allowed=None, panel=(8000.0, math.inf))),
    "unanswered": panel_of(headline=at_least(reason="unanswered", allowed=None)),
    "few_overlaps": stopped(AppliedRule("few_overlaps", {"repeated": 13})),
    "few_lists": stopped(AppliedRule("few_lists", {"lists": 2})),
    "no_model": stopped(AppliedRule("no_model", {})),
    "partial": panel_of(headline=Headline("none", 2770, "partial")),
}


def test_a_range_has_the_floor_first_and_the_condition_of_the_top_in_its_sentence() -> None:
    assert answer_lines(panel_of(), "en") == [
        "Estimated: at least 7,000 people; 2,770 of them are on the lists.",
        "At most an estimated 28,000, if nobody had less than a 1 in 10 chance of coming onto a list.",
        "So the lists hold between 10% and 40% of all people.",
        "People whom no list could ever reach are not included: no list can count them.",
        "The methods themselves give 8,000 to 10,000. They share assumptions, so their agreement proves little.",
        TIPPING,
        "Check: from the other lists one would have estimated 501 of the 830 people on hotline.",
        f"{CONDITION}the links are right as reviewed or corrected.",
    ]
    assert explain_no_estimate(panel_of(), "en") == ""


def test_a_range_of_people_who_differ_says_so_beside_its_condition() -> None:
    assert headline_lines(ANSWERS["differ"].headline, "en")[1] == (
        "At most an estimated 28,000, if nobody had less than a 1 in 20 chance of coming onto a list. Some people are"
        " far easier to reach than others, so the upper figure allows for a chance of 1 in 20."
    )


@pytest.mark.parametrize(
    ("name", "second"),
    [
        ("wide", WIDE),
        ("unbounded", "No upper figure: the lists set no limit."),
        ("unanswered", UNANSWERED),
    ],
)
def test_at_least_has_the_floor_and_the_reason_for_no_upper_figure(name: str, second: str) -> None:
    lines = answer_lines(ANSWERS[name], "en")
    assert lines[:2] == ["Estimated: at least 7,000 people; 2,770 of them are on the lists.", second]
    assert not any("28,000" in line or "At most" in line for line in lines)


@pytest.mark.parametrize(
    ("name", "second"),
    [
        ("few_overlaps", FEW),
        ("few_lists", f"{CANNOT_TELL}there are fewer than three lists (2)."),
        ("no_model", f"{CANNOT_TELL}no model has an estimate on these lists."),
        ("partial", PARTIAL),
    ],
)
def test_without_an_estimate_there_are_the_detected_people_and_the_reason(name: str, second: str) -> None:
    assert answer_lines(ANSWERS[name], "en")[:2] == ["2,770 people are on the lists.", second]
    assert explain_no_estimate(ANSWERS[name], "en") == second


def test_several_rules_are_joined_in_their_order() -> None:
    result = stopped(AppliedRule("few_overlaps", {"repeated": 3}), AppliedRule("no_model", {}))
    assert explain_no_estimate(result, "en") == (
        "These lists do not show how many others there are: too few people are on two lists or more (3 of the 20"
        " needed); no model has an estimate on these lists."
    )


@pytest.mark.parametrize(("chance", "number"), [(0.1, "10"), (0.05, "20")])
@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_figure_too_far_to_publish_has_its_condition_in_the_same_sentence(
    lang: str, chance: float, number: str
) -> None:
    line = headline_lines(at_least(least_chance=chance), lang)[1]
    before, after = line.split("54,000" if lang == "en" else f"54{GAP}000")
    assert number in before
    assert "." not in before + after[:-1]


@pytest.mark.parametrize(
    ("lang", "line"),
    [
        ("en", "Estimated: at least 2,770 people, as many as are on the lists."),
        ("ru", f"По оценке, не менее 2{GAP}770 человек: столько же есть в списках."),
        ("kk", f"Бағалау бойынша кемінде 2{GAP}770 адам: тізімдерде де сонша адам бар."),
    ],
)
def test_a_lower_figure_that_is_the_detected_people_is_said_once(lang: str, line: str) -> None:
    assert headline_lines(at_least(floor=2770), lang)[0] == line
    assert headline_lines(replace(HEADLINE, floor=2770), lang)[0] == line


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", ANSWERS)
def test_every_answer_is_in_the_language_and_leans_nowhere(name: str, lang: str) -> None:
    lines = answer_lines(ANSWERS[name], lang)
    text = " ".join(lines)
    assert "leans low" not in text
    assert (WORD_ESTIMATED[lang] in lines[0]) is (ANSWERS[name].headline.kind != "none")
    assert ("2,770" if lang == "en" else f"2{GAP}770") in lines[0]
    if ANSWERS[name].headline.kind == "range":
        assert WORD_ESTIMATED[lang] in lines[1]
        assert ("10" if name == "range" else "20") in lines[1]
    if lang != "en":
        english = answer_lines(ANSWERS[name], "en")
        assert not set(lines) & set(english)


@pytest.mark.parametrize(("chance", "number"), [(0.1, "10"), (0.05, "20"), (1 / 3, "3"), (0.0339, "29"), (0.5, "2")])
def test_the_chance_is_rounded_to_the_stronger_condition(chance: float, number: str) -> None:
    assert one_in(chance) == number
    assert 1 / int(number) >= chance - 1e-9


def test_shares_below_one_per_cent_keep_a_digit() -> None:
    line = headline_lines(replace(HEADLINE, detected=15, floor=2000, top=9000), "en")[2]
    assert line == "So the lists hold between 0.2% and 0.8% of all people."


def test_linkage_that_nobody_reviewed_allows_for_missed_links() -> None:
    last = answer_lines(with_headline(missed_links_allowed=True), "en")[-1]
    assert last == f"{CONDITION}linkage missed no more than 1 link in 10."


def test_an_estimate_that_never_doubles_says_so() -> None:
    steady = answer_lines(with_headline(doubles_at=None), "en")[5]
    assert steady == (
        "One of them, stepwise selection, gives 9,000: this does not double even if all of the 70 people on two lists"
        " or more were sent from one list to another; it halves if linkage missed as many links as it found."
    )


def test_facts_that_do_not_exist_have_no_line() -> None:
    lines = answer_lines(with_headline(estimate=math.inf, panel=(8000.0, math.inf), known=()), "en")
    assert len(lines) == 5
    infinite = answer_lines(with_headline(known=(KnownList("police", math.inf, 10),)), "en")
    assert not any(line.startswith("Check:") for line in infinite)


@pytest.mark.parametrize(
    ("miss", "false", "sentence"),
    [
        ({"": 0.1}, 0.005, "(missed 10.0%, false 0.5%): 2,500 people on the lists."),
        ({"police": 0.1, "hotline": 0.05}, 0.0, "(missed police 10.0%, hotline 5.0%, false 0.0%): 2,500 people"),
        ({}, 0.02, "(missed 0.0%, false 2.0%): 2,500 people"),
    ],
)
@pytest.mark.parametrize("name", ["range", "partial"])
def test_a_correction_states_its_rates_and_the_people_after_it(
    miss: Mapping[str, float], false: float, sentence: str, name: str
) -> None:
    corrected = Lists([1, 2, 4, 3, 5], [900, 800, 700, 60, 40], LISTS.names)
    linkage = {"miss": miss, "false_link": false, "removed": 0.4}
    result = replace(ANSWERS[name], lists=corrected, linkage=linkage)
    assert any(sentence in line for line in answer_lines(result, "en"))
    assert not any("Corrected" in line for line in answer_lines(ANSWERS[name], "en"))


PAIR = build_unchecked_lists(("A", "B"), np.array([1, 2, 3]), np.array([50, 60, 15]))
ASKED = "Two lists give a lower figure if a person whom one list sent to another counts once (--referrals-out), and if"
REFUSED = "Two lists give no lower figure where people sent"


@pytest.mark.parametrize(
    ("settings", "advice"),
    [
        (HeadlineSettings(), ASKED),
        (HeadlineSettings(referrals_out=True), ASKED),
        (HeadlineSettings(referrals_out=False), REFUSED),
        (HeadlineSettings(lists_compete=True), REFUSED),
    ],
)
def test_two_lists_say_which_answers_would_give_a_floor(settings: HeadlineSettings, advice: str) -> None:
    result = replace(stopped(AppliedRule("few_lists", {"lists": 2})), lists=PAIR, settings=settings)
    sentence, third, overlap = answer_lines(result, "en")[2:]
    assert sentence.startswith(advice)
    assert third == "A range needs a third list that finds people independently."
    assert overlap.startswith("At the present overlap it takes about 42 more people on the lists until 20 are on two")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_time_until_the_lists_are_enough_needs_the_length_of_the_period(lang: str) -> None:
    result = replace(stopped(AppliedRule("few_overlaps", {"repeated": 15})), lists=PAIR)
    number = read_messages(lang).number
    people, years = answer_lines(result, lang)[-1], answer_lines(result, lang, years=3)[-1]
    assert number(42) in people
    assert number(1.0, 1) not in people
    assert number(1.0, 1) in years  # 5 more people on two lists at 15 in 3 years


def test_lists_without_an_overlap_set_no_pace() -> None:
    apart = build_unchecked_lists(("A", "B", "C"), np.array([1, 2, 4]), np.array([50, 60, 15]))
    result = replace(stopped(AppliedRule("few_overlaps", {"repeated": 0})), lists=apart)
    assert answer_lines(result, "en")[-1].startswith("Nobody is on two lists")
