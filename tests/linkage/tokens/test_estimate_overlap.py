"""Overlap of lists: sums, probabilities, rates and intervals, each computed again from its formula."""

from __future__ import annotations

import math
from collections import Counter
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kerege.base.errors import Refused
from kerege.linkage.tokens import estimate_overlap, link_error_rates
from kerege.linkage.tokens.link_error_rates import LinkageErrors
from kerege.linkage.tokens.overlap_counts import check_shared, count_shared, counts_of_lists, overlap_table

NAMES = ["police", "shelter", "consulate"]


# -- counts by capture history -----------------------------------------------------------------------------------------
def people(counts: list[int]) -> list[tuple[int, ...]]:
    """Return each person as the lists on which they are, from counts by history 1, 2, ..."""
    lists = (len(counts) + 1).bit_length() - 1
    return [
        tuple(position for position in range(lists) if history >> position & 1)
        for history, count in enumerate(counts, 1)
        for _ in range(count)
    ]


@settings(max_examples=40, deadline=None)
@given(counts=st.lists(st.integers(0, 4), min_size=7, max_size=7))
def test_counts_of_some_lists_and_of_shared_persons_are_those_of_counting_each_person(counts: list[int]) -> None:
    persons = people(counts)
    assert count_shared(np.array(counts), 3) == [
        sum(position in person and len(person) > 1 for person in persons) for position in range(3)
    ]
    for chosen in ([0], [2, 0], [1, 2], [2, 1, 0]):
        on = Counter(sum(1 << place for place, p in enumerate(chosen) if p in person) for person in persons)
        expected = [on[history] for history in range(1, 1 << len(chosen))]
        names = [NAMES[position] for position in chosen]
        assert counts_of_lists(NAMES, np.array(counts), names).tolist() == expected


def test_a_list_must_share_fifteen_persons_with_the_others() -> None:
    check_shared(["a", "b"], np.array([0, 0, 15]))
    with pytest.raises(Refused, match="the list a shares too few"):
        check_shared(["a", "b"], np.array([99, 99, 14]))
    # the third list shares 14 persons: 10 with the first and 4 with both
    with pytest.raises(Refused, match="the list c shares too few"):
        check_shared(["a", "b", "c"], np.array([1, 1, 40, 500, 10, 0, 4]))
    check_shared(["a", "b", "c"], np.array([1, 1, 40, 500, 10, 1, 4]))


def test_a_table_of_the_overlap_has_a_row_for_each_history_and_its_noise_in_four_digits() -> None:
    table = overlap_table(["a", "b"], np.array([4, 3, 2]), 2.812345)
    assert table.columns == ["a", "b", "count", "noise"]
    assert table.rows() == [(1, 0, 4, 2.8123), (0, 1, 3, 2.8123), (1, 1, 2, 2.8123)]


@pytest.mark.parametrize(
    ("together", "owner", "lists", "expected"),
    [
        ([0, 1, 2], [0, 1, 1], 2, [1, 2, 0]),
        ([0, 1, 0], [0, 0, 1], 2, [1, 0, 1]),
        ([0, 1, 0, 0, 1], [0, 0, 1, 2, 2], 3, [0, 0, 0, 0, 1, 0, 1]),
    ],
)
def test_a_history_holds_the_lists_of_all_persons_of_a_cluster(
    together: list[int], owner: list[int], lists: int, expected: list[int]
) -> None:
    histories = estimate_overlap._count_histories(np.array(together), np.array(owner), lists)
    assert histories.tolist() == expected


# -- the sum with a cap ------------------------------------------------------------------------------------------------
@settings(max_examples=80, deadline=None)
@given(
    pairs=st.lists(
        st.tuples(st.integers(0, 4), st.integers(5, 9), st.sampled_from([0.1, 0.4, 0.5, 0.75, 1.0])), max_size=12
    )
)
def test_a_person_counts_at_most_once_in_a_sum_from_the_most_likely_pair_on(
    pairs: list[tuple[int, int, float]],
) -> None:
    pairs.sort(key=lambda pair: -pair[2])
    left, right, p = (np.array([pair[k] for pair in pairs], kind) for k, kind in enumerate((int, int, float)))
    rest = dict.fromkeys(range(10), 1.0)
    expected = 0.0
    for one, other, probability in pairs:
        used = min(probability, rest[one], rest[other])
        rest[one] -= used
        rest[other] -= used
        expected += used
    assert link_error_rates._sum_capped(p, left, right) == pytest.approx(expected)


def test_one_more_person_changes_a_sum_by_at_most_one() -> None:
    left, right, p = np.zeros(50, int), np.arange(1, 51), np.full(50, 0.9)
    assert link_error_rates._sum_capped(p, left, right) == pytest.approx(1.0)
    assert link_error_rates._sum_capped(np.zeros(0), np.zeros(0, int), np.zeros(0, int)) == 0.0


