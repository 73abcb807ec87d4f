"""Linkage errors: published formula, simulation, and their correction in expectation."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import combinations, permutations

import numpy as np
import pytest

from kerege.evidence.mse import BadLists, Lists, bootstrap, correct_linkage_errors, fit, rank_by_bic
from kerege.evidence.mse.linkage_errors.correction import (
    bootstrap_linked_tables,
    build_transition_matrix,
    failure_probability_of,
    missed_link_matrix,
    simulate_linkage_errors,
)
from kerege.evidence.mse.lists import build_unchecked_lists
from kerege.evidence.mse.loglinear.bic_selection import bic_many, rank_models
from kerege.evidence.mse.loglinear.bootstrap import draw_resamples
from kerege.evidence.mse.panels.sensitivity import estimate_point
from tests.evidence.mse.tables import table

MEASURED = {  # ratio of the median stepwise estimate to that of the table, by (missed, false)
    "UKdat": {(0, 0.01): 0.97, (0, 0.02): 0.94, (0.1, 0.01): 1.14, (0.1, 0): 1.19, (0.2, 0): 1.35},
    "UKdat_5": {(0, 0.01): 0.96, (0, 0.02): 0.91, (0.1, 0.01): 1.12, (0.1, 0): 1.18, (0.2, 0): 1.33},
    "Ned_5": {(0, 0.01): 0.82, (0, 0.02): 0.67, (0.1, 0.01): 0.89, (0.1, 0): 1.12, (0.2, 0): 1.28},
}


def permuted(lists: Lists, order: Sequence[int]) -> Lists:
    """Return the same people with the lists in another order."""
    histories = [
        sum(((w >> source) & 1) << target for target, source in enumerate(order)) for w in lists.histories.tolist()
    ]
    return Lists(histories, lists.counts, [lists.names[source] for source in order])


def test_missed_links_follow_the_published_formula() -> None:
    """Ding and Fienberg 1994: E n11* = (1 - miss) n11; the other records are alone."""
    lists = Lists([1, 2, 3, 4, 7], [500, 300, 200, 1, 1], ["A", "B", "C"])
    matrix = build_transition_matrix(lists, 0.1, 0.0)
    assert matrix[3, 3] == pytest.approx(0.9)
    assert matrix[1, 3] == matrix[2, 3] == pytest.approx(0.1)


def test_false_links_join_any_two_single_records_of_different_lists() -> None:
    """Compare with all pairs of single records, written out."""
    lists = Lists([1, 2, 4, 3], [40, 20, 10, 5], ["A", "B", "C"])
    records = np.repeat([1, 2, 4], [40, 20, 10])
    pairs_by_history = Counter(int(a | b) for a, b in combinations(records, 2) if a != b)
    links = 0.05 * len(records) / 2  # each link takes two records, and 5% of the records are linked
    after = build_transition_matrix(lists, 0, 0.05) @ lists.dense
    for both, pairs in pairs_by_history.items():
        assert after[both] - lists.dense[both] == pytest.approx(links * pairs / pairs_by_history.total())
    assert after[[1, 2, 4]].sum() == pytest.approx(0.95 * len(records))


def test_the_false_link_rate_follows_from_a_sample_of_links() -> None:
    """L false links of people on two lists, S people who remain on one list: the rate is 2 L / (S + 2 L)."""
    lists = table("UKdat")
    singles = np.bitwise_count(np.arange(64)) == 1
    after = build_transition_matrix(lists, 0, 0.013) @ lists.dense
    links = (after - lists.dense)[np.bitwise_count(np.arange(64)) == 2].sum()
    assert 2 * links / (after[singles].sum() + 2 * links) == pytest.approx(0.013)


@pytest.mark.parametrize("name", ["Ned_5", "UKdat_5", "Kosovo"])
def test_the_order_of_the_lists_has_no_effect(name: str) -> None:
    lists = table(name)
    orders = [range(lists.number)[::-1], *list(permutations(range(lists.number)))[1::17]]
    expected = correct_linkage_errors(lists, 0.1, 0.01).lists
    for order in orders:
        corrected = correct_linkage_errors(permuted(lists, order), 0.1, 0.01).lists
        assert corrected.dense.tolist() == permuted(expected, order).dense.tolist()


@pytest.mark.parametrize("name", MEASURED)
def test_simulated_errors_change_the_estimate_as_measured(name: str) -> None:
    lists = table(name)
    for (miss, false), ratio in MEASURED[name].items():
        median = np.median(
            [estimate_point(relinked_lists)[0] for relinked_lists in simulate_linkage_errors(lists, miss, false, 150)]
        )
        # Monte Carlo error of both medians (200 and 150 tables): 0.005 to 0.01 each, and two digits of rounding
        assert median / estimate_point(lists)[0] == pytest.approx(ratio, abs=0.03), (miss, false)


def test_every_record_of_a_person_stays_in_the_table() -> None:
    lists = table("UKdat")
    matrix = build_transition_matrix(lists, 0.15, 0.02)
    for j in range(lists.number):
        is_on = (np.arange(len(matrix)) >> j) & 1
        assert is_on @ matrix[:, 1:] == pytest.approx(is_on[1:])


def test_the_correction_inverts_the_expected_table_of_simulated_errors() -> None:
    lists = table("UKdat_5")
    drawn = simulate_linkage_errors(lists, 0.1, 0.01, 400, seed=2)
    mean = np.mean([relinked_lists.dense for relinked_lists in drawn], axis=0)
    expected = build_transition_matrix(lists, 0.1, 0.01) @ lists.dense
    assert np.abs(mean - expected)[1:].max() < 1.5
    rounded = Lists(np.arange(1, 32), np.rint(expected[1:]).astype(int), lists.names)
    corrected = correct_linkage_errors(rounded, 0.1, 0.01)
    assert np.abs(corrected.expected - lists.dense)[1:].max() < 1
    assert corrected.lists.people == pytest.approx(lists.people, abs=2)


def test_overlaps_below_the_false_links_become_zero() -> None:
    corrected = correct_linkage_errors(table("Ned_5"), 0, 0.02)
    assert corrected.removed == pytest.approx(-corrected.expected[corrected.expected < 0].sum())
    assert corrected.removed > 1
    assert corrected.lists.people == pytest.approx(corrected.expected.sum() + corrected.removed, abs=0.5)


def test_no_errors_change_nothing() -> None:
    lists = table("UKdat")
    assert np.array_equal(correct_linkage_errors(lists, 0, 0).lists.dense, lists.dense)
    assert correct_linkage_errors(lists, 0, 0).removed == pytest.approx(0)
    assert all(
        np.array_equal(relinked_lists.dense, lists.dense) for relinked_lists in simulate_linkage_errors(lists, 0, 0, 2)
    )


def test_corrected_resamples_have_the_deviation_of_the_whole_experiment() -> None:
    """Repeat the whole experiment: draw people, miss links, correct the table, estimate."""
    lists, miss = table("UKdat_5"), 0.3
    rng = np.random.default_rng(3)
    estimates = []
    for seed, people in enumerate(draw_resamples(lists, 300, rng)):
        relinked_lists = simulate_linkage_errors(Lists(lists.histories, people, lists.names), miss, 0, 1, seed)[0]
        estimates.append(fit(correct_linkage_errors(relinked_lists, miss, 0).lists).estimate)
    counted = simulate_linkage_errors(lists, miss, 0, 1)[0]
    corrected = correct_linkage_errors(counted, miss, 0)
    with_undo = bootstrap(corrected.lists, "independence", times=2000, undo=corrected.undo)
    without_undo = bootstrap(corrected.lists, "independence", times=2000)
    assert np.std(with_undo.replicates) == pytest.approx(np.std(estimates), rel=0.12)
    assert np.std(without_undo.replicates) < 0.85 * np.std(estimates)
    assert with_undo.estimate == without_undo.estimate == pytest.approx(fit(corrected.lists).estimate)


def test_a_history_emptied_by_the_correction_may_have_people_in_a_resample() -> None:
    lists = Lists([1, 2, 4, 3, 5, 6], [1500, 1500, 1500, 5, 40, 60])
    corrected = correct_linkage_errors(lists, 0, 0.01)
    assert 3 not in corrected.lists.histories
    drawn = corrected.undo(draw_resamples(lists, 500, np.random.default_rng(1)))
    assert drawn[:, 2].max() > 0
    expected = np.maximum(corrected.expected[lists.histories], 0)
    assert drawn.mean(axis=0) == pytest.approx(expected, abs=4 * np.sqrt(1500 / 500))
    assert bootstrap(corrected.lists, times=200, undo=corrected.undo).estimate == pytest.approx(
        estimate_point(corrected.lists)[0]
    )
    # BIC: its models were fitted to lists without this history. Compare with fits to each resample alone
    ranking = rank_by_bic(build_unchecked_lists(lists.names, lists.histories, corrected.lists.dense[lists.histories]))
    refilled = drawn[drawn[:, 2] > 0]
    for people, estimate in zip(refilled, bic_many(ranking, refilled).estimates, strict=True):
        assert estimate == pytest.approx(rank_models(Lists(lists.histories, people), ranking.models).estimate, rel=1e-6)


def test_a_mixture_over_linked_tables_is_wider_and_has_no_bca() -> None:
    lists = table("UKdat_5")
    single_interval = bootstrap_linked_tables([lists], times=2000).percentile(0.8)
    mixture = bootstrap_linked_tables(simulate_linkage_errors(lists, 0.1, 0.01, 40), times=100)
    mixture_interval = mixture.percentile(0.8)
    assert mixture_interval.upper - mixture_interval.lower > single_interval.upper - single_interval.lower
    assert "not defined" in mixture.bca().warning
    assert sum(share for _, share in mixture.frequencies) == pytest.approx(1)


@pytest.mark.filterwarnings("error")
def test_impossible_rates_are_refused() -> None:
    for miss, false in ((0.0, 0.8), (0.9, 0.9)):
        with pytest.raises(BadLists, match="cannot have made these lists, give smaller rates"):
            correct_linkage_errors(table("UKdat"), miss, false)


def test_rates_and_tables_are_checked() -> None:
    lists = table("UKdat")
    with pytest.raises(BadLists, match="missed links"):
        correct_linkage_errors(lists, 1.0, 0)
    with pytest.raises(BadLists, match="false links"):
        correct_linkage_errors(lists, 0, -0.1)
    with pytest.raises(BadLists, match="needs more people who are on one list only than the smaller lists have"):
        build_transition_matrix(Lists([1, 2, 4, 7], [10_000, 5, 5, 30]), 0, 0.01)
    with pytest.raises(BadLists, match="same lists"):
        bootstrap_linked_tables([lists, table("UKdat_5")])
    with pytest.raises(BadLists, match="same lists"):
        bootstrap_linked_tables([])


# -- single steps of the error model ---------------------------------------------------------------------------------


@pytest.mark.parametrize("probabilities", [[0.1, 0.2, 0.3], [0.0, 0.5, 0.0], [0.0, 0.0, 0.0]])
def test_a_person_with_failing_records_becomes_several_people(probabilities: list[float]) -> None:
    """Column by column: each subset of the records may fail, with the product of its probabilities."""
    matrix = missed_link_matrix(probabilities)
    for w in range(1, 8):
        expected = np.zeros(8)
        members = [j for j in range(3) if w >> j & 1]
        for size in range(len(members) + 1):
            for failing in combinations(members, size):
                chance = np.prod([probabilities[j] if j in failing else 1 - probabilities[j] for j in members])
                for j in failing:
                    expected[1 << j] += chance
                remaining = sum(1 << j for j in members if j not in failing)
                expected[remaining] += chance if remaining else 0.0
        assert matrix[:, w] == pytest.approx(expected)
    assert (matrix[:, 0] == 0).all()
    assert (matrix[0] == 0).all()


@pytest.mark.parametrize(("miss", "expected"), [(0.0, 0.0), (0.19, 0.1), (0.36, 0.2), (0.75, 0.5)])
def test_a_record_fails_with_the_probability_that_makes_the_share_of_pairs(miss: float, expected: float) -> None:
    assert failure_probability_of(miss) == pytest.approx(expected)


@pytest.mark.parametrize("rate", [0.0, 0.003, 0.02])
def test_false_links_take_two_records_each_and_join_two_lists(rate: float) -> None:
    lists = table("UKdat")
    change = build_transition_matrix(lists, 0.0, rate) @ lists.dense - lists.dense
    singles = 1 << np.arange(6)
    alone = lists.dense[singles].astype(float)
    pairs = [w for w in range(64) if w.bit_count() == 2]
    assert -change[singles].sum() == pytest.approx(rate * alone.sum())
    assert change[pairs].sum() == pytest.approx(rate * alone.sum() / 2)
    assert change[[w for w in range(64) if w.bit_count() > 2]] == pytest.approx(0)
    # all pairs of records of different lists are equally likely
    weights = [alone[j] * alone[k] for j, k in combinations(range(6), 2)]
    expected = rate * alone.sum() / 2 * np.array(weights) / sum(weights)
    assert change[[(1 << j) | (1 << k) for j, k in combinations(range(6), 2)]] == pytest.approx(expected)


def test_one_list_with_people_alone_has_no_false_links() -> None:
    lists = Lists([1, 3, 6, 7], [100, 20, 15, 9])
    assert build_transition_matrix(lists, 0.0, 0.1) @ lists.dense == pytest.approx(lists.dense)
    assert correct_linkage_errors(lists, 0.0, 0.1).lists.dense.tolist() == lists.dense.tolist()


@pytest.mark.parametrize(("missed", "false"), [(0.1, 0.0), (0.0, 0.01), (0.2, 0.005)])
def test_correcting_the_expected_table_returns_the_lists(missed: float, false: float) -> None:
    """Multiply by T, round to a millionth of the people of a large table, and correct."""
    lists = Lists(range(1, 8), np.array([600, 490, 40, 2470, 1120, 1420, 120]) * 10_000)
    expected = build_transition_matrix(lists, missed, false) @ lists.dense
    counted = Lists(range(1, 8), np.rint(expected[1:]).astype(int))
    assert correct_linkage_errors(counted, missed, false).expected[1:] == pytest.approx(lists.dense[1:], rel=1e-4)


def test_simulated_tables_depend_on_the_seed_and_keep_all_records() -> None:
    lists = table("UKdat_5")
    first, again, other = (simulate_linkage_errors(lists, 0.2, 0.02, 3, seed=seed) for seed in (4, 4, 5))
    assert [drawn.dense.tolist() for drawn in first] == [drawn.dense.tolist() for drawn in again]
    assert [drawn.dense.tolist() for drawn in first] != [drawn.dense.tolist() for drawn in other]
    assert len({tuple(drawn.dense.tolist()) for drawn in first}) == 3
    for drawn in first:
        assert [drawn.on(j) for j in range(5)] == [lists.on(j) for j in range(5)]


def test_a_mixture_has_the_median_estimate_of_its_tables() -> None:
    lists = table("UKdat_5")
    tables = [lists, *simulate_linkage_errors(lists, 0.3, 0.0, 2, seed=1)]
    mixture = bootstrap_linked_tables(tables, "independence", times=10)
    estimates = [estimate_point(one, "independence")[0] for one in tables]
    assert mixture.estimate == pytest.approx(float(np.median(estimates)))
    assert len(mixture.replicates) == 30
    assert mixture.frequencies == [("independence", 1.0)]
    assert mixture.model == "independence"


@pytest.mark.parametrize(("options", "message"), [({"times": 0}, "number of resamples"), ({"seed": -1}, "the seed")])
def test_the_settings_of_a_mixture_are_checked(options: dict[str, int], message: str) -> None:
    with pytest.raises(BadLists, match=message):
        bootstrap_linked_tables([table("UKdat_5")], "independence", **options)  # type: ignore[arg-type]
