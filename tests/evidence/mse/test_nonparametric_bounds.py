"""Bounds and diagnostics without a model."""

from __future__ import annotations

from itertools import combinations, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kerege.evidence.mse import BadLists, Lists, coverage, lower_bound
from kerege.evidence.mse.lists import build_unchecked_lists
from kerege.evidence.mse.nonparametric_bounds import chao, pairwise
from tests.evidence.mse.tables import table


def test_bounds_of_the_uk_lists() -> None:
    lists = table("UKdat")
    assert lower_bound(lists) == pytest.approx(12254, abs=0.5)
    assert chao(lists) == pytest.approx(15628, abs=0.5)
    assert lists.repeated / lists.people == pytest.approx(0.092, abs=5e-4)
    assert chao(lists, corrected=True) < chao(lists)


def test_the_bound_is_exact_for_independent_lists_and_chao_is_too_high() -> None:
    shares = np.array([0.02, 0.1, 0.4, 0.25])
    histories = np.arange(1, 16)
    is_on = (histories[:, None] >> np.arange(4)) & 1
    means = 5_000_000 * np.prod(np.where(is_on, shares, 1 - shares), axis=1)
    lists = Lists(histories, np.rint(means).astype(int))
    assert lower_bound(lists) == pytest.approx(5_000_000, rel=1e-3)
    assert chao(lists) > 5_200_000


def test_coverage_and_pairs_follow_their_formulas() -> None:
    lists = Lists([1, 2, 4, 3, 7, 5], [10, 20, 30, 6, 4, 0])
    assert coverage(lists) == pytest.approx(1 - (10 / 20 + 20 / 30 + 30 / 34) / 3)
    first = pairwise(lists)[0]
    assert (first.names, first.both) == (("A", "B"), 10)
    assert first.chapman == pytest.approx(21 * 31 / 11 - 1)
    assert first.odds_ratio == pytest.approx(4.5 * 30.5 / (0.5 * 0.5))
    no_third = pairwise(Lists([1, 2, 3, 4], [5, 5, 5, 5]))[0]
    assert no_third.odds_ratio is not None


def test_bounds_need_people_on_exactly_two_lists() -> None:
    with pytest.raises(BadLists, match="exactly two lists"):
        lower_bound(Lists([1, 2, 4, 7], [5, 5, 5, 1]))
    with pytest.raises(BadLists, match="corrected form"):
        chao(Lists([1, 2, 4, 7], [5, 5, 5, 1]))


# -- published worked example ----------------------------------------------------------------------------------------

COTTONTAILS = [43, 16, 8, 6, 0, 2, 1]  # Edwards and Eberhardt 1967: rabbits caught exactly 1, 2, ..., 7 times


def lists_by_times_caught(frequencies: list[int]) -> Lists:
    """Return lists in which so many people are on exactly one list, on two, ...; who is on which is even."""
    histories, counts = [], []
    for times, number in enumerate(frequencies, 1):
        same_size = [w for w in range(1, 1 << len(frequencies)) if w.bit_count() == times]
        share, rest = divmod(number, len(same_size))
        histories += same_size
        counts += [share + (place < rest) for place in range(len(same_size))]
    return Lists(histories, counts)


def test_chaos_estimate_of_the_cottontail_rabbits_is_as_published() -> None:
    """Chao 1987: 76 of the 135 rabbits in a pen were caught, and the estimate is 134."""
    lists = lists_by_times_caught(COTTONTAILS)
    assert lists.people == 76
    assert round(chao(lists)) == 134
    assert chao(lists) == pytest.approx(76 + 43**2 / (2 * 16))
    assert chao(lists, corrected=True) == pytest.approx(76 + 43 * 42 / (2 * 17))


def test_spina_bifida_has_the_bounds_of_their_formulas() -> None:
    """Madigan and York 1997: 356 on one list (60, 49, 247), 258 on two (4, 112, 142), 12 on three."""
    lists = table("MadiganYork1997_spina_3list")
    alone = sorted(int(lists.dense[w]) for w in (1, 2, 4))
    assert alone == [49, 60, 247]
    assert lower_bound(lists) == pytest.approx(626 + (49 * 60 + 49 * 247 + 60 * 247) / 258)
    assert chao(lists) == pytest.approx(626 + 356**2 / (2 * 258))


