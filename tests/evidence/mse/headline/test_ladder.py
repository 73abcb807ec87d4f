"""The top of an exact table of one ladder holds its people; another solver finds the same optimum."""

from __future__ import annotations

import numpy as np
import pytest
from ortools.linear_solver import pywraplp

from kerege.evidence.mse.headline import ladder
from kerege.evidence.mse.headline.ladder import (
    chances_by_number,
    elementary_symmetric,
    heterogeneity_score,
    most_people,
    people_by_number,
    relative_odds,
)
from kerege.evidence.mse.lists import BadLists, Lists
from kerege.evidence.mse.loglinear.stepwise_selection import select_stepwise
from tests.evidence.mse.tables import table

ODDS = np.array([0.3, 0.2, 0.15, 0.1])


def table_of(classes: list[tuple[float, float]]) -> Lists:
    """Return the expected table of classes of people: number, and factor of the odds of all lists."""
    histories = np.arange(1, 16)
    on_list = (histories[:, None] >> np.arange(4)) & 1
    expected = np.zeros(15)
    for people, factor in classes:
        chance = factor * ODDS / (1 + factor * ODDS)
        expected += people * np.prod(np.where(on_list, chance, 1 - chance), axis=1)
    return Lists(histories, np.rint(expected).astype(int))


@pytest.mark.parametrize("classes", [[(40_000, 1.0)], [(20_000, 2.0), (20_000, 0.5)], [(5_000, 3.0), (50_000, 0.3)]])
def test_the_top_holds_all_people_at_their_least_chance(classes: list[tuple[float, float]]) -> None:
    least = min(1 - np.prod(1 / (1 + factor * ODDS)) for _, factor in classes)
    top = most_people(table_of(classes), 0.94 * float(least))  # the next place of the ladder
    assert top is not None
    assert top >= sum(people for people, _ in classes)


def test_relative_odds_are_those_of_the_lists_whatever_the_people() -> None:
    expected = ODDS / ODDS.mean()
    assert relative_odds(table_of([(400_000, 1.0)])) == pytest.approx(expected, rel=0.01)
    assert relative_odds(table_of([(400_000, 2.0), (400_000, 0.3)])) == pytest.approx(expected, rel=0.01)


def test_the_top_falls_with_the_least_chance() -> None:
    tops = [most_people(table("Kosovo"), chance) for chance in (0.02, 0.05, 0.1, 0.2, 0.3)]
    assert None not in tops
    assert tops == sorted(tops, key=lambda top: top or 0, reverse=True)


def test_another_solver_finds_the_same_top() -> None:
    lists = table("UKdat")
    chances = chances_by_number(relative_odds(lists))
    chances = chances[:, 1 - chances[0] >= 0.1]
    solver = pywraplp.Solver.CreateSolver("GLOP")
    masses = [solver.NumVar(0, solver.infinity(), "") for _ in range(chances.shape[1])]
    for order, people in enumerate(people_by_number(lists), 1):
        slack = 1.64 * max(people, 1) ** 0.5
        row = solver.Constraint(people - slack, people + slack)
        for mass, chance in zip(masses, chances[order].tolist(), strict=True):
            row.SetCoefficient(mass, chance)
    solver.Maximize(sum(masses))
    assert solver.Solve() == pywraplp.Solver.OPTIMAL
    assert most_people(lists, 0.1) == pytest.approx(solver.Objective().Value(), rel=1e-6)


def test_a_chance_that_nobody_can_have_gives_no_top() -> None:
    assert most_people(table_of([(40_000, 0.05)]), 0.5) is None
    with pytest.raises(BadLists, match="least chance"):
        most_people(table("Kosovo"), 0.0)


def test_polynomials_and_chances_are_those_of_the_definition() -> None:
    assert elementary_symmetric(np.array([2.0, 3.0, 5.0])).tolist() == [1, 10, 31, 30]
    chances = chances_by_number(np.array([1.0, 2.0]))
    assert chances.sum(axis=0) == pytest.approx(np.ones(len(ladder.PLACES)))


def test_people_who_differ_are_detected_and_alike_people_are_not() -> None:
    alike, apart = table_of([(40_000, 1.0)]), table_of([(4_000, 6.0), (40_000, 0.3)])
    assert abs(heterogeneity_score(alike, select_stepwise(alike).model)) < 0.5
    assert heterogeneity_score(apart, (0, 1, 2, 4, 8)) > 10


def test_an_empty_overlap_of_the_model_says_nothing() -> None:
    lists = Lists(
        [1, 2, 4, 8, 5, 6, 9, 10, 12, 13], [200, 150, 180, 90, 20, 18, 12, 9, 15, 3]
    )  # lists 1 and 2 share nobody
    score = heterogeneity_score(lists, (0, 1, 2, 4, 8, 3))
    assert np.isfinite(score)
