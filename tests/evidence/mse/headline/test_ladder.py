"""The top of an exact table of one scale holds its people; a certificate proves the optimum."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import linprog

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
    top = most_people(table_of(classes), 0.94 * float(least))  # the next place of the scale
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


def test_a_certificate_proves_the_top_whatever_the_solver() -> None:
    lists = table("UKdat")
    chances = chances_by_number(relative_odds(lists))
    rows = chances[1:, 1 - chances[0] >= 0.1]
    counted = people_by_number(lists)
    slack = 1.64 * np.sqrt(np.maximum(counted, 1))
    # Prices of people on exactly k lists: if each place of the scale costs 1 or more, their value bounds every
    # population (weak duality). Prices are found with an interior point; the test checks them without a solver.
    dual = linprog(
        np.concatenate([counted + slack, slack - counted]),
        A_ub=np.hstack([-rows.T, rows.T]),
        b_ub=-np.ones(rows.shape[1]),
        method="highs-ipm",
    )
    upper, lower = np.split(np.maximum(dual.x, 0), 2)
    prices = upper - lower
    prices /= (prices @ rows).min()
    assert ((prices @ rows) >= 1 - 1e-12).all()
    bound = counted @ prices + slack @ np.abs(prices)
    # A population that fits: it has so many people itself.
    masses = linprog(
        -np.ones(rows.shape[1]),
        A_ub=np.vstack([rows, -rows]),
        b_ub=np.concatenate([counted + slack, slack - counted]),
        method="highs-ipm",
    ).x
    assert (masses >= -1e-9).all()
    assert (np.abs(rows @ masses - counted) <= slack * (1 + 1e-6)).all()
    top = most_people(lists, 0.1)
    assert top is not None
    assert masses.sum() * (1 - 1e-6) <= top <= bound * (1 + 1e-6)
    assert masses.sum() == pytest.approx(bound, rel=1e-6)


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
