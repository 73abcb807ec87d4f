"""The values of an identity: names, ages, keys of the search index, shared and masked fields."""

from __future__ import annotations

from datetime import date

import pytest

from kerege.casework.vault.identity import (
    Identity,
    age_on,
    aliases,
    blocking_keys,
    full_name,
    index_keys,
    normal_number,
    person_attributes,
)
from kerege.casework.vault.queries.field_access import FIELDS, IN_EMERGENCY, narrow
from kerege.casework.vault.queries.identities import is_number
from kerege.casework.vault.queries.masking import HIDDEN, hidden, masked

PERSON = Identity(
    names=[
        {"kind": "main", "given": "Айгүл", "middle": "Болатқызы", "family": "Серикова"},
        {"kind": "alias", "given": " Ая ", "family": ""},
        {"kind": "alias", "given": "Айгүл", "middle": "Болатқызы", "family": "Серикова"},
        {"kind": "alias", "given": "", "family": ""},
    ],
    birth_date="1996-05-17",
    gender="feminine",
    citizenships=["KZ"],
    documents=[{"kind": "passport", "number": "N 12-34", "country": "KZ"}, {"kind": "other", "number": ""}],
    phones=["+7 701 000 11 22", "+7 2"],
    email="a@example.org",
    address={"street": "Абай 1", "region": "75"},
    languages=["kk"],
    safe_contact="mornings",
    contact_rules={"times": "mornings"},
    source_id="P-1",
)


def test_a_name_is_written_family_given_middle_with_single_spaces() -> None:
    assert full_name(PERSON) == "Серикова Айгүл Болатқызы"
    assert full_name(PERSON, "alias") == "Ая"
    assert full_name(Identity(names=[{"given": "A", "family": " B  C "}])) == "B C A"
    assert full_name(Identity()) == full_name(Identity(names=[]), "alias") == ""


def test_a_name_without_a_kind_is_the_main_name() -> None:
    assert full_name(Identity(names=[{"kind": "alias", "given": "A"}, {"given": "B"}])) == "B"
    assert full_name(Identity(names=[{"given": "B"}]), "alias") == ""


def test_aliases_are_the_other_names_that_are_not_empty() -> None:
    assert aliases(PERSON) == ["Ая"]
    assert aliases(Identity()) == []


@pytest.mark.parametrize(
    ("birth_date", "day", "age"),
    [
        ("1996-05-17", date(2026, 5, 16), 29),
        ("1996-05-17", date(2026, 5, 17), 30),
        ("1996-05-17", date(2026, 4, 30), 29),
        ("1996-05-17", date(2026, 6, 1), 30),
        ("1996-05", date(2026, 4, 30), 29),
        ("1996-05", date(2026, 5, 1), 30),
        ("1996", date(2026, 1, 1), 30),
        ("2026-05-17", date(2026, 5, 17), 0),
        ("2026-05-18", date(2026, 5, 17), None),
        ("1906", date(2026, 1, 1), 120),
        ("1905", date(2026, 1, 1), None),
        ("unknown", date(2026, 1, 1), None),
    ],
)
def test_an_age_counts_full_years_from_0_to_120(birth_date: str, day: date, age: int | None) -> None:
    assert age_on(birth_date, day) == age


def test_a_document_number_is_compared_without_spaces_hyphens_and_case() -> None:
    assert normal_number("n 12-34/б") == "N1234Б"
    assert "d:N1234" in index_keys(PERSON)
    assert not any(key == "d:" for key in index_keys(PERSON))


def test_the_search_index_finds_names_documents_and_blocking_keys() -> None:
    keys = index_keys(PERSON)
    assert {key[:2] for key in keys} == {"n:", "d:", "b:"}
    assert {key for key in keys if key.startswith("b:")} == blocking_keys(PERSON)
    assert index_keys(Identity()) == set()


