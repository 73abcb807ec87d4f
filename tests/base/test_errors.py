"""Validation errors become faults with place and remedy, and no input breaks a message."""

from __future__ import annotations

from typing import Annotated, Any

import pytest
from pydantic import Field, ValidationError, field_validator

from kerege.base.errors import MOST_FAULTS, from_validation
from kerege.base.file_model import FileModel, Otherwise, fault

HOSTILE = "\x1b[31m\nerror: \u202e" + "x" * 5000


class Inner(FileModel):
    number: int
    share: float = 0.5
    code: Annotated[str, Field(pattern=r"^[a-z]+$")] = "a"
    sized: Annotated[int, Otherwise("the size is not a whole number", "give one such as 3")] = 1


class Outer(FileModel):
    name: str
    inner: list[Inner] = []
    open: dict[str, Inner] = {}
    flag: bool = False

    @field_validator("name")
    @classmethod
    def _named(cls, value: str) -> str:
        if value == "bad":
            raise ValueError("The name is taken")
        if value == "worse":
            raise fault("the name is worse", "take another", column="name")
        return value


def faults(tree: Any) -> list[str]:
    with pytest.raises(ValidationError) as caught:
        Outer.model_validate(tree)
    return [str(entry) for entry in from_validation(caught.value, "file.json").faults]


@pytest.mark.parametrize(
    ("tree", "says"),
    [
        ({}, "file.json: name is missing, add it"),
        ({"name": "a", "nmae": 1}, "file.json: nmae is an unknown key, remove it or correct its spelling"),
        ({"name": 3}, "file.json: name is not text, put it in quotes"),
        ({"name": "a", "flag": 1}, "file.json: flag is neither true nor false, give one of them"),
        ({"name": "a", "inner": [{"number": 1}, {}]}, "file.json: inner[1].number is missing, add it"),
        ({"name": "a", "inner": [{"number": True}]}, "file.json: inner[0].number is not a whole number, give one"),
        ({"name": "a", "inner": [{"number": 1, "share": "1"}]}, "file.json: inner[0].share is not a number, give one"),
        ({"name": "a", "inner": {}}, "file.json: inner is not a list, give a list"),
        ({"name": "a", "inner": [1]}, "file.json: inner[0] is not a set of named values, give values by name"),
        ({"name": "a", "open": []}, "file.json: open is not a set of named values, give values by name"),
        ([], "file.json: the file is not a set of named values, give values by name"),
        ({"name": "bad"}, "file.json: name: the name is taken, correct it"),
        ({"name": "worse"}, "file.json: column name: the name is worse, take another"),
        (
            {"name": "a", "inner": [{"number": 1, "sized": "x"}]},
            "file.json: the size is not a whole number, give one such as 3",
        ),
    ],
)
def test_a_fault_is_one_sentence_with_place_and_remedy(tree: Any, says: str) -> None:
    assert faults(tree) == [says]


def test_a_pattern_fault_does_not_contain_the_value() -> None:
    (sentence,) = faults({"name": "a", "inner": [{"number": 1, "code": "SECRET7"}]})
    assert sentence.startswith("file.json: inner[0].code: string should match pattern")
    assert "SECRET7" not in sentence


@pytest.mark.parametrize(
    "tree",
    [
        {"name": "a", HOSTILE: 1},
        {"name": HOSTILE, "flag": HOSTILE},
        {"name": "a", "open": {HOSTILE: {HOSTILE: {}}}},
        {"name": "a", "inner": [{"number": 1, "code": HOSTILE}]},
    ],
)
def test_hostile_input_is_neither_repeated_nor_breaks_the_line(tree: Any) -> None:
    for sentence in faults(tree):
        assert sentence.isprintable()
        assert len(sentence) < 400


def test_further_faults_are_counted() -> None:
    sentences = faults({"name": "a", "inner": [{}] * 5000})
    assert len(sentences) == MOST_FAULTS + 1
    assert sentences[-1] == f"file.json: has {5000 - MOST_FAULTS} more faults, correct these first"


def test_a_deep_place_is_shortened() -> None:
    class Deep(FileModel):
        inner: dict[str, dict[str, dict[str, dict[str, dict[str, dict[str, dict[str, int]]]]]]]

    keys = list("abcdefg")
    tree: Any = "x"
    for key in reversed(keys):
        tree = {key: tree}
    with pytest.raises(ValidationError) as caught:
        Deep.model_validate({"inner": tree})
    assert "inner.a.b.c.d.e is not a whole number" in str(from_validation(caught.value, "f"))
