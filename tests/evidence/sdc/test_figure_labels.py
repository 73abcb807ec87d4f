"""A report names a complement by its columns and codes, also a code that holds the word and."""

from __future__ import annotations

import pytest

from kerege.evidence.sdc.disclosure.figure_labels import describe_cell, excluded_pairs


@pytest.mark.parametrize(
    ("name", "code", "expected"),
    [
        ("without age", "18 and over", [("age", "18 and over")]),
        ("without age and sex", "0-17 and female", [("age", "0-17"), ("sex", "female")]),
        ("without age and sex", "18 and over and female", [("age and sex", "18 and over and female")]),
    ],
)
def test_the_columns_say_how_many_codes_a_complement_has(name: str, code: str, expected: list[tuple[str, str]]) -> None:
    assert excluded_pairs(name, code) == expected


def test_a_code_with_the_word_and_is_named_whole() -> None:
    assert describe_cell({"without age": "18 and over"}) == "without age=18 and over"
