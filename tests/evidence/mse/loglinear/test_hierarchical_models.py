"""Hierarchical models: closed downwards, enumerated once each, and connected by single terms."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kerege.evidence.mse.lists import BadLists
from kerege.evidence.mse.loglinear.hierarchical_models import (
    Model,
    all_models,
    close_model,
    from_pairs,
    list_generators,
    list_neighbours,
    model_key,
    model_name,
    pairs_of,
    validate_model,
)

TERMS = st.lists(st.integers(0, 31), max_size=4)  # of five lists


def members(term: int) -> frozenset[int]:
    return frozenset(j for j in range(term.bit_length()) if (term >> j) & 1)


def with_all_subsets(lists: int, terms: Iterable[int]) -> set[frozenset[int]]:
    """Return a model as sets of lists: every subset of its terms, and each single list."""
    sets = {frozenset[int](), *(frozenset([j]) for j in range(lists))}
    for term in map(members, terms):
        sets |= {frozenset(part) for size in range(len(term) + 1) for part in combinations(term, size)}
    return sets


@settings(max_examples=60, deadline=None)
@given(TERMS)
def test_a_closed_model_has_every_subset_once_by_size_and_then_by_value(terms: list[int]) -> None:
    model = close_model(5, terms)
    assert {members(term) for term in model} == with_all_subsets(5, terms)
    assert list(model) == sorted(set(model), key=lambda term: (len(members(term)), term))
    assert close_model(5, model) == model == validate_model(5, terms)


@settings(max_examples=60, deadline=None)
@given(TERMS)
def test_generators_are_the_interactions_inside_no_other(terms: list[int]) -> None:
    model = close_model(5, terms)
    largest = list_generators(model)
    for term in model:
        inside_another = any(members(term) < members(other) for other in model)
        assert (term in largest) is (len(members(term)) > 1 and not inside_another)
    assert close_model(5, largest) == model


@pytest.mark.parametrize(
    ("terms", "name"),
    [
        ([], "independence"),
        ([0b1], "independence"),
        ([0b101], "police:hotline"),
        ([0b110, 0b011], "police:shelter, shelter:hotline"),
        ([0b111, 0b011], "police:shelter:hotline"),
    ],
)
def test_a_model_is_named_by_its_largest_interactions(terms: list[int], name: str) -> None:
    assert model_name(close_model(3, terms), ("police", "shelter", "hotline")) == name


def test_pairs_are_in_the_order_12_13_to_1t_and_then_23() -> None:
    assert [sorted(members(int(pair))) for pair in pairs_of(4)] == [[0, 1], [0, 2], [0, 3], [1, 2], [1, 3], [2, 3]]
    for k, pair in enumerate(pairs_of(4)):
        assert from_pairs(4, 1 << k) == close_model(4, [int(pair)])
    assert from_pairs(4, 0) == close_model(4)
    assert from_pairs(4, 0b111111) == close_model(4, [int(pair) for pair in pairs_of(4)])


def test_every_model_has_a_key_of_its_own() -> None:
    models = list(all_models(4))
    assert len({model_key(model) for model in models}) == len(models) == 113
    assert model_key(close_model(2, [0b11])) == 0b1111


@pytest.mark.parametrize("order", [1, 2, 3])
def test_all_models_of_an_order_have_no_larger_interaction(order: int) -> None:
    models = set(all_models(4, order))
    assert models == {model for model in all_models(4) if max(len(members(term)) for term in model) <= order}


@pytest.mark.parametrize("lists", [3, 4])
def test_models_are_closed_and_sorted_as_closed_makes_them(lists: int) -> None:
    assert all(close_model(lists, model) == model for model in all_models(lists))


def differ_by_one_term(first: Model, second: Model) -> bool:
    return len(set(first) ^ set(second)) == 1


@pytest.mark.parametrize("order", [2, 3])
def test_neighbours_are_all_models_that_differ_by_one_term(order: int) -> None:
    models = list(all_models(4, order))
    for model in models[:: 7 if order == 3 else 5]:
        expected = {other for other in models if differ_by_one_term(model, other)}
        around = list_neighbours(model, 4, order)
        assert set(around) == expected
        assert len(around) == len(expected)
        sizes = [len(other) for other in around]
        assert sizes == sorted(sizes, reverse=True)  # larger models first


def test_without_an_order_no_neighbour_has_the_interaction_of_all_lists() -> None:
    """It is not identified: the lists say nothing about it."""
    almost = close_model(3, [0b011, 0b101, 0b110])
    assert all(0b111 not in model for model in list_neighbours(almost, 3))
    assert any(0b111 in model for model in list_neighbours(almost, 3, 3))


@pytest.mark.parametrize(
    ("model", "message"),
    [
        ("A:B", "the model is a text, give bitmasks of lists that interact"),
        ([8], "a term of the model is 8, give a whole number from 0 to 7"),
        ([3, -1], "a term of the model is -1"),
        ([1.5], "a term of the model is 1.5"),
        (["3"], "a term of the model is not a whole number"),
    ],
)
def test_a_term_that_is_no_bitmask_of_the_lists_is_refused(model: list[int], message: str) -> None:
    with pytest.raises(BadLists, match=message):
        validate_model(3, model)
    assert validate_model(3, [7, 0])[-1] == 7