# -- properties ------------------------------------------------------------------------------------------------------

CELLS = st.lists(st.integers(1, 60), min_size=15, max_size=15)


@settings(max_examples=30, deadline=None)
@given(CELLS, st.permutations(range(4)))
def test_the_order_of_the_lists_changes_no_bound(counts: list[int], order: list[int]) -> None:
    lists = Lists(range(1, 16), counts)
    turned = [sum(((w >> source) & 1) << place for place, source in enumerate(order)) for w in range(1, 16)]
    other = Lists(turned, counts)
    for bound in (lower_bound, chao, coverage):
        assert bound(other) == pytest.approx(bound(lists))


@settings(max_examples=30, deadline=None)
@given(CELLS)
def test_the_bound_for_unequal_lists_is_below_chaos_estimate(counts: list[int]) -> None:
    """The pairs of f_j sum to at most (1 - 1/t) f_1^2 / 2, with equality for lists of equal size."""
    lists = Lists(range(1, 16), counts)
    assert lists.people < lower_bound(lists)
    assert lower_bound(lists) - lists.people <= (1 - 1 / 4) * (chao(lists) - lists.people) * (1 + 1e-12)


@settings(max_examples=30, deadline=None)
@given(CELLS)
def test_the_coverage_is_the_mean_share_of_people_who_are_on_another_list_too(counts: list[int]) -> None:
    """Person by person: of the people on a list, those on a further list."""
    people = np.repeat(np.arange(1, 16), counts)
    shares = []
    for j in range(4):
        on_list = people[(people >> j) & 1 == 1]
        shares.append(np.mean([(w & (w - 1)) != 0 for w in on_list.tolist()]))
    assert coverage(Lists(range(1, 16), counts)) == pytest.approx(np.mean(shares))


@settings(max_examples=20, deadline=None)
@given(CELLS)
def test_pairs_count_people_as_a_search_of_all_people_does(counts: list[int]) -> None:
    people = np.repeat(np.arange(1, 16), counts)
    result = pairwise(Lists(range(1, 16), counts, ["a", "b", "c", "d"]))
    assert [pair.names for pair in result] == list(combinations("abcd", 2))
    for pair, (a, b) in zip(result, combinations(range(4), 2), strict=True):
        on_a, on_b = (people >> a) & 1 == 1, (people >> b) & 1 == 1
        elsewhere = (people & ~((1 << a) | (1 << b))) != 0
        assert pair.both == (on_a & on_b).sum()
        assert pair.chapman == pytest.approx((on_a.sum() + 1) * (on_b.sum() + 1) / (pair.both + 1) - 1)
        cells = [(elsewhere & (on_a == x) & (on_b == y)).sum() + 0.5 for x, y in product((True, False), repeat=2)]
        assert pair.odds_ratio == pytest.approx(cells[0] * cells[3] / (cells[1] * cells[2]))


def test_two_lists_without_a_third_have_no_odds_ratio() -> None:
    two = build_unchecked_lists(("A", "B"), np.array([1, 2, 3]), np.array([80, 60, 20]))
    (pair,) = pairwise(two)
    assert pair.odds_ratio is None
    assert pair.chapman == pytest.approx(101 * 81 / 21 - 1)
    assert lower_bound(two) == pytest.approx(160 + 80 * 60 / 20)  # Lincoln and Petersen
    assert lower_bound(two) == pytest.approx(100 * 80 / 20)


def test_chapmans_estimate_is_unbiased_if_the_lists_hold_all_people_together() -> None:
    """Chapman 1951: unbiased if the two sizes sum to at least N. Here all draws of 3 and 4 of 6 people."""
    estimates = []
    for first in combinations(range(6), 3):
        for second in combinations(range(6), 4):
            both = len(set(first) & set(second))
            counts = [3 - both, 4 - both, both]
            (pair,) = pairwise(build_unchecked_lists(("A", "B"), np.array([1, 2, 3]), np.array(counts)))
            estimates.append(pair.chapman)
    assert np.mean(estimates) == pytest.approx(6)
