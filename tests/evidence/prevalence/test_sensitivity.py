"""What an estimate rests on: the assumption that cannot be tested, and which lists there are."""

from __future__ import annotations

import math

import numpy as np
import pytest

from kerege.evidence.prevalence import BadLists, Lists, dark_figures, leave_one_out, merge_pairs, merged, point, without

from .tables import table


def test_a_residual_odds_ratio_multiplies_the_dark_figure() -> None:
    assert dark_figures(100, 500) == {0.5: 300, 1.0: 500, 2.0: 900}
    with pytest.raises(BadLists, match="odds ratio"):
        dark_figures(100, 500, [0])


def test_two_lists_as_one_are_the_published_tables() -> None:
    """The five-list tables are the six-list tables with two lists as one."""
    for large, small, pair, call in (
        ("UKdat", "UKdat_5", ("PF", "NCA"), "PF+NCA"),
        ("Ned", "Ned_5", ("I", "O"), "I+O"),
    ):
        one, other = merged(table(large), *pair), table(small)
        assert one.people == other.people
        assert point(one)[0] == pytest.approx(point(other)[0], rel=1e-9)
        assert call in one.names
    lists = merged(table("UKdat"), "NCA", "PF")
    assert lists.names == ("LA", "NG", "PF+NCA", "GO", "GP")
    assert np.array_equal(lists.dense, table("UKdat_5").dense)


def test_a_list_less_is_the_published_table() -> None:
    lists = without(table("UKdat_5"), "GP")
    assert np.array_equal(lists.dense, table("UKdat_4").dense)
    found = {variant.what: variant for variant in leave_one_out(table("UKdat_5"))}
    assert found["without GP"].estimate == pytest.approx(11015.2445, abs=1e-4)
    assert found["without GP"].people == 2428
    assert len(merge_pairs(table("UKdat_5"))) == 10


def test_three_lists_cannot_lose_one_and_say_so() -> None:
    for variant in [*leave_one_out(table("Korea")), *merge_pairs(table("Korea"))]:
        assert math.isnan(variant.estimate)
        assert "need three or more" in variant.why_not


def test_names_that_are_not_there_are_refused() -> None:
    with pytest.raises(BadLists, match="no list is called X"):
        without(table("UKdat"), "X")
    with pytest.raises(BadLists, match="itself"):
        merged(table("UKdat"), "LA", "LA")


def test_a_variant_may_take_another_method() -> None:
    variants = leave_one_out(table("Kosovo"), "bic")
    assert all(variant.lists == 3 for variant in variants)
    assert isinstance(without(table("Kosovo"), "HRW"), Lists)
