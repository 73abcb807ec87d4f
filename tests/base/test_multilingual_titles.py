"""Titles in three languages and names that are safe as file names."""

from __future__ import annotations

import pytest

from kerege.base.multilingual_titles import LANGUAGES, name_fault, title_of

TITLE = {"kk": "Кесте", "ru": "Таблица", "en": "Table"}


def test_one_text_is_the_title_in_every_language() -> None:
    assert title_of("Victims") == {"kk": "Victims", "ru": "Victims", "en": "Victims"}


def test_a_title_has_the_three_languages_in_their_order_and_no_other() -> None:
    given = {"en": "Table", "de": "Tabelle", "ru": "Таблица", "kk": "Кесте"}
    assert title_of(given) == TITLE
    assert tuple(title_of(given)) == LANGUAGES


@pytest.mark.parametrize("value", ["", " \n", None, 7, [], {}, ["Table"]])
def test_a_value_that_is_no_text_is_no_title(value: object) -> None:
    assert title_of(value) == {}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("text", ["", "  ", None, 7])
def test_a_title_without_a_text_in_one_language_is_none(language: str, text: object) -> None:
    assert title_of(TITLE | {language: text}) == {}
    assert title_of({name: text for name, text in TITLE.items() if name != language}) == {}


@pytest.mark.parametrize("name", ["a", "7", "victims_by-sex", "a" * 64])
def test_small_letters_digits_and_hyphens_are_safe_names(name: str) -> None:
    assert name_fault("table", 2, name, "spec.toml") is None


@pytest.mark.parametrize("name", ["A", "_a", "-a", "a.b", "a/b", "a b", "a\n", "ж", "a" * 65])
def test_a_name_that_is_no_safe_file_name_is_a_fault(name: str) -> None:
    fault = name_fault("table", 2, name, "spec.toml")
    assert fault is not None
    assert str(fault) == (
        "spec.toml: table 2 has a name that is not a safe file name, use small letters, digits, - and _, at most 64"
    )


@pytest.mark.parametrize("name", [None, "", 7])
def test_a_missing_name_is_a_fault(name: object) -> None:
    fault = name_fault("table", 3, name, "spec.toml")
    assert fault is not None
    assert str(fault) == "spec.toml: table 3 has no name, give it one"
