"""Sensitivity analysis: the untestable interaction of all lists, and changed lists."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from kerege.evidence.mse import BadLists, Lists, fit, rank_by_bic
from kerege.evidence.mse.loglinear.hierarchical_models import close_model, model_name
from kerege.evidence.mse.panels.sensitivity import (
    Variant,
    estimate_point,
    estimates_by_odds_ratio,
    leave_one_out,
    merge_pairs,
    merge_two_lists,
    without_list,
)
from tests.evidence.mse.tables import table


def test_a_factor_multiplies_the_unobserved_number() -> None:
    assert estimates_by_odds_ratio(100, 500) == {0.5: 300, 1.0: 500, 2.0: 900}
    with pytest.raises(BadLists, match="odds ratio"):
        estimates_by_odds_ratio(100, 500, [0])


def expected_lists(probabilities: NDArray[np.float64], people: float = 1e8) -> Lists:
    """Return the expected lists for probabilities of the histories 0 to 7."""
    return Lists(range(1, 8), np.rint(people * probabilities[1:] / probabilities.sum()).astype(int))


def test_the_factor_is_the_interaction_of_three_lists_not_of_two() -> None:
    """All probabilities are given, so the unobserved number and its odds ratio are known."""
    rng = np.random.default_rng(4)
    every_pair = close_model(3, [3, 5, 6])
    for _ in range(5):
        m = rng.uniform(0.2, 1, 8)
        off, on = (
            m[3 + c] * m[0 + c] / (m[1 + c] * m[2 + c]) for c in (0, 4)
        )  # odds ratios of A and B, off C and on C
        lists, unobserved = expected_lists(m), 1e8 * m[0] / m.sum()
        factor = off / on
        assert estimates_by_odds_ratio(lists.people, fit(lists, every_pair).estimate, [factor])[
            factor
        ] - lists.people == (pytest.approx(unobserved, rel=1e-4))
    dependent = np.array([(1, 0.5, 0.5, 0.5)[w & 3] * (1, 0.3)[w >> 2] for w in range(8)])  # odds ratio of A and B: 2
    lists, unobserved = expected_lists(dependent), 1e8 / dependent.sum()
    # the interaction of all three lists is zero
    assert fit(lists, every_pair).estimate - lists.people == pytest.approx(unobserved, rel=1e-4)
    ratio = unobserved / (
        fit(lists).estimate - lists.people
    )  # a model without the interaction of A and B is not wrong by the factor 2
    assert 1.1 < ratio < 1.7


def test_latent_classes_imply_a_factor_above_one() -> None:
    """Two classes: the model of all pairs misses over half of the unobserved people."""
    share, rates = (0.8, 0.2), (0.05, 0.5)
    classes = [[r ** w.bit_count() * (1 - r) ** (3 - w.bit_count()) for w in range(8)] for r in rates]
    m = np.array([share[0] * first + share[1] * second for first, second in zip(*classes, strict=True)])
    off, on = (m[3 + c] * m[0 + c] / (m[1 + c] * m[2 + c]) for c in (0, 4))
    lists = expected_lists(m)
    by_pairs = fit(lists, close_model(3, [3, 5, 6])).estimate - lists.people
    assert 1e8 * m[0] / by_pairs == pytest.approx(off / on, rel=1e-3)
    assert off / on > 2


def test_merged_lists_equal_the_published_tables() -> None:
    """The published five-list tables are the six-list tables with two lists merged."""
    for large, small, pair, merged_name in (
        ("UKdat", "UKdat_5", ("PF", "NCA"), "PF+NCA"),
        ("Ned", "Ned_5", ("I", "O"), "I+O"),
    ):
        merged, expected = merge_two_lists(table(large), *pair), table(small)
        assert merged.people == expected.people
        assert estimate_point(merged)[0] == pytest.approx(estimate_point(expected)[0], rel=1e-9)
        assert merged_name in merged.names
    lists = merge_two_lists(table("UKdat"), "NCA", "PF")
    assert lists.names == ("LA", "NG", "PF+NCA", "GO", "GP")
    assert np.array_equal(lists.dense, table("UKdat_5").dense)


def test_a_list_left_out_equals_the_published_table() -> None:
    lists = without_list(table("UKdat_5"), "GP")
    assert np.array_equal(lists.dense, table("UKdat_4").dense)
    variants = {variant.what: variant for variant in leave_one_out(table("UKdat_5"))}
    assert variants["without GP"].estimate == pytest.approx(11015.2445, abs=1e-4)
    assert variants["without GP"].people == 2428
    assert len(merge_pairs(table("UKdat_5"))) == 10


def test_variants_of_three_lists_have_no_estimate_and_a_reason() -> None:
    for variant in [*leave_one_out(table("Korea")), *merge_pairs(table("Korea"))]:
        assert math.isnan(variant.estimate)
        assert "fewer than three lists" in variant.why_not


def test_unknown_names_are_refused() -> None:
    with pytest.raises(BadLists, match="no list is called X"):
        without_list(table("UKdat"), "X")
    with pytest.raises(BadLists, match="itself"):
        merge_two_lists(table("UKdat"), "LA", "LA")


def test_variants_may_use_another_method() -> None:
    variants = leave_one_out(table("Kosovo"), "bic")
    assert all(variant.lists == 3 for variant in variants)
    assert isinstance(without_list(table("Kosovo"), "HRW"), Lists)


# -- changed lists, person by person ---------------------------------------------------------------------------------

FOUR = ("a", "b", "c", "d")
PEOPLE = st.lists(st.sets(st.sampled_from(FOUR), min_size=1).map(frozenset), min_size=1, max_size=30)


def lists_of(people: list[frozenset[str]], names: Sequence[str]) -> Lists:
    return Lists.of_people([sum(1 << names.index(name) for name in person) for person in people], names)


@settings(max_examples=30, deadline=None)
@given(PEOPLE, st.sampled_from(FOUR))
def test_without_a_list_people_lose_it_and_those_on_it_alone_are_gone(people: list[frozenset[str]], name: str) -> None:
    people = [*people, *(frozenset(pair) for pair in combinations(FOUR, 2))]
    names = [other for other in FOUR if other != name]
    expected = lists_of([person - {name} for person in people if person != {name}], names)
    changed = without_list(lists_of(people, FOUR), name)
    assert (changed.names, changed.dense.tolist()) == (expected.names, expected.dense.tolist())


@settings(max_examples=30, deadline=None)
@given(PEOPLE, st.sampled_from(list(combinations(FOUR, 2))), st.booleans())
def test_people_on_either_list_are_on_the_merged_one(
    people: list[frozenset[str]], pair: tuple[str, str], is_swapped: bool
) -> None:
    people = [*people, *(frozenset([name]) for name in FOUR)]
    merged = f"{pair[0]}+{pair[1]}"
    names = [merged if name == pair[0] else name for name in FOUR if name != pair[1]]
    expected = lists_of([person - set(pair) | ({merged} if person & set(pair) else set()) for person in people], names)
    changed = merge_two_lists(lists_of(people, FOUR), *(pair[::-1] if is_swapped else pair))
    assert (changed.names, changed.dense.tolist()) == (expected.names, expected.dense.tolist())
    assert changed.people == len(people)


# -- variants --------------------------------------------------------------------------------------------------------


def test_variants_have_the_estimate_of_the_changed_lists() -> None:
    lists = table("Kosovo")
    for variant, name in zip(leave_one_out(lists, "independence"), lists.names, strict=True):
        changed = without_list(lists, name)
        expected = Variant(f"without {name}", 3, changed.people, variant.estimate, "independence")
        assert variant == expected
        assert variant.estimate == pytest.approx(fit(changed).estimate)
    for variant, pair in zip(merge_pairs(lists, "independence"), combinations(lists.names, 2), strict=True):
        changed = merge_two_lists(lists, *pair)
        assert (variant.what, variant.people) == (f"{pair[0]} + {pair[1]} as one list", lists.people)
        assert variant.estimate == pytest.approx(fit(changed).estimate)


def test_options_reach_the_method_of_each_variant() -> None:
    lists = table("Kosovo")
    for variant, plain in zip(leave_one_out(lists, threshold=0.0), leave_one_out(lists, "independence"), strict=True):
        assert variant.estimate == plain.estimate
    for call in (leave_one_out, merge_pairs):
        with pytest.raises(BadLists, match="the order is 0"):
            call(lists, "bic", order=0)


def test_point_returns_the_estimate_and_the_name_of_the_model() -> None:
    lists = table("Kosovo")
    estimate, model = estimate_point(lists, "bic", order=2)
    assert estimate == pytest.approx(14341.6638, abs=1e-3)
    assert model == model_name(rank_by_bic(lists, 2).best, lists.names)
    assert estimate_point(lists, "independence") == (pytest.approx(fit(lists).estimate), "independence")


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda it: without_list(it, "XYZ"), "no list is called XYZ, choose one of EXH, ABA, OSCE, HRW"),
        (lambda it: merge_two_lists(it, "EXH", "XYZ"), "no list is called XYZ"),
        (lambda it: merge_two_lists(it, "EXH", "EXH"), "a list cannot be joined with itself, name two lists"),
        (lambda it: estimates_by_odds_ratio(it.people, it.people - 1), "the estimate is 4,399, but 4,400 people were"),
    ],
)
def test_a_change_that_is_impossible_is_refused(call: Callable[[Lists], object], message: str) -> None:
    with pytest.raises(BadLists, match=message):
        call(table("Kosovo"))
