"""Columns and labels that are known to name groups without common people."""

from __future__ import annotations

import pytest

from kerege.evidence.sdc.reading.classifications import are_named_in_title, are_of_one_kind, is_classification


@pytest.mark.parametrize("name", ["Region", "Область", "Жынысы / Пол", "Type of exploitation", "Route", "Гражданство"])
def test_a_usual_name_of_a_classification_is_known(name: str) -> None:
    assert is_classification(name)


@pytest.mark.parametrize("name", ["", "column", "row 2", "Outcome", "Indicator", "Показатель", "Persons", "leg_stat"])
def test_a_name_that_fits_steps_of_one_course_is_no_classification(name: str) -> None:
    assert not is_classification(name)


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ("Men", "Women", True),
        ("Centre A", "Centre B", True),
        ("Uzbekistan", "Kazakhstan", True),
        ("Forced labour", "Sexual exploitation", True),
        ("0-17", "18+", True),
        ("Registered", "Solved", False),
        ("Women", "Foreigners", False),
    ],
)
def test_labels_of_one_list_are_of_one_kind(first: str, second: str, expected: bool) -> None:
    assert are_of_one_kind(first, second) is expected


def test_a_title_names_columns_in_three_languages() -> None:
    for title in ("Persons by sex and age", "Потерпевшие по полу и возрасту", "Жәбірленушілер жынысы мен жасы бойынша"):
        assert are_named_in_title(title, 2), title
    assert not are_named_in_title("Crimes by district and stage", 2)
