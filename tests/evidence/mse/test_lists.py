"""Tables of overlapping lists equal a count of individual rows; each limit holds exactly."""

from __future__ import annotations

import math
from collections import Counter
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kerege.evidence.mse.lists import (
    BadLists,
    Lists,
    check_number,
    check_setting,
    has_control_characters,
    validated_counts,
    validated_histories,
)

NAMES = ("A", "B", "C", "D")
# people, each as the set of lists that they are on
rows = st.lists(st.sets(st.sampled_from(NAMES), min_size=1).map(frozenset), min_size=1, max_size=40)


def history(person: frozenset[str]) -> int:
    return sum(1 << NAMES.index(name) for name in person)


@settings(max_examples=60, deadline=None)
@given(rows)
def test_a_table_counts_what_its_people_do(people: list[frozenset[str]]) -> None:
    people = [*people, *(frozenset({name}) for name in NAMES)]
    lists = Lists.of_people(map(history, people), NAMES)
    assert lists.people == len(people)
    assert lists.repeated == sum(len(person) > 1 for person in people)
    for j, name in enumerate(NAMES):
        assert lists.on(j) == sum(name in person for person in people)
    for pair in combinations(NAMES, 2):
        assert lists.on(history(frozenset(pair)), mask=True) == sum(person >= set(pair) for person in people)
    tally = Counter(map(history, people))
    assert lists.dense.tolist() == [tally[w] for w in range(16)]
    assert lists.histories.tolist() == sorted(tally)
    full = lists.with_empty()
    assert full.histories.tolist() == list(range(1, 16))
    assert full.counts.tolist() == [tally[w] for w in range(1, 16)]
    assert lists.resampled(lists.counts[None, :] * 3).tolist() == [[3 * tally[w] for w in range(16)]]


@settings(max_examples=60, deadline=None)
@given(rows)
def test_two_lists_are_the_same_if_nobody_is_on_one_alone(people: list[frozenset[str]]) -> None:
    people = [*people, frozenset(NAMES)]
    lists = Lists.of_people(map(history, people), NAMES)
    same = [
        pair for pair in combinations(NAMES, 2) if all((pair[0] in person) == (pair[1] in person) for person in people)
    ]
    assert lists.same == (same[0] if same else None)


@pytest.mark.parametrize("char", ["\x07", "\u200f", "\ud800", "\u2028", "\u2029"], ids=["Cc", "Cf", "Cs", "Zl", "Zp"])
def test_a_name_has_no_character_that_changes_a_terminal_or_a_line(char: str) -> None:
    assert has_control_characters(f"hot{char}line")
    with pytest.raises(BadLists, match="control characters"):
        Lists([1, 2, 4, 7], [1, 1, 1, 1], ["A", "B", f"C{char}"])


@pytest.mark.parametrize("name", ["hotline", "Қызылорда", "list 1", "a-b_c", "№ 5"])
def test_letters_digits_spaces_and_signs_are_allowed_in_a_name(name: str) -> None:
    assert not has_control_characters(name)


@pytest.mark.parametrize(
    ("value", "exclusive", "is_valid"),
    [
        (1, False, True),
        (3, False, True),
        (1.0, True, False),
        (3.0, True, False),
        (1.0001, True, True),
        (2.9999, True, True),
        (0.9999, False, False),
        (3.0001, False, False),
        (math.nan, False, False),
    ],
)
def test_a_setting_may_equal_its_limits_unless_they_are_excluded(value: float, exclusive: bool, is_valid: bool) -> None:
    if is_valid:
        check_setting("it", value, 1, 3, exclusive=exclusive)
    else:
        with pytest.raises(BadLists, match="it is"):
            check_setting("it", value, 1, 3, exclusive=exclusive)


def test_a_setting_without_an_upper_limit_is_finite() -> None:
    check_setting("it", 10**9, 1)
    with pytest.raises(BadLists, match="it is inf, give a number from 1 on"):
        check_setting("it", math.inf, 1)


@pytest.mark.parametrize(("lists", "is_valid"), [(2, False), (3, True), (10, True), (11, False)])
def test_the_methods_take_three_to_ten_lists(lists: int, is_valid: bool) -> None:
    if is_valid:
        check_number(lists)
    else:
        with pytest.raises(BadLists, match=f"^{lists} lists, "):
            check_number(lists)


def test_one_list_is_named_in_the_singular() -> None:
    with pytest.raises(BadLists, match=r"^1 list, "):
        check_number(1)


def test_a_table_holds_at_most_a_hundred_million_people() -> None:
    most = [99_999_997, 1, 1, 1]
    assert validated_counts([most], 4).sum() == 100_000_000
    with pytest.raises(BadLists, match="more than 100,000,000 people"):
        validated_counts([[99_999_998, 1, 1, 1]], 4)


def test_the_noise_of_a_count_is_from_0_to_10_000_people() -> None:
    table = [1, 2, 4, 7], [5, 5, 5, 5], ["A", "B", "C"]
    assert [Lists(*table, noise=noise).noise for noise in (0, 10_000)] == [0.0, 10_000.0]
    for noise in (-0.1, 10_000.1):
        with pytest.raises(BadLists, match="the noise is"):
            Lists(*table, noise=noise)


@pytest.mark.parametrize(
    ("histories", "message"),
    [
        ([], "no histories"),
        ([[1, 2]], "no histories"),
        ([1, 2, 4.5], "not a whole number"),
        (["1", "2"], "not a whole number"),
        ([1, 2, -4], "negative"),
        ([1, 2, 4, 0], r"histories\[3\] is 0"),
        ([1, 2, 4, 7, 2], r"histories\[1\] and histories\[4\] are both 2"),
        ([1, 4, 5], "nobody is on list 2"),
    ],
)
def test_histories_are_distinct_bitmasks_in_which_every_list_occurs(histories: list[object], message: str) -> None:
    with pytest.raises(BadLists, match=message):
        validated_histories(histories)


def test_an_unobserved_history_without_people_is_left_out() -> None:
    lists = Lists([0, 1, 2, 4, 7], [0, 1, 2, 3, 4])
    assert (lists.histories.tolist(), lists.people, lists.names) == ([1, 2, 4, 7], 10, ("A", "B", "C"))
    with pytest.raises(BadLists, match="on no list"):
        Lists([0, 1, 2, 4, 7], [1, 1, 2, 3, 4])


@pytest.mark.parametrize(
    ("counts", "message"),
    [
        ([[1, 2, 3]], r"counts of shape \(1, 3\), give one column for each of the 4 histories"),
        ([[1, 2], [1, 2, 3, 4]], "rows of counts of different length"),
        ([["1", "2", "3", "4"]], "a count is not a number"),
        ([[1, 2, 3, math.nan]], "missing or infinite"),
        ([[1, 2, 3, math.inf]], "missing or infinite"),
        ([[1, 2, 3, 0.5]], "a fraction"),
        ([[1, 2, 3, -1]], "negative"),
        ([[0, 0, 0, 0]], "nobody is on any list, "),
        ([[1, 0, 0, 0], [0, 0, 0, 0]], r"nobody is on any list in counts\[1\]"),
    ],
)
def test_counts_are_whole_numbers_of_people(counts: list[list[object]], message: str) -> None:
    with pytest.raises(BadLists, match=message):
        validated_counts(counts, 4)
    assert validated_counts(np.array([[1.0, 2.0, 0.0, 0.0]]), 4).dtype == np.int64
