"""Missed and false links: what they do to a table is undone in expectation."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import combinations, permutations

import numpy as np
import pytest

from kerege.evidence.mse import BadLists, Lists, bootstrap, correct_linkage_errors, fit, rank_by_bic
from kerege.evidence.mse.linkage_errors.correction import mixed, relinked, transition
from kerege.evidence.mse.lists import unchecked
from kerege.evidence.mse.loglinear.bic_selection import bic_many, rank_models
from kerege.evidence.mse.loglinear.bootstrap import resampled
from kerege.evidence.mse.panels.sensitivity import point

from .tables import table

MEASURED = {  # PREVALENCE 6: median stepwise estimate over that of the table, by (missed, false)
    "UKdat": {(0, 0.01): 0.97, (0, 0.02): 0.94, (0.1, 0.01): 1.14, (0.1, 0): 1.19, (0.2, 0): 1.35},
    "UKdat_5": {(0, 0.01): 0.96, (0, 0.02): 0.91, (0.1, 0.01): 1.12, (0.1, 0): 1.18, (0.2, 0): 1.33},
    "Ned_5": {(0, 0.01): 0.82, (0, 0.02): 0.67, (0.1, 0.01): 0.89, (0.1, 0): 1.12, (0.2, 0): 1.28},
}


def permuted(lists: Lists, order: Sequence[int]) -> Lists:
    """The same people with the lists in another order."""
    histories = [sum(((w >> old) & 1) << new for new, old in enumerate(order)) for w in lists.histories.tolist()]
    return Lists(histories, lists.counts, [lists.names[old] for old in order])


def test_missed_links_are_the_published_formula() -> None:
    """Ding and Fienberg 1994: E n11* = (1 - miss) n11; the records of the others stand alone."""
    lists = Lists([1, 2, 3, 4, 7], [500, 300, 200, 1, 1], ["A", "B", "C"])
    matrix = transition(lists, 0.1, 0.0)
    assert matrix[3, 3] == pytest.approx(0.9)
    assert matrix[1, 3] == matrix[2, 3] == pytest.approx(0.1)


def test_a_false_link_ties_any_two_records_that_stand_alone_on_different_lists() -> None:
    """Against all such pairs of records, written out one by one."""
    lists = Lists([1, 2, 4, 3], [40, 20, 10, 5], ["A", "B", "C"])
    records = np.repeat([1, 2, 4], [40, 20, 10])
    together = Counter(int(a | b) for a, b in combinations(records, 2) if a != b)
    links = 0.05 * len(records) / 2  # each takes two records, and 5% of the records are taken
    after = transition(lists, 0, 0.05) @ lists.dense
    for both, pairs in together.items():
        assert after[both] - lists.dense[both] == pytest.approx(links * pairs / together.total())
    assert after[[1, 2, 4]].sum() == pytest.approx(0.95 * len(records))


def test_the_rate_is_what_a_sample_of_the_links_tells() -> None:
    """L false ones of the people on two lists, S people left on one: 2 L / (S + 2 L)."""
    lists = table("UKdat")
    singles = np.bitwise_count(np.arange(64)) == 1
    after = transition(lists, 0, 0.013) @ lists.dense
    links = (after - lists.dense)[np.bitwise_count(np.arange(64)) == 2].sum()
    assert 2 * links / (after[singles].sum() + 2 * links) == pytest.approx(0.013)


@pytest.mark.parametrize("name", ["Ned_5", "UKdat_5", "Kosovo"])
def test_the_order_of_the_lists_has_no_part_in_it(name: str) -> None:
    lists = table(name)
    orders = [range(lists.number)[::-1], *list(permutations(range(lists.number)))[1::17]]
    own = correct_linkage_errors(lists, 0.1, 0.01).lists
    for order in orders:
        other = correct_linkage_errors(permuted(lists, order), 0.1, 0.01).lists
        assert other.dense.tolist() == permuted(own, order).dense.tolist()


@pytest.mark.parametrize("name", MEASURED)
def test_simulated_errors_move_the_estimate_as_measured(name: str) -> None:
    lists = table(name)
    for (miss, false), ratio in MEASURED[name].items():
        middle = np.median([point(made)[0] for made in relinked(lists, miss, false, 150)])
        # a median of 200 there and of 150 here: 0.005 to 0.01 each, and two digits
        assert middle / point(lists)[0] == pytest.approx(ratio, abs=0.03), (miss, false)


def test_every_record_of_a_person_stays_in_the_table() -> None:
    lists = table("UKdat")
    matrix = transition(lists, 0.15, 0.02)
    for j in range(lists.number):
        on = (np.arange(len(matrix)) >> j) & 1
        assert on @ matrix[:, 1:] == pytest.approx(on[1:])


def test_simulated_linkage_has_the_expected_table_and_the_correction_undoes_it() -> None:
    lists = table("UKdat_5")
    drawn = relinked(lists, 0.1, 0.01, 400, seed=2)
    mean = np.mean([made.dense for made in drawn], axis=0)
    expected = transition(lists, 0.1, 0.01) @ lists.dense
    assert np.abs(mean - expected)[1:].max() < 1.5
    rounded = Lists(np.arange(1, 32), np.rint(expected[1:]).astype(int), lists.names)
    back = correct_linkage_errors(rounded, 0.1, 0.01)
    assert np.abs(back.expected - lists.dense)[1:].max() < 1
    assert back.lists.people == pytest.approx(lists.people, abs=2)


def test_overlaps_that_false_links_alone_would_make_are_counted_as_nobody() -> None:
    found = correct_linkage_errors(table("Ned_5"), 0, 0.02)
    assert found.removed == pytest.approx(-found.expected[found.expected < 0].sum())
    assert found.removed > 1
    assert found.lists.people == pytest.approx(found.expected.sum() + found.removed, abs=0.5)


def test_no_errors_change_nothing() -> None:
    lists = table("UKdat")
    assert np.array_equal(correct_linkage_errors(lists, 0, 0).lists.dense, lists.dense)
    assert correct_linkage_errors(lists, 0, 0).removed == pytest.approx(0)
    assert all(np.array_equal(made.dense, lists.dense) for made in relinked(lists, 0, 0, 2))


def test_limits_after_a_correction_are_as_far_apart_as_the_estimates_that_errors_make() -> None:
    """Against the whole experiment again: people drawn, links missed, table corrected, estimate made."""
    lists, miss = table("UKdat_5"), 0.3
    rng = np.random.default_rng(3)
    again = []
    for seed, people in enumerate(resampled(lists, 300, rng)):
        seen = relinked(Lists(lists.histories, people, lists.names), miss, 0, 1, seed)[0]
        again.append(fit(correct_linkage_errors(seen, miss, 0).lists).estimate)
    counted = relinked(lists, miss, 0, 1)[0]
    found = correct_linkage_errors(counted, miss, 0)
    proper = bootstrap(found.lists, "independence", times=2000, undo=found.undo)
    as_counted = bootstrap(found.lists, "independence", times=2000)
    assert np.std(proper.replicates) == pytest.approx(np.std(again), rel=0.12)
    assert np.std(as_counted.replicates) < 0.85 * np.std(again)
    assert proper.estimate == as_counted.estimate == pytest.approx(fit(found.lists).estimate)


def test_a_history_that_the_correction_empties_may_come_back_in_a_resample() -> None:
    lists = Lists([1, 2, 4, 3, 5, 6], [1500, 1500, 1500, 5, 40, 60])
    found = correct_linkage_errors(lists, 0, 0.01)
    assert 3 not in found.lists.histories
    drawn = found.undo(resampled(lists, 500, np.random.default_rng(1)))
    assert drawn[:, 2].max() > 0
    wanted = np.maximum(found.expected[lists.histories], 0)
    assert drawn.mean(axis=0) == pytest.approx(wanted, abs=4 * np.sqrt(1500 / 500))
    assert bootstrap(found.lists, times=200, undo=found.undo).estimate == pytest.approx(point(found.lists)[0])
    # BIC, whose models were fitted to lists without it: each resample against the same models fitted to it alone
    ranking = rank_by_bic(unchecked(lists.names, lists.histories, found.lists.dense[lists.histories]))
    back = drawn[drawn[:, 2] > 0]
    for people, estimate in zip(back, bic_many(ranking, back).estimates, strict=True):
        assert estimate == pytest.approx(rank_models(Lists(lists.histories, people), ranking.models).estimate, rel=1e-6)


def test_a_mixture_over_linked_tables_is_wider_and_has_no_bca() -> None:
    lists = table("UKdat_5")
    one = mixed([lists], times=2000).percentile(0.8)
    many = mixed(relinked(lists, 0.1, 0.01, 40), times=100)
    wide = many.percentile(0.8)
    assert wide.upper - wide.lower > one.upper - one.lower
    assert "not defined" in many.bca().warning
    assert sum(share for _, share in many.frequencies) == pytest.approx(1)


@pytest.mark.filterwarnings("error")
def test_rates_that_no_linkage_can_have_had_are_told_as_such() -> None:
    for miss, false in ((0.0, 0.8), (0.9, 0.9)):
        with pytest.raises(BadLists, match="cannot have made these lists, give smaller rates"):
            correct_linkage_errors(table("UKdat"), miss, false)


def test_rates_and_tables_are_checked() -> None:
    lists = table("UKdat")
    with pytest.raises(BadLists, match="missed links"):
        correct_linkage_errors(lists, 1.0, 0)
    with pytest.raises(BadLists, match="false links"):
        correct_linkage_errors(lists, 0, -0.1)
    with pytest.raises(BadLists, match="the smaller lists have not so many people"):
        transition(Lists([1, 2, 4, 7], [10_000, 5, 5, 30]), 0, 0.01)
    with pytest.raises(BadLists, match="same lists"):
        mixed([lists, table("UKdat_5")])
    with pytest.raises(BadLists, match="same lists"):
        mixed([])
