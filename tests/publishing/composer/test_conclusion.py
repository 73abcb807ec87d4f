"""Conclusion above the approval button: one line per part, highest risk first, with figures."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import translation

from kerege.publishing.composer.conclusion import (
    HIGH,
    NONE,
    OPEN,
    SOME,
    ReleaseConclusion,
    attack_clause,
    build_conclusion,
)
from kerege.publishing.presenters.microdata import DisplayedMicrodata
from kerege.publishing.presenters.privacy_budget import DisplayedLoss

EXAMINED = {"cells": 1200, "releases": 3}


def attack(kind: str, level: str = NONE, value: float | None = 0.0, high: float = 0.05) -> dict[str, Any]:
    return {"kind": kind, "level": level, "value": value, "high": high}


def records(title: str, *attacks: dict[str, Any], worth: bool = True) -> DisplayedMicrodata:
    return DisplayedMicrodata(
        title, title, "sex", 100, DisplayedLoss(0.1, 2.0, 1e-9), "balanced", worth, (), (), {"attacks": list(attacks)}
    )


def conclusion_on(*sets: DisplayedMicrodata, known: int = 0, may_read_evaluation: bool = True) -> ReleaseConclusion:
    with translation.override("en"):
        return build_conclusion(EXAMINED, known, sets, may_read_evaluation=may_read_evaluation)


def test_tables_without_microdata_give_one_line() -> None:
    conclusion = conclusion_on()
    assert (conclusion.title, conclusion.tone) == ("No new disclosure risk found", "calm")
    [line] = conclusion.lines
    assert "cells examined: 1,200, releases: 3" in line.sentence


@pytest.mark.parametrize(
    ("level", "tone", "says"),
    [
        (NONE, "calm", "No new disclosure risk found"),
        (OPEN, "due", "not excluded"),
        (SOME, "due", "some risk"),
        (HIGH, "urgent", "a high risk"),
    ],
)
def test_the_title_names_the_highest_risk(level: str, tone: str, says: str) -> None:
    conclusion = conclusion_on(records("a", attack("inference")), records("b", attack("membership", level, 0.6, 0.7)))
    assert conclusion.tone == tone
    assert says in conclusion.title
    if level != NONE:
        assert conclusion.lines[0].part.endswith(": b")


def test_the_worst_attack_comes_first_and_each_has_its_figure() -> None:
    worst = attack("inference", SOME, 0.043)
    conclusion = conclusion_on(records("a", attack("membership", OPEN, 0.49, 0.56), attack("singling out"), worst))
    assert conclusion.lines[0].sentence == (
        "A fact that was safe is guessed for 4.3 of 100 people; membership is guessed correctly in 49 of 100 "
        "pairs, by chance in 50 (up to 56 not excluded); a rare description finds a real person in 0 of 100 tries "
        "more than by chance."
    )


def test_a_refuted_epsilon_forbids_publishing() -> None:
    conclusion = conclusion_on(records("a", attack("inference"), attack("claim", HIGH, 3.0)))
    assert conclusion.tone == "urgent"
    beginning = "The risk assessment contradicts the promised epsilon: do not publish;"
    assert conclusion.lines[0].sentence.startswith(beginning)


def test_an_epsilon_that_holds_adds_no_clause() -> None:
    assert attack_clause(attack("claim", NONE, 0.5)) == ""


def test_microdata_without_evaluation_are_not_called_safe() -> None:
    conclusion = conclusion_on(records("a"))
    assert conclusion.tone == "due"
    assert conclusion.lines[0].tag == "not assessed"


def test_a_reader_without_the_right_sees_the_tables_only() -> None:
    conclusion = conclusion_on(records("a", attack("inference", HIGH, 0.4)), may_read_evaluation=False)
    assert conclusion.title == "No new disclosure risk found in the tables"
    assert len(conclusion.lines) == 1


@pytest.mark.parametrize("kind", ["inference", "membership", "singling out"])
def test_an_attack_without_targets_has_a_clause(kind: str) -> None:
    assert attack_clause(attack(kind, NONE, None))


def test_known_disclosures_and_little_utility_are_noted() -> None:
    conclusion = conclusion_on(records("a", attack("inference"), worth=False), known=2)
    assert sorted(line.note for line in conclusion.lines) == [
        "Disclosures from figures that are already public are listed below: 2.",
        "Low utility: many counts of two values together are far from the truth.",
    ]


@pytest.mark.parametrize(("epsilon", "times", "plural"), [(0.1, 1.2, 2), (2.0, 7.4, 2), (3.0, 21, 21), (60.0, 5e21, 0)])
def test_odds_are_rounded_up(epsilon: float, times: float, plural: int) -> None:
    loss = DisplayedLoss(0.1, epsilon, 1e-9)
    assert loss.times == pytest.approx(times, rel=0.05)
    assert loss.plural == plural or epsilon > 50


def test_epsilon_is_rounded_up_to_two_decimals() -> None:
    assert [DisplayedLoss(0.1, epsilon, 1e-9).rounded_epsilon for epsilon in (2.0000000004, 1.9999999, 2.001)] == [
        2.0,
        2.0,
        2.01,
    ]
