"""Columns of numbers, contacts, addresses and names of a person: tables of examples written by hand."""

from __future__ import annotations

import pytest

from kerege.linkage.input import person_fields
from kerege.linkage.input.person_fields import (
    contact,
    document_columns,
    family_columns,
    full_columns,
    given_columns,
    house,
    name_columns,
    name_key,
    number,
    patronymic_columns,
    place,
    postcode,
    sex,
    street_columns,
    with_father,
)
from kerege.linkage.names.rule_tables import rows as table


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("n 123-4567", "N1234567"),
        ("А 123", "А123"),
        ("AB12", None),
        ("123", None),
        ("1234", "1234"),
        ("A123", "A123"),
        ("1111", None),
        ("none", None),
        ("", None),
    ],
)
def test_a_document_number_has_four_signs_three_digits_and_two_different_signs(text: str, read: str | None) -> None:
    assert number(text) == read


def test_the_documents_of_a_person_are_distinct_and_the_first_is_the_main_one() -> None:
    columns = document_columns(["lost", "N1234567", "n 1234567", "X765"])
    assert columns == {"documents": ["N1234567", "X765"], "document": "N1234567"}
    assert document_columns(["lost"]) == document_columns([]) == {"documents": None, "document": None}


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("+7 (701) 123-45-67", "7011234567"),
        ("8 701 123 45 67", "7011234567"),
        ("123456", "123456"),
        ("12345", None),
        ("000000", None),
        (" Aigul@Example.ORG ", "aigul@example.org"),
        ("none", None),
    ],
)
def test_a_telephone_is_compared_by_its_last_ten_digits(text: str, read: str | None) -> None:
    assert contact(text) == read


@pytest.mark.parametrize(
    ("text", "read"), [(" F ", "f"), ("Жен", "f"), ("1", "m"), ("2", "f"), ("МУЖСКОЙ", "m"), ("x", None), ("", None)]
)
def test_a_sex_is_read_in_the_languages_of_the_region(text: str, read: str | None) -> None:
    assert sex(text) == read


@pytest.mark.parametrize(
    ("text", "same_street", "number_of_house"),
    [
        ("Абая 12", "Абая", "12"),
        ("Абая, 12 А", "Абая", "12а"),
        ("Абая 12 ", "Абая", "12"),
        ("Абая", "Абая", None),
        ("12", "", "12"),
        ("Абая 12/3", "Абая 12/3", None),
    ],
)
def test_a_house_number_at_the_end_of_a_street_is_separated(
    text: str, same_street: str, number_of_house: str | None
) -> None:
    columns = street_columns(text)
    assert columns["house"] == number_of_house
    assert columns["street"] == street_columns(f"{same_street} ")["street"]


def test_parts_of_an_address_are_compared_without_spaces_and_case() -> None:
    assert (house(" 7 Б "), house(" ")) == ("7б", None)
    assert (postcode("z05 t-1"), postcode(" - ")) == ("Z05T1", None)
    assert place("Алматы") == place("АЛМАТЫ")
    assert place("?") is None


# -- names -------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("text", ["неизвестно", "Не Указано", "unknown", "N/A", "жоқ", "xxx", "test", "", "?"])
def test_a_placeholder_is_no_name(text: str) -> None:
    assert given_columns(text)["given"] is family_columns(text)["family"] is None
    assert patronymic_columns(text)["patronymic"] is None
    assert given_columns(text)["given_initial"] is None
    assert given_columns(text)["given_forms"] is given_columns(text)["given_known"] is None


@pytest.mark.parametrize("text", ["А.", "A", "Ш.", "А. Б."])
def test_an_initial_is_no_name_and_has_its_sound(text: str) -> None:
    columns = given_columns(text)
    assert columns["given"] is None
    assert columns["given_key"] is None
    assert isinstance(columns["given_initial"], str)
    assert family_columns(text)["family"] is None


def test_an_initial_agrees_with_the_names_that_begin_with_it() -> None:
    assert given_columns("А.")["given_initial"] == given_columns("Айгуль")["given_initial"]
    assert given_columns("Б.")["given_initial"] != given_columns("Айгуль")["given_initial"]


