"""Missed and false links: what they do to a table is undone in expectation."""

from __future__ import annotations

import numpy as np
import pytest

from kerege.evidence.prevalence import BadLists, Lists, corrected, mixed, point, relinked, transition

from .tables import table


def test_two_lists_are_the_published_formula() -> None:
    """Ding and Fienberg 1994: E n11* = (1 - miss) n11 + false (n2 - n11*), with n11* before false links."""
    lists = Lists.of([1, 2, 3, 4, 7], [500, 300, 200, 1, 1], ["A", "B", "C"])
    matrix = transition(lists, 0.1, 0.0)
    assert matrix[3, 3] == pytest.approx(0.9)
    assert matrix[1, 3] == matrix[2, 3] == pytest.approx(0.1 * 0.5 + 0.05131670194948623 * 0.5, abs=0.06)
    after = transition(lists, 0.1, 0.02) @ lists.dense
    linked = matrix @ lists.dense
    assert after[3] == pytest.approx(linked[3] + 0.02 * linked[2])


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
    rounded = Lists.of(np.arange(1, 32), np.rint(expected[1:]).astype(int), lists.names)
    back = corrected(rounded, 0.1, 0.01)
    assert np.abs(back.expected - lists.dense)[1:].max() < 3
    assert back.lists.people == pytest.approx(lists.people, abs=5)


def test_missed_links_raise_the_estimate_as_measured() -> None:
    for name, miss, ratio in (("UKdat", 0.1, 1.19), ("UKdat_5", 0.2, 1.33), ("Ned_5", 0.1, 1.12)):
        lists = table(name)
        middle = np.median([point(made)[0] for made in relinked(lists, miss, 0, 60)])
        assert middle / point(lists)[0] == pytest.approx(ratio, abs=0.05)


def test_no_errors_change_nothing() -> None:
    lists = table("UKdat")
    assert np.array_equal(corrected(lists, 0, 0).lists.dense, lists.dense)
    assert corrected(lists, 0, 0).removed == pytest.approx(0)
    assert all(np.array_equal(made.dense, lists.dense) for made in relinked(lists, 0, 0, 2))


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
    for miss, false in ((0.0, 0.5), (0.9, 0.9)):
        with pytest.raises(BadLists, match="cannot have made these lists, give smaller rates"):
            corrected(table("UKdat"), miss, false)


def test_rates_and_tables_are_checked() -> None:
    lists = table("UKdat")
    with pytest.raises(BadLists, match="missed links"):
        corrected(lists, 1.0, 0)
    with pytest.raises(BadLists, match="false links"):
        corrected(lists, 0, -0.1)
    with pytest.raises(BadLists, match="same lists"):
        mixed([lists, table("UKdat_5")])
    with pytest.raises(BadLists, match="same lists"):
        mixed([])