@pytest.mark.parametrize(
    ("text", "is_one"), [("N12345", True), ("N1234", False), ("123456", True), ("Aigulx", False), ("n 1-2 34 5", True)]
)
def test_a_document_number_has_six_letters_or_digits_and_one_digit(text: str, is_one: bool) -> None:
    assert is_number(text) is is_one


def test_linkage_compares_every_name_document_phone_and_the_email() -> None:
    person = person_attributes(PERSON)
    assert person.names[0] == ("Айгүл", "Болатқызы", "Серикова")
    assert len(person.names) == 4
    assert person.documents == ("N 12-34",)
    assert person.phones == ("+7 701 000 11 22", "+7 2", "a@example.org")
    assert person.birth_date == "1996-05-17"
    assert person_attributes(Identity()).phones == ()


# -- fields that another agency reads ----------------------------------------------------------------------------------
IDENTITY_FIELDS = {"names", "birth_date", "gender", "citizenships", "documents", "languages"}
CONTACT_FIELDS = {"languages", "phones", "email", "address", "safe_contact", "contact_rules"}


@pytest.mark.parametrize(
    ("categories", "fields"),
    [
        ({"identity"}, IDENTITY_FIELDS),
        ({"contact"}, CONTACT_FIELDS),
        ({"identity", "contact"}, IDENTITY_FIELDS | CONTACT_FIELDS),
        ({"health", "exploitation"}, set()),
        (set(), set()),
    ],
)
def test_another_agency_reads_the_fields_of_the_shared_categories(categories: set[str], fields: set[str]) -> None:
    assert set(narrow(PERSON, categories)) == fields


def test_a_field_that_no_category_names_is_never_shared() -> None:
    assert "source_id" in PERSON
    assert "source_id" not in narrow(PERSON, set().union(*FIELDS.values()))


def test_emergency_access_opens_what_helps_now_and_not_the_proceedings() -> None:
    assert {"identity", "contact", "exploitation", "health", "needs", "services", "family"} == IN_EMERGENCY
    assert not {name for name in IN_EMERGENCY if name.startswith(("crime", "justice", "legal", "proceeding"))}


# -- fields that a page masks ------------------------------------------------------------------------------------------
def test_a_page_shows_main_name_and_year_and_masks_the_rest() -> None:
    shown = masked(PERSON)
    assert shown["names"][0] == PERSON["names"][0]
    assert shown["names"][1:] == [{"kind": "alias", "given": HIDDEN}] * 3
    assert shown["birth_date"] == "1996"
    assert shown["documents"][0] == {"kind": "passport", "number": HIDDEN, "country": "KZ"}
    assert shown["documents"][1] == {"kind": "other", "number": ""}
    assert (shown["phones"], shown["email"]) == ([HIDDEN] * 2, HIDDEN)
    assert shown["address"] == {"street": HIDDEN}
    assert (shown["gender"], shown["safe_contact"]) == (PERSON["gender"], PERSON["safe_contact"])


@pytest.mark.parametrize(
    ("group", "fields"),
    [
        ("aliases", {"names"}),
        ("birth", {"birth_date"}),
        ("contact", {"phones", "email", "address"}),
        ("documents", {"documents"}),
    ],
)
def test_a_revealed_group_shows_its_fields_and_no_others(group: str, fields: set[str]) -> None:
    shown = masked(PERSON, {group})
    masked_fields = {"names", "birth_date", "phones", "email", "address", "documents"}
    assert {name for name in masked_fields if shown.get(name) == PERSON.get(name)} == fields
    assert set(hidden(PERSON, {group})) == {"aliases", "birth", "contact", "documents"} - {group}


def test_nothing_is_hidden_where_nothing_is_known() -> None:
    known = Identity(names=[{"kind": "main", "given": "A"}], birth_date="1996", phones=[], email="")
    assert hidden(known) == []
    assert masked(known) == known
    assert masked(Identity()) == {}
    assert masked(Identity(birth_date="unknown")) == {"birth_date": "unknown"}
