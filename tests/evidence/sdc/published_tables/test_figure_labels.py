"""A report names a complement by its columns and codes, also a code that holds the word and."""

from __future__ import annotations

import pytest

from kerege.evidence.sdc.published_tables.figure_labels import (
    describe_cell,
    excluded_pairs,
    order_of_sum,
    signs_of_sum,
)


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


@pytest.mark.parametrize(
    ("values", "total", "signs"),
    [
        ([70, 67], 3, (1, -1)),
        ([40, 30], 70, (1, 1)),
        ([67, 70], 3, (-1, 1)),
        ([70, 60, 7], 3, (1, -1, -1)),
        ([70, 67], 4, ()),  # no signs
        ([5, 5, 3], 3, ()),  # +5 -5 +3 and -5 +5 +3
        ([3], 3, ()),  # one figure is not a sum
        ([1, 2, 4, 8, 16], 31, ()),  # too many terms for a sentence
        ([1, 2, 4, 8], 15, (1, 1, 1, 1)),
    ],
)
def test_the_signs_of_a_sum_are_given_if_only_one_choice_fits(
    values: list[int], total: int, signs: tuple[int, ...]
) -> None:
    assert signs_of_sum(values, total) == signs


def test_added_figures_come_before_subtracted_ones_and_large_before_small() -> None:
    assert order_of_sum([7, 60, 70, 3], (-1, -1, 1, 1)) == [(1, 70), (1, 3), (-1, 60), (-1, 7)]


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ({}, "the total"),
        ({"sex": "female", "weather": "rain"}, "Sex: Female, weather=rain"),
        ({"sex": "female or male"}, "Sex: Female or Male"),
        ({"without sex": "female"}, "without Sex: Female"),
        ({"without sex and weather": "female and rain"}, "without Sex: Female, weather=rain"),
        ({"sex": "no such code"}, "Sex: no such code"),
        ({"entered": "../2024"}, "added up to 2024"),
        ({"entered": "2024/.."}, "added after 2024"),
        ({"left": "2023/2024"}, "removed between 2023 and 2024"),
        ({"without entered": "2023/2024"}, "not added between 2023 and 2024"),
    ],
)
def test_a_cell_is_described_by_the_labels_of_its_codes(cell: dict[str, str], text: str) -> None:
    assert describe_cell(cell, {"victims"}) == text


def test_without_a_unit_codes_stay_codes() -> None:
    assert describe_cell({"sex": "female"}) == "sex=female"
