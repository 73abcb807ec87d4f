"""What an estimate rests on: the assumption that cannot be tested, and which lists there are."""

from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from kerege.evidence.mse import BadLists, Lists, fit
from kerege.evidence.mse.loglinear.hierarchical_models import closed
from kerege.evidence.mse.panels.sensitivity import (
    estimates_by_odds_ratio,
    leave_one_out,
    merge_pairs,
    merge_two_lists,
    point,
    without_list,
)

from .tables import table


def test_a_residual_odds_ratio_multiplies_the_dark_figure() -> None:
    assert estimates_by_odds_ratio(100, 500) == {0.5: 300, 1.0: 500, 2.0: 900}
    with pytest.raises(BadLists, match="odds ratio"):
        estimates_by_odds_ratio(100, 500, [0])


def _table(chances: NDArray[np.float64], people: float = 1e8) -> Lists:
    """What is expected to be seen where histories 0 to 7 have such chances."""
    return Lists(range(1, 8), np.rint(people * chances[1:] / chances.sum()).astype(int))


def test_the_factor_is_the_interaction_of_three_lists_and_not_the_tie_of_two() -> None:
    """Chances written out, so that the undetected and the odds ratio among people of no list are known."""
    rng = np.random.default_rng(4)
    every_pair = closed(3, [3, 5, 6])
    for _ in range(5):
        m = rng.uniform(0.2, 1, 8)
        off, on = (m[3 + c] * m[0 + c] / (m[1 + c] * m[2 + c]) for c in (0, 4))  # of A and B, off C and on C
        seen, dark = _table(m), 1e8 * m[0] / m.sum()
        factor = off / on
        assert estimates_by_odds_ratio(seen.people, fit(seen, every_pair).estimate, [factor])[factor] - seen.people == (
            pytest.approx(dark, rel=1e-4)
        )
    tied = np.array([(1, 0.5, 0.5, 0.5)[w & 3] * (1, 0.3)[w >> 2] for w in range(8)])  # odds ratio of A and B: 2
    seen, dark = _table(tied), 1e8 / tied.sum()
    # nothing is left of all three
    assert fit(seen, every_pair).estimate - seen.people == pytest.approx(dark, rel=1e-4)
    missed = dark / (fit(seen).estimate - seen.people)  # and a model without the tie is not wrong by 2
    assert 1.1 < missed < 1.7


def test_latent_classes_do_not_leave_the_factor_at_one() -> None:
    """Two classes, lists independent in each and so tied in all: pairs miss over half of the undetected."""
    share, reach = (0.8, 0.2), (0.05, 0.5)
    classes = [[r ** w.bit_count() * (1 - r) ** (3 - w.bit_count()) for w in range(8)] for r in reach]
    m = np.array([share[0] * one + share[1] * other for one, other in zip(*classes, strict=True)])
    off, on = (m[3 + c] * m[0 + c] / (m[1 + c] * m[2 + c]) for c in (0, 4))
    seen = _table(m)
    by_pairs = fit(seen, closed(3, [3, 5, 6])).estimate - seen.people
    assert 1e8 * m[0] / by_pairs == pytest.approx(off / on, rel=1e-3)
    assert off / on > 2


def test_two_lists_as_one_are_the_published_tables() -> None:
    """The five-list tables are the six-list tables with two lists as one."""
    for large, small, pair, call in (
        ("UKdat", "UKdat_5", ("PF", "NCA"), "PF+NCA"),
        ("Ned", "Ned_5", ("I", "O"), "I+O"),
    ):
        one, other = merge_two_lists(table(large), *pair), table(small)
        assert one.people == other.people
        assert point(one)[0] == pytest.approx(point(other)[0], rel=1e-9)
        assert call in one.names
    lists = merge_two_lists(table("UKdat"), "NCA", "PF")
    assert lists.names == ("LA", "NG", "PF+NCA", "GO", "GP")
    assert np.array_equal(lists.dense, table("UKdat_5").dense)


def test_a_list_less_is_the_published_table() -> None:
    lists = without_list(table("UKdat_5"), "GP")
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
        without_list(table("UKdat"), "X")
    with pytest.raises(BadLists, match="itself"):
        merge_two_lists(table("UKdat"), "LA", "LA")


def test_a_variant_may_take_another_method() -> None:
    variants = leave_one_out(table("Kosovo"), "bic")
    assert all(variant.lists == 3 for variant in variants)
    assert isinstance(without_list(table("Kosovo"), "HRW"), Lists)
