"""What is no table of overlapping lists is refused in one clear sentence, and never becomes a number."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from kerege.evidence.prevalence import BadLists, Lists, stepwise_many
from kerege.standard.faults import BadInput

GOOD = [1, 2, 4, 3, 5, 6]
BAD = [
    ([1, 2, 3], [[5, 6, 7]], "2 lists, these methods need three or more"),
    ([1], [[5]], "1 list, these"),
    ([], [[]], "no histories"),
    ([1, 2, 8, 3, 9, 10], [[1] * 6], "nobody is on list 3, leave it out"),
    (GOOD, [[1, 2, 3, 4, 5, -6]], "a count is negative"),
    (GOOD, [[1, 2, 3, 4, 5, 0.5]], "a count is a fraction"),
    (GOOD, [[1, 2, 3, 4, 5, np.nan]], "a count is missing or infinite"),
    (GOOD, [[1, 2, 3, 4, 5, np.inf]], "a count is missing or infinite"),
    (GOOD, [["1", "2", "3", "4", "5", "6"]], "a count is not a number"),
    (GOOD, [[1, 2, 3]], "give one column for each of the 6 histories"),
    (GOOD, [[1, 2, 3], [4, 5]], "rows of counts of different length, give 6 counts a row"),
    (GOOD, [[0] * 6], "nobody is on any list"),
    (GOOD, [[10**9, 2, 3, 4, 5, 6]], "more than 100,000,000 people"),
    (GOOD, [[2**62, 2**62, 3, 4, 5, 6]], "more than 100,000,000 people"),
    ([*GOOD, 3], [[1] * 7], "the history 110 stands in the table twice"),
    ([0, *GOOD], [[1] * 7], "history 1 is on no list"),
    ([-1, *GOOD], [[1] * 7], "negative"),
    ([0.5, *GOOD], [[1] * 7], "whole number"),
    ([1 << j for j in range(15)], [[1] * 15], "15 lists, join lists"),
]


@pytest.mark.parametrize(("histories", "counts", "said"), BAD)
def test_refused_in_one_sentence(histories: Any, counts: Any, said: str) -> None:
    with pytest.raises(ValueError, match=said) as caught:
        stepwise_many(histories, counts)
    assert isinstance(caught.value, BadInput)
    assert "\n" not in str(caught.value)


def test_the_threshold_and_the_way_with_empty_lists_are_checked() -> None:
    with pytest.raises(BadLists, match="threshold"):
        stepwise_many(GOOD, [[1] * 6], 2)
    with pytest.raises(BadLists, match="empty_list"):
        stepwise_many(GOOD, [[1] * 6], empty_list="other")


def test_lists_of_a_table() -> None:
    with pytest.raises(BadLists, match="give one column"):
        Lists.of(GOOD, [[1] * 6])
    with pytest.raises(BadLists, match="nobody is on list C"):
        Lists.of([1, 2, 3, 4], [1, 2, 3, 0], ["A", "B", "C"])
    with pytest.raises(BadLists, match="two lists are called A"):
        Lists.of([1, 2, 4, 7], [1, 2, 3, 4], ["A", "A", "C"])
    for name, told in (("A\x1b[2J", "x1b"), ("A\u202e", "u202e"), ("A\0", "x00"), ("A\ud800", "ud800")):
        with pytest.raises(BadLists, match=f"control characters in its name: .*{told}"):
            Lists.of([1, 2, 4, 7], [1, 2, 3, 4], [name, "B", "C"])
    with pytest.raises(BadLists, match="name every list"):
        Lists.of([1, 2, 4, 8], [1, 2, 3, 4], ["A", "B", "C"])
    lists = Lists.of_people([1, 1, 3, 4, 6, 1], ["A", "B", "C"])
    assert (lists.people, lists.repeated, lists.on(1), lists.on(6, mask=True)) == (6, 2, 2, 1)
