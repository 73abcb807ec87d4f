"""Corrections with an own rate of missed links for each list: by enumeration of the records that fail."""

from __future__ import annotations

from itertools import product
from math import prod, sqrt

import numpy as np
import pytest

from kerege.evidence.mse import BadLists, Lists
from kerege.evidence.mse.linkage_errors.corrected_lists import ALL, check_error_rates, without_errors
from kerege.evidence.mse.linkage_errors.correction import correct_linkage_errors
from tests.evidence.mse.tables import table

LISTS = Lists([1, 2, 3, 4, 5, 6, 7], [600, 490, 40, 2470, 1120, 1420, 120], ["A", "B", "C"])


def with_missed_links(people: np.ndarray, probabilities: list[float]) -> np.ndarray:
    """Return the expected table: each record of a person fails alone, and becomes a person on its list."""
    lists = len(probabilities)
    table_of = np.zeros(1 << lists)
    for history in range(1, 1 << lists):
        records = [j for j in range(lists) if history >> j & 1]
        for fails in product((False, True), repeat=len(records)):
            probability = prod(
                probabilities[j] if failed else 1 - probabilities[j] for j, failed in zip(records, fails, strict=True)
            )
            remaining = sum(1 << j for j, failed in zip(records, fails, strict=True) if not failed)
            if remaining:
                table_of[remaining] += people[history] * probability
            for j, failed in zip(records, fails, strict=True):
                if failed:
                    table_of[1 << j] += people[history] * probability
    return table_of


@pytest.mark.parametrize(
    ("miss", "probabilities"),
    [
        ({"A": 0.2}, [0.2, 0.0, 0.0]),
        ({"B": 0.1, "C": 0.3}, [0.0, 0.1, 0.3]),
        ({ALL: 0.19}, [0.1, 0.1, 0.1]),  # a pair of records is linked if neither fails: 0.9^2 = 0.81
        ({ALL: 0.19, "B": 0.25}, [0.1, 0.25, 0.1]),  # the rate of a list takes the place of the common one
        ({ALL: 0.0, "A": 0.0}, [0.0, 0.0, 0.0]),
    ],
)
def test_the_correction_undoes_the_expected_failures_of_each_list(
    miss: dict[str, float], probabilities: list[float]
) -> None:
    corrected = without_errors(LISTS, miss, 0.0)
    assert with_missed_links(corrected.expected, probabilities)[1:] == pytest.approx(LISTS.dense[1:], abs=1e-3)


def test_a_common_rate_is_a_share_of_pairs_and_a_rate_of_a_list_one_of_records() -> None:
    common = without_errors(LISTS, {ALL: 0.3}, 0.01)
    by_list = without_errors(LISTS, dict.fromkeys("ABC", 1 - sqrt(0.7)), 0.01)
    assert common.expected == pytest.approx(by_list.expected, abs=1e-4)
    assert common.expected == pytest.approx(correct_linkage_errors(LISTS, 0.3, 0.01).expected)


def test_no_record_is_lost_by_the_correction() -> None:
    """Errors divide or join people and keep their records: each list has as many people as before."""
    corrected = without_errors(LISTS, {"A": 0.1, "C": 0.2}, 0.02)
    for j in range(3):
        is_on = (np.arange(8) >> j) & 1 == 1
        assert corrected.expected[is_on].sum() == pytest.approx(LISTS.on(j), abs=1e-3)


def test_missed_links_make_too_many_people_and_false_links_too_few() -> None:
    assert without_errors(LISTS, {"A": 0.2}, 0.0).lists.people < LISTS.people
    assert without_errors(LISTS, {}, 0.02).lists.people > LISTS.people
    assert without_errors(LISTS, {}, 0.0).lists.people == LISTS.people


@pytest.mark.parametrize(
    ("miss", "false", "message"),
    [
        ({"D": 0.1}, 0.0, "no list is called D, choose one of A, B, C"),
        ({"A": 0.91}, 0.0, r"the share of missed links is 0.91, give a number from 0 to 0\.9"),
        ({ALL: -0.1}, 0.0, r"the share of missed links is -0\.1"),
        ({"A": 0.1, "B": 2}, 0.0, "the share of missed links is 2"),
        ({}, 0.95, r"the rate of false links is 0\.95, give a number from 0 to 0\.9"),
        ({"A": 0.1}, -1, "the rate of false links is -1"),
    ],
)
def test_rates_out_of_range_and_unknown_lists_are_refused(miss: dict[str, float], false: float, message: str) -> None:
    for check in (check_error_rates, without_errors):
        with pytest.raises(BadLists, match=message):
            check(LISTS, miss, false)
    check_error_rates(LISTS, {ALL: 0.9, "A": 0.0}, 0.9)


def test_the_resamples_are_corrected_as_the_lists_are() -> None:
    """Drawing the counted table itself gives the corrected lists."""
    lists = table("UKdat_5")
    corrected = without_errors(lists, {"LA": 0.1}, 0.005)
    people = corrected.undo(lists.counts[None])[0]
    assert people.tolist() == corrected.lists.dense[lists.histories].tolist()
    assert corrected.undo.given is lists
