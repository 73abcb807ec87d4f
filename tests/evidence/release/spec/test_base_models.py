"""Parts of a specification: filters, titles, and faults as the sentences of their fields."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, ClassVar

import pytest
from pydantic_core import PydanticCustomError

from kerege.base.errors import BadInput
from kerege.base.file_model import Otherwise, fault
from kerege.evidence.release.spec.base_models import (
    AnyTitle,
    Filter,
    NamedSpecPart,
    SpecPart,
    duplicate_names,
    is_entries,
)


class Basket(SpecPart):
    """A part for the tests."""

    weight: Annotated[int, Otherwise("the weight is not a number", "write weight = 3")]
    title: AnyTitle = {}
    where: Filter = {}
    colour: str = "red"

    @classmethod
    def cross_field_faults(cls, value: Mapping[str, Any]) -> Iterator[PydanticCustomError]:
        """Yield a fault for a heavy red basket."""
        if value.get("weight") == 100 and value.get("colour") == "red":
            yield fault("a red basket of 100 is too heavy", "take a blue one")


class Fruit(NamedSpecPart):
    """A named part for the tests."""

    kind: ClassVar[str] = "fruit"

    weight: Annotated[int, Otherwise("the weight is not a number", "write weight = 3")] = 1


def faults(part: type[SpecPart], tree: Any) -> list[str]:
    with pytest.raises(BadInput) as refused:
        part.parsed(tree, "f")
    return [str(sentence).removeprefix("f: ") for sentence in refused.value.faults]


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ({}, {}),
        ({"sex": "male"}, {"sex": ["male"]}),
        ({"sex": ["male", "female"], "year": ["2025"]}, {"sex": ["male", "female"], "year": ["2025"]}),
    ],
)
def test_a_filter_has_a_list_of_values_for_each_column(given: Any, kept: dict[str, list[str]]) -> None:
    assert Basket.parsed({"weight": 1, "where": given}, "f").where == kept


@pytest.mark.parametrize("given", [[], "sex", {"sex": []}, {"sex": 5}, {"sex": ["male", 5]}, {"sex": None}])
def test_any_other_filter_is_one_sentence(given: Any) -> None:
    assert faults(Basket, {"weight": 1, "where": given}) == [
        '`where` is not a filter, write where = {column = "value"} or {column = ["a", "b"]}'
    ]


def test_one_text_is_the_title_in_every_language() -> None:
    assert Basket.parsed({"weight": 1, "title": "T"}, "f").title == {"kk": "T", "ru": "T", "en": "T"}
    three = {"kk": "a", "ru": "b", "en": "c"}
    assert Basket.parsed({"weight": 1, "title": three}, "f").title == three


@pytest.mark.parametrize("title", ["", " ", {"kk": "a", "en": "c"}, {"kk": "a", "ru": 5, "en": "c"}, 5])
def test_a_title_without_a_language_is_one_sentence(title: Any) -> None:
    assert faults(Basket, {"weight": 1, "title": title}) == [
        "the title lacks a language, give a string or kk, ru and en"
    ]


def test_a_field_has_its_own_sentence_or_a_general_one() -> None:
    assert faults(Basket, {"weight": "heavy"}) == ["the weight is not a number, write weight = 3"]
    assert faults(Basket, {}) == ["the weight is not a number, write weight = 3"]  # missing
    assert faults(Basket, {"weight": 1, "colour": 5}) == ["`colour` cannot be read, correct it"]


def test_an_unknown_key_lists_the_known_ones_once() -> None:
    assert faults(Basket, {"weight": 1, "zeta": 1, "alpha": 2}) == [
        "unknown key alpha, use colour, title, weight, where"
    ]


def test_faults_of_several_keys_are_added_to_those_of_single_ones() -> None:
    assert Basket.parsed({"weight": 100}, "f").weight == 100  # the rule looks at what is written, not at defaults
    assert faults(Basket, {"weight": 100, "colour": "red", "where": 5}) == [
        '`where` is not a filter, write where = {column = "value"} or {column = ["a", "b"]}',
        "a red basket of 100 is too heavy, take a blue one",
    ]


# -- names -------------------------------------------------------------------------------------------------------------


def test_every_fault_of_a_named_part_begins_with_its_kind_and_name() -> None:
    assert faults(Fruit, {"name": "plum", "weight": "x", "skin": 1}) == [
        "fruit plum: unknown key skin, use name, title, weight",
        "fruit plum: the weight is not a number, write weight = 3",
    ]


@pytest.mark.parametrize("name", ["", None, "a/b", "..", "Plum", 5])
def test_without_a_valid_name_only_that_is_reported(name: Any) -> None:
    (sentence,) = faults(Fruit, {"name": name, "weight": "x"})
    assert sentence.startswith(("has no name", "has a name", "fruit"))
    assert "weight" not in sentence


def test_a_part_without_a_title_is_called_by_its_name() -> None:
    assert Fruit.parsed({"name": "plum"}, "f").title == {"kk": "plum", "ru": "plum", "en": "plum"}


@pytest.mark.parametrize(
    ("entries", "repeated"),
    [
        ([{"name": "a"}, {"name": "b"}], []),
        ([{"name": "b"}, {"name": "a"}, {"name": "b"}, {"name": "a"}, {"name": "b"}], ["a", "b"]),
        ([{"name": "a"}, "a"], []),
        (None, []),
    ],
)
def test_each_repeated_name_is_one_fault(entries: Any, repeated: list[str]) -> None:
    sentences = [(error.context or {})["what"] for error in duplicate_names("fruits", entries)]
    assert sentences == [f"two fruits are called {name}" for name in repeated]


@pytest.mark.parametrize(
    ("value", "expected"), [([], True), ([{}], True), ([{}, 5], False), ({}, False), (None, False)]
)
def test_entries_are_a_list_of_tables(value: Any, expected: bool) -> None:
    assert is_entries(value) is expected
