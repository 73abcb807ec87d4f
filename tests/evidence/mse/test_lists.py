"""Tables of overlapping lists equal a count of individual rows; each limit holds exactly."""

from __future__ import annotations

import math
from collections import Counter
from itertools import combinations
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kerege.base.errors import BadInput
from kerege.evidence.mse.lists import (
    BadLists,
    Lists,
    check_number,
    check_setting,
    drop_unobserved,
    has_control_characters,
    lists_error,
    number_of_lists,
    validate_counts,
    validate_histories,
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
        with pytest.raises(BadLists, match="fewer than three lists" if lists < 3 else "number of lists is 11"):
            check_number(lists)


def test_a_table_holds_at_most_a_hundred_million_people() -> None:
    most = [99_999_997, 1, 1, 1]
    assert validate_counts([most], 4).sum() == 100_000_000
    with pytest.raises(BadLists, match="more than 100,000,000 people"):
        validate_counts([[99_999_998, 1, 1, 1]], 4)


def test_the_noise_of_a_count_is_from_0_to_10_000_people() -> None:
    table = [1, 2, 4, 7], [5, 5, 5, 5], ["A", "B", "C"]
    assert [Lists(*table, noise=noise).noise for noise in (0, 10_000)] == [0.0, 10_000.0]
    for noise in (-0.1, 10_000.1):
        with pytest.raises(BadLists, match="the noise is"):
            Lists(*table, noise=noise)


@pytest.mark.parametrize(
    ("histories", "message"),
    [
        ([], "there is no history"),
        ([[1, 2]], "there is no history"),
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
        validate_histories(histories)


def test_an_unobserved_history_without_people_is_left_out() -> None:
    lists = Lists([0, 1, 2, 4, 7], [0, 1, 2, 3, 4])
    assert (lists.histories.tolist(), lists.people, lists.names) == ([1, 2, 4, 7], 10, ("A", "B", "C"))
    with pytest.raises(BadLists, match="on no list"):
        Lists([0, 1, 2, 4, 7], [1, 1, 2, 3, 4])


@pytest.mark.parametrize(
    ("counts", "message"),
    [
        ([[1, 2, 3]], r"counts have the shape \(1, 3\), give one column for each of the 4 histories"),
        ([[1, 2], [1, 2, 3, 4]], "the rows of counts differ in length"),
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
        validate_counts(counts, 4)
    assert validate_counts(np.array([[1.0, 2.0, 0.0, 0.0]]), 4).dtype == np.int64


# -- a table in any form ---------------------------------------------------------------------------------------------

TABLES = st.lists(st.integers(0, 9), min_size=15, max_size=15).filter(
    lambda counts: all(sum(n for w, n in enumerate(counts, 1) if (w >> j) & 1) for j in range(4))
)


@settings(max_examples=40, deadline=None)
@given(TABLES, st.permutations(range(15)))
def test_rows_in_any_order_make_the_same_lists(counts: list[int], order: list[int]) -> None:
    first = Lists(range(1, 16), counts, NAMES)
    second = Lists([place + 1 for place in order], [counts[place] for place in order], NAMES)
    assert first.histories.tolist() == second.histories.tolist() == [w for w, n in enumerate(counts, 1) if n]
    assert first.counts.tolist() == second.counts.tolist() == [n for n in counts if n]


@settings(max_examples=40, deadline=None)
@given(TABLES, st.integers(0, 15))
def test_people_on_all_lists_of_a_mask_are_those_of_its_supersets(counts: list[int], mask: int) -> None:
    lists = Lists(range(1, 16), counts)
    assert lists.on(mask, mask=True) == sum(n for w, n in enumerate(counts, 1) if w & mask == mask)
    assert lists.people == lists.on(0, mask=True)
    if mask < 4:
        assert lists.on(mask) == lists.on(1 << mask, mask=True)


@pytest.mark.parametrize(("number", "mask", "limit"), [(4, False, 3), (-1, False, 3), (16, True, 15), (1.0, False, 3)])
def test_a_list_that_does_not_exist_has_no_people(number: float, mask: bool, limit: int) -> None:
    lists = Lists([1, 2, 4, 8], [1, 1, 1, 1])
    with pytest.raises(BadLists, match=f"give a whole number from 0 to {limit}"):
        lists.on(number, mask=mask)  # type: ignore[arg-type]


def test_lists_have_letters_for_names_by_default() -> None:
    histories = [1 << j for j in range(10)]
    assert Lists(histories, [1] * 10).names == tuple("ABCDEFGHIJ")
    assert Lists(histories[:3], [1] * 3).names == ("A", "B", "C")
    assert Lists(histories[:3], [1] * 3, ["x", "y", "z"]).number == 3


def test_a_list_without_people_is_refused_by_its_name() -> None:
    for counts in ([1, 1, 0], [1, 1, 0, 0]):
        histories = [1, 2, 4, 5][: len(counts)]
        with pytest.raises(BadLists, match=r"^nobody is on list hotline, leave it out$"):
            Lists(histories, counts, ["police", "shelter", "hotline"])


def test_with_all_histories_the_noise_and_the_names_stay() -> None:
    lists = Lists([1, 2, 4, 7], [4, 3, 2, 1], ["x", "y", "z"], noise=2.5)
    full = lists.with_empty()
    assert (full.names, full.noise, full.people, full.repeated) == (("x", "y", "z"), 2.5, 10, 1)
    assert (full.dense == lists.dense).all()
    assert lists.dense[0] == full.dense[0] == 0


def test_the_first_repeated_pair_of_lists_is_named() -> None:
    assert Lists([1, 6, 7], [5, 5, 5], ["x", "y", "z"]).same == ("y", "z")
    assert Lists([3, 4, 7], [5, 5, 5], ["x", "y", "z"]).same == ("x", "y")
    assert Lists([1, 6, 7, 2], [5, 5, 5, 1], ["x", "y", "z"]).same is None


def test_a_dense_table_may_have_an_empty_column_of_unobserved_people() -> None:
    histories, counts = drop_unobserved([0, 1, 2], [[0, 5, 6], [0, 7, 8]])
    assert (list(histories), np.asarray(counts).tolist()) == ([1, 2], [[5, 6], [7, 8]])
    for bad in ([[0, 5, 6], [1, 7, 8]], [[0, 5]], [0, 5, 6], [[1], [1, 2]]):
        assert drop_unobserved([0, 1, 2], bad)[1] is bad  # unchanged, so that the checks report the fault


def test_the_highest_bit_is_the_number_of_lists() -> None:
    assert [number_of_lists(np.array(histories)) for histories in ([1], [5], [4, 9], [])] == [1, 3, 4, 0]


@pytest.mark.parametrize(
    ("value", "options", "message"),
    [
        ("3", {}, "it is not a number, give a number from 1,000 on"),
        (None, {"integer": True}, "it is not a whole number, give a whole number from 1,000 on"),
        (1000.5, {"integer": True}, "it is 1000.5, give a whole number from 1,000 on"),
        (999, {"most": 2000}, "it is 999, give a number from 1,000 to 2,000"),
        (2000, {"most": 2000, "exclusive": True}, "it is 2000, give a number above 1000 and below 2000"),
        (True, {"integer": True}, "it is True, give a whole number from 1,000 on"),
    ],
)
def test_the_message_of_a_setting_states_what_to_give(value: object, options: dict[str, Any], message: str) -> None:
    with pytest.raises(BadLists) as caught:
        check_setting("it", value, 1000, **options)
    assert str(caught.value) == message


def test_an_error_of_lists_is_a_value_error_with_one_fault() -> None:
    error = lists_error("what is wrong", "what to do", row=3, column="A", file="lists.csv")
    assert isinstance(error, BadInput)
    assert isinstance(error, ValueError)
    assert str(error) == "lists.csv: row 3, column A: what is wrong, what to do"
    assert len(error.faults) == 1


def test_lists_show_their_names_and_their_people() -> None:
    lists = Lists([1, 2, 4, 3, 7], [1200, 30, 20, 5, 2], ["police", "shelter", "hotline"])
    assert repr(lists) == "Lists(police, shelter, hotline; 1,257 people, 7 on two or more)"
    assert repr(Lists([1, 2, 4], [9, 8, 7], noise=1.5)) == "Lists(A, B, C; 24 people, 0 on two or more, noise=1.5)"
