"""The verdict above the button of approval: honest about each part, the worst first, in figures for people."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import translation

from kerege.publishing.composer.verdict import HIGH, NONE, OPEN, SOME, Verdict, clause, verdict
from kerege.publishing.presenters.microdata import Shown
from kerege.publishing.presenters.privacy_budget import Loss

EXAMINED = {"cells": 1200, "releases": 3}


def attack(kind: str, level: str = NONE, value: float | None = 0.0, high: float = 0.05) -> dict[str, Any]:
    return {"kind": kind, "level": level, "value": value, "high": high}


def records(title: str, *attacks: dict[str, Any], worth: bool = True) -> Shown:
    return Shown(title, title, "sex", 100, Loss(0.1, 2.0, 1e-9), "balanced", worth, (), (), {"attacks": list(attacks)})


def judged(*sets: Shown, known: int = 0, told: bool = True) -> Verdict:
    with translation.override("en"):
        return verdict(EXAMINED, known, sets, told=told)


def test_tables_alone_are_one_line() -> None:
    found = judged()
    assert (found.title, found.tone) == ("The gate finds no new way to a person", "calm")
    [line] = found.lines
    assert "cells examined: 1,200, releases: 3" in line.sentence


@pytest.mark.parametrize(
    ("level", "tone", "says"),
    [
        (NONE, "calm", "no new way to a person"),
        (OPEN, "due", "not excluded"),
        (SOME, "due", "some risk"),
        (HIGH, "urgent", "a high risk"),
    ],
)
def test_the_title_says_the_worst(level: str, tone: str, says: str) -> None:
    found = judged(records("a", attack("inference")), records("b", attack("membership", level, 0.6, 0.7)))
    assert found.tone == tone
    assert says in found.title
    if level != NONE:
        assert found.lines[0].part.endswith(": b")


def test_the_worst_attack_comes_first_and_each_has_its_figure() -> None:
    worst = attack("inference", SOME, 0.043)
    found = judged(records("a", attack("membership", OPEN, 0.49, 0.56), attack("singling out"), worst))
    assert found.lines[0].sentence == (
        "A fact that was safe is guessed for 4.3 of 100 people; who is in the register is told rightly in 49 of 100 "
        "pairs, a coin does in 50 (up to 56 not excluded); a rare description finds a real person in 0 of 100 tries "
        "more than by chance."
    )


def test_a_broken_promise_forbids_publishing() -> None:
    found = judged(records("a", attack("inference"), attack("claim", HIGH, 3.0)))
    assert found.tone == "urgent"
    assert found.lines[0].sentence.startswith("An attack contradicts the promised epsilon: do not publish;")


def test_a_promise_that_stands_needs_no_words() -> None:
    assert clause(attack("claim", NONE, 0.5)) == ""


def test_records_that_nobody_attacked_are_not_called_safe() -> None:
    found = judged(records("a"))
    assert found.tone == "due"
    assert found.lines[0].tag == "not attacked"


def test_who_may_not_know_is_told_of_the_tables_alone() -> None:
    found = judged(records("a", attack("inference", HIGH, 0.4)), told=False)
    assert found.title == "The gate finds no new way in the tables"
    assert len(found.lines) == 1


@pytest.mark.parametrize("kind", ["inference", "membership", "singling out"])
def test_an_attack_with_nothing_to_begin_with_has_its_words(kind: str) -> None:
    assert clause(attack(kind, NONE, None))


def test_what_is_known_already_and_what_is_hardly_worth_it_is_noted() -> None:
    found = judged(records("a", attack("inference"), worth=False), known=2)
    assert sorted(line.note for line in found.lines) == [
        "Hardly worth publishing: noise is a large part of what they tell.",
        "What can be worked out from public figures already stands below: 2.",
    ]


@pytest.mark.parametrize(("epsilon", "times", "plural"), [(0.1, 1.2, 2), (2.0, 7.4, 2), (3.0, 21, 21), (60.0, 5e21, 0)])
def test_odds_are_rounded_up(epsilon: float, times: float, plural: int) -> None:
    loss = Loss(0.1, epsilon, 1e-9)
    assert loss.times == pytest.approx(times, rel=0.05)
    assert loss.plural == plural or epsilon > 50


def test_epsilon_is_rounded_up_and_whole_where_it_is_whole() -> None:
    assert [Loss(0.1, epsilon, 1e-9).shown for epsilon in (2.0000000004, 1.9999999, 2.001)] == [2.0, 2.0, 2.01]
