"""The known-list check repeats the estimate on the people of each list."""

from __future__ import annotations

import math

import pytest

from kerege.evidence.mse.headline.known_lists import KnownList, check_known_lists, worst_known_list
from kerege.evidence.mse.lists import Lists
from kerege.evidence.mse.loglinear.stepwise_selection import select_stepwise
from tests.evidence.mse.tables import table


def test_a_list_is_estimated_from_the_others() -> None:
    lists = table("Kosovo")
    of_first = {
        history >> 1: count
        for history, count in zip(lists.histories.tolist(), lists.counts.tolist(), strict=True)
        if history & 1 and history > 1
    }
    expected = select_stepwise(Lists(list(of_first), list(of_first.values()))).estimate
    checks = check_known_lists(lists)
    assert [check.name for check in checks] == list(lists.names)
    assert checks[0].estimated == expected
    assert checks[0].known == lists.on(0)


def test_three_lists_have_no_check() -> None:
    assert check_known_lists(table("Korea")) == []


def test_the_worst_check_is_the_one_farthest_from_its_size() -> None:
    checks = [KnownList("a", 90.0, 100), KnownList("b", 250.0, 100), KnownList("c", math.inf, 100)]
    assert worst_known_list(checks) == checks[1]
    assert worst_known_list(checks[2:]) is None


@pytest.mark.parametrize("name", ["UKdat", "Australia"])
def test_lists_with_few_overlaps_are_left_out_or_infinite(name: str) -> None:
    assert all(check.known > 0 for check in check_known_lists(table(name)))