# -- expected pairs ----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("all_", "names", "dates", "both", "expected"),
    [
        # Chapman's missing cell of two captures is n10 n01 / (n11 + 1), here 1.15 times as large
        (95.0, 90.0, 80.0, 75.0, 75 + 15 + 5 + 1.15 * 15 * 5 / 76),
        # the pairs that were seen are never fewer than expected
        (200.0, 90.0, 80.0, 75.0, 200.0),
        # few pairs in both captures: the ratio of names alone, or of dates alone, is capped at 1.5
        (0.0, 100.0, 10.0, 0.0, 110 + 1.15 * 100 * 10 / (100 / 1.5)),
        (0.0, 10.0, 100.0, 0.0, 110 + 1.15 * 100 * 10 / (100 / 1.5)),
        (0.0, 1.0, 1.0, 0.0, 2 + 1.15 * 1 * 1 / 1),
        (0.0, 0.0, 0.0, 0.0, 0.0),
    ],
)
def test_the_expected_pairs_add_those_that_neither_capture_saw(
    all_: float, names: float, dates: float, both: float, expected: float
) -> None:
    assert link_error_rates._estimate_true_pairs(all_, names, dates, both) == pytest.approx(expected)


@pytest.mark.parametrize("shared", [0, 14, 15, 16, 500])
def test_the_probability_of_a_pair_follows_bayes_with_a_prior_of_the_shared_persons(shared: int) -> None:
    """Prior odds are shared / (n1 n2), of 15 persons or more; a pair without given names can be relatives."""
    evidence, unnamed, sizes = np.array([-3.0, 8.0, 20.0, 20.0]), np.array([False, True, False, True]), (1_000, 400)
    p = link_error_rates._match_probabilities(evidence, unnamed, np.array(sizes), shared)
    persons = max(15, shared)
    for row, (bits, is_unnamed) in enumerate(zip(evidence, unnamed, strict=True)):
        odds = 2**bits * persons / (sizes[0] * sizes[1])
        relatives = 0.006 * 400 / persons if is_unnamed else 0.0
        assert p[row] == pytest.approx(odds / (odds + 1 + odds * relatives))


# -- rates and their intervals -----------------------------------------------------------------------------------------
def errors(**parts: float) -> LinkageErrors:
    """Return errors of 20 false and 30 missed links: twice and 1.25 times those of the model."""
    values = {"links": 200.0, "wrong": 20.0, "missing": 30.0, "second": 500.0} | parts
    values |= {"wrong": values["wrong"] / 2, "missing": values["missing"] / 1.25}
    return LinkageErrors(("a", "b"), **values)


def test_rates_are_shares_of_the_linked_and_of_the_real_persons() -> None:
    example = errors()
    assert example.real == pytest.approx(200 - 20 + 30)
    assert example.missed == pytest.approx(30 / 210)
    assert example.false == pytest.approx(20 / 200)
    assert example.false_per_record == pytest.approx(20 / (500 - 210))


@pytest.mark.parametrize(
    ("parts", "real", "missed", "false", "per_record"),
    [
        ({"wrong": -5.0}, 230.0, 30 / 230, 0.0, 0.0),
        ({"missing": -5.0}, 180.0, 0.0, 0.1, 20 / 320),
        ({"links": 0.0, "wrong": 0.0, "missing": 0.0}, 0.0, 0.0, 0.0, 0.0),
        ({"links": 10.0, "wrong": 30.0, "missing": 5.0}, 5.0, 1.0, 1.0, 30 / 495),
        ({"second": 210.0}, 210.0, 30 / 210, 0.1, 20.0),
        ({"second": 211.5}, 210.0, 30 / 210, 0.1, 20 / 1.5),
    ],
)
def test_noise_below_zero_counts_as_zero_and_no_rate_exceeds_one(
    parts: dict[str, float], real: float, missed: float, false: float, per_record: float
) -> None:
    example = errors(**parts)
    rates = (example.real, example.missed, example.false, example.false_per_record)
    assert rates == pytest.approx((real, missed, false, per_record))


@pytest.mark.parametrize(("wrong", "missing", "noise"), list(product((0.0, 20.0, 150.0), (0.0, 30.0), (0.0, 12.0))))
def test_an_interval_of_80_percent_spans_1_28_deviations_of_independent_errors(
    wrong: float, missing: float, noise: float
) -> None:
    """The quantile of 0.9 is 1.28, the uncertainty at least one person, upward a factor."""
    example = errors(wrong=wrong, missing=missing, noise=noise)

    def share(part: float, total: float) -> float:
        return min(1.0, max(0.0, part / total))

    real = 200 - wrong + missing
    off = 1.28 * math.sqrt((0.45 * missing) ** 2 + 0.45**2 * real + (1.25 * noise) ** 2 + 1)
    high = missing * math.exp(off / missing) if missing > off else missing + off * (math.e - 1)
    assert example.missed_between == pytest.approx((share(missing - off, real), share(high, real)))
    factor, by_noise = math.exp(1.28), 1.28**2 * ((2 * noise) ** 2 + 1) * math.exp(1.28)
    below = math.sqrt((wrong - wrong / factor) ** 2 + by_noise)
    above = math.sqrt((wrong * factor - wrong) ** 2 + by_noise)
    assert example.false_between == pytest.approx((share(wrong - below, 200), share(wrong + above, 200)))


def test_without_a_linked_person_an_interval_is_zero() -> None:
    example = errors(links=0.0, wrong=5.0, missing=0.0)
    assert example.false_between == example.missed_between == (0.0, 0.0)
