"""The floor equals an enumeration of all splits, and follows the exact formula for independent lists."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from kerege.evidence.mse.headline.floor import least_split, petersen_numbers
from kerege.evidence.mse.linkage_errors.corrected_lists import without_errors
from kerege.evidence.mse.lists import BadLists, Lists, build_unchecked_lists
from tests.evidence.mse.tables import table


def enumerated(lists: Lists) -> float:
    """Return the least Petersen number by sets of people, one split after the other."""
    people = [
        frozenset(place for place in range(lists.number) if history >> place & 1)
        for history, count in zip(lists.histories.tolist(), lists.counts.tolist(), strict=True)
        for _ in range(count)
    ]
    numbers = []
    for size in range(1, lists.number):
        for camp in combinations(range(lists.number), size):
            on_camp = sum(bool(person & set(camp)) for person in people)
            on_rest = sum(bool(person - set(camp)) for person in people)
            both = sum(bool(person & set(camp)) and bool(person - set(camp)) for person in people)
            numbers.append(on_camp * on_rest / max(both, 0.5))
    return max(min(numbers), len(people))


@pytest.mark.parametrize("name", ["Kosovo", "UKdat_5", "Korea"])
def test_the_least_number_is_that_of_an_enumeration(name: str) -> None:
    lists = table(name)
    assert least_split(lists, times=100).value == pytest.approx(enumerated(lists))


def test_two_lists_have_the_number_of_petersen() -> None:
    lists = build_unchecked_lists(("a", "b"), np.array([1, 2, 3]), np.array([30, 50, 20]))
    floor = least_split(lists, times=200)
    assert floor.value == 50 * 70 / 20
    assert floor.camp == ("a",)


def test_an_empty_overlap_counts_as_half_a_person() -> None:
    assert petersen_numbers(np.array([[0, 3, 4, 0]])).tolist() == [[24.0]]


def test_the_limit_is_below_the_value_and_not_below_the_people() -> None:
    for name in ("Kosovo", "UKdat", "NewOrl"):
        lists = table(name)
        floor = least_split(lists, times=500)
        assert lists.people <= floor.limit <= floor.value


def test_a_correction_for_missed_links_lowers_the_floor() -> None:
    lists = table("Kosovo")
    corrected, _, _, undo = without_errors(lists, {"": 0.2}, 0.0)
    assert least_split(corrected, times=500, undo=undo).limit < 0.9 * least_split(lists, times=500).limit


def test_one_list_has_no_floor() -> None:
    with pytest.raises(BadLists, match="there is one list, a floor needs two or more"):
        least_split(build_unchecked_lists(("a",), np.array([1]), np.array([30])))