@pytest.mark.parametrize(
    ("given", "family", "expected"),
    [
        ("Айгуль Сериковна", "Ахметова", ("Айгуль", "Сериковна", "Ахметова")),
        ("Айгуль", "Ахметова Сериковна", ("Айгуль", "Сериковна", "Ахметова")),
        ("Айгуль", "Ахметова", ("Айгуль", "", "Ахметова")),
        ("Сериковна", "Ахметова", ("Сериковна", "", "Ахметова")),
        ("", "", ("", "", "")),
    ],
)
def test_a_patronymic_behind_another_name_is_moved(given: str, family: str, expected: tuple[str, str, str]) -> None:
    assert tuple(part.lower() for part in with_father(given, family)) == tuple(part.lower() for part in expected)
    written = name_columns(given, "", family)
    assert written == name_columns(*expected)
    if expected[1]:
        assert written["patronymic"] == patronymic_columns("Сериковна")["patronymic"]


def test_a_patronymic_of_its_own_field_is_used_and_none_is_moved() -> None:
    columns = name_columns("Айгуль Сериковна", "Болатовна", "Ахметова")
    assert columns["patronymic"] == patronymic_columns("Болатовна")["patronymic"]
    assert columns["given"] == given_columns("Айгуль Сериковна")["given"]


def test_a_name_key_has_both_keys_in_order() -> None:
    assert name_key("b", "a") == name_key("a", "b") == "a b"
    assert name_key("a", None) is name_key(None, None) is None
    columns = name_columns("Айгуль", "", "Ахметова")
    assert columns["name_key"] == name_key(columns["given_key"], columns["family_key"])
    assert columns["name_start"] == name_key(str(columns["given_key"])[:2], str(columns["family_key"])[:2])


@pytest.mark.parametrize(
    ("text", "family", "given"),
    [
        ("Ахметова Айгуль Сериковна", "Ахметова", "Айгуль"),
        ("Айгуль Ахметова", "Ахметова", "Айгуль"),
        ("AKHMETOVA<<AIGUL", "Ахметова", "Айгуль"),
    ],
)
def test_a_whole_name_gives_the_columns_of_its_parts(text: str, family: str, given: str) -> None:
    columns = full_columns(text)
    assert columns["family_key"] == family_columns(family)["family_key"]
    assert columns["given_known"] == given_columns(given)["given_known"]


def test_the_forms_of_a_given_name_begin_with_itself_and_hold_every_spelling_of_its_full_names() -> None:
    forms = given_columns("Гуля")["given_forms"]
    assert isinstance(forms, list)
    assert forms[0] == given_columns("Гуля")["given"]
    assert len(forms) == len(set(forms)) > 1
    assert given_columns("Гульнара")["given"] in forms
    assert given_columns("Гулнора")["given"] in forms
    assert given_columns("Гулнора")["given_known"] == given_columns("Гульнара")["given_known"]


def test_names_that_differ_in_one_letter_stay_two() -> None:
    assert given_columns("Хасан")["given_known"] != given_columns("Хусан")["given_known"]
    assert person_fields.known_given("qqqq") is None


@pytest.mark.parametrize(
    ("text", "is_known"), [("Ким", True), ("Иванова", True), ("Иванов", True), ("Щщукинджян", False)]
)
def test_a_common_family_name_is_known_for_women_and_men(text: str, is_known: bool) -> None:
    columns = family_columns(text)
    assert (columns["family_known"] is not None) is is_known
    assert columns["family_known"] in {None, columns["family"]}


def test_a_short_name_is_its_own_key() -> None:
    assert family_columns("Ли")["family_key"] == family_columns("Ли")["family"]
    assert family_columns("Ли")["family_forms"] is not None


@pytest.mark.parametrize(("file", "column"), [("given.csv", "name"), ("diminutives.csv", "diminutive")])
def test_every_listed_given_name_is_known(file: str, column: str) -> None:
    unknown = [row[column] for row in table(file) if given_columns(row[column])["given_known"] is None]
    assert unknown == []
