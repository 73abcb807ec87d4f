"""Values have one spelling; answer states stay distinct from blank and from one another."""

from __future__ import annotations

from itertools import permutations

import pytest

from kerege.casework.exchange.htcds.columns import BadValue, canonical, codes_of, file_columns, name_of, split_names
from kerege.vocabulary import htcds, labels

pytestmark = pytest.mark.django_db


def read(name: str, text: str) -> str:
    return canonical(file_columns()[name], text)


def test_every_field_of_the_standard_has_its_column() -> None:
    assert len(htcds.htcds_fields()) == 84
    assert set(htcds.htcds_fields()) <= set(file_columns())


def test_every_code_of_the_standard_is_read_and_keeps_its_name() -> None:
    for name, field in htcds.htcds_fields().items():
        for value in field.values:
            assert read(name, value) == value
            assert read(name, value.upper()) == value


def test_every_identifying_field_needs_identity_for_export() -> None:
    assert all(file_columns()[name].identity for name, field in htcds.htcds_fields().items() if field.identifying)


@pytest.mark.parametrize("state", ["Unknown", "NotAsked", "Refused", "No"])
@pytest.mark.parametrize(
    "name", ["prs_Gender", "vic_MethodsOfControl", "vic_AgeWhenTrafficked", "prs_MaritalStatus", "prs_Citizenship"]
)
def test_answer_states_are_values_of_their_own(name: str, state: str) -> None:
    assert read(name, state.lower()) == state


def test_norway_is_a_country_and_no_an_answer() -> None:
    assert read("prs_OriginCountry", "NO") == "NO"
    assert read("prs_Citizenship", "NO;KZ") == "NO;KZ"
    assert read("prs_Citizenship", "No") == "No"
    assert codes_of("country", "NO") == ["NO"]


def test_a_state_beside_a_value_is_a_contradiction() -> None:
    with pytest.raises(BadValue, match="is given beside other values"):
        read("vic_MethodsOfControl", "DebtBondage;NotAsked")


@pytest.mark.parametrize(
    ("name", "text", "canonical_text"),
    [
        ("svc_StartDate", "30.07.2025", "2025-07-30"),
        ("svc_StartDate", "2025-7-3", "2025-07-03"),
        ("prs_Birthdate", "1990", "1990"),
        ("prs_Birthdate", "03.1990", "1990-03"),
        ("prs_Birthdate", "1990-3", "1990-03"),
        ("prs_Citizenship", "kaz; uz;KZ", "KZ;UZ"),
        ("prs_Citizenship", "Kyrgyzstan", "KG"),
        ("vic_ForcedLabourIndustry", "f", "F_Construction"),
        ("vic_RelationshipToTrafficker", "Unacquainted", "Unaquainted"),
        ("prs_NumberOfChildren", "03", "3"),
        ("prs_FirstName", " Ай ", " Ай "),
    ],
)
def test_spellings(name: str, text: str, canonical_text: str) -> None:
    assert read(name, text) == canonical_text


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("svc_StartDate", "2025-02-30"),
        ("svc_StartDate", "07/30/2025"),
        ("prs_Birthdate", "2999"),
        ("prs_Birthdate", "1850-01-01"),
        ("prs_NumberOfChildren", "-1"),
        ("prs_NumberOfChildren", "٣"),
        ("prs_Citizenship", "Atlantis"),
        ("prs_Deceased", "perhaps"),
    ],
)
def test_what_cannot_be_understood_is_refused(name: str, text: str) -> None:
    with pytest.raises(BadValue):
        read(name, text)


def test_a_message_about_a_birth_date_does_not_repeat_it() -> None:
    with pytest.raises(BadValue) as caught:
        read("prs_Birthdate", "31.02.1984")
    assert "1984" not in caught.value.what + caught.value.todo


def test_a_bad_code_is_named_with_advice() -> None:
    with pytest.raises(BadValue) as caught:
        read("vic_MethodsOfControl", "DebtBondge")
    assert "'DebtBondge'" in caught.value.what
    assert caught.value.todo == "did you mean DebtBondage?"


def test_groups_repeat_and_the_rest_does_not() -> None:
    assert {name for name, column in file_columns().items() if column.level == "cco"} == {"cco_CaseComment"}


JOINED = (
    "prs_Citizenship",
    "vic_MethodOfRecruitment",
    "vic_MethodsOfControl",
    "vic_TypeOfExploitation",
    "vic_ForcedLabourIndustry",
    "vic_TypeOfSexExploitation",
)


def test_every_pair_of_labels_that_the_macro_joins_is_split_back() -> None:
    """The columns that the workbook of the standard with several choices joins by a semicolon and a space."""
    pairs = 0
    for name in JOINED:
        list_name = file_columns()[name].list_name
        texts = {name_of(list_name, code): label for code, label in labels.htcds_labels(list_name).items()}
        for (left, first), (right, second) in permutations(texts.items(), 2):
            assert split_names.__wrapped__(file_columns()[name], f"{first}; {second}") == (left, right)
            pairs += 1
    assert pairs == 62_624


@pytest.mark.parametrize(
    ("name", "text", "canonical_text"),
    [
        ("vic_MethodOfRecruitment", "AtWork ThroughOnlineSocialNetworks", "AtWork;ThroughOnlineSocialNetworks"),
        ("vic_MethodOfRecruitment", "At work Through online social networks", "AtWork;ThroughOnlineSocialNetworks"),
        ("vic_MethodsOfControl", "DebtBondage ; Other", "DebtBondage;Other"),
        ("prs_Gender", "Not Specified/Unknown", "NonSpecifiedUnknown"),
        ("prs_Gender", "Женский", "Feminine"),
        ("cas_Status", "Closed Referred", "ClosedReferred"),
        ("cas_Status", "Закрыто", "Closed"),
        ("cas_ReasonForIncomingReferral", "Migration Or Change Of Location", "MigrationOrChangeOfLocation"),
        ("vic_TraffickingStatusDecisionMakingOrg", "Court or prosecution", "CourtOrProsecution"),
        ("prs_Citizenship", "Не спрашивали", "NotAsked"),
        ("prs_Citizenship", "Қырғызстан, Россия", "KG;RU"),
    ],
)
def test_labels_and_joined_values_are_read(name: str, text: str, canonical_text: str) -> None:
    assert read(name, text) == canonical_text


def test_half_a_cell_is_never_guessed() -> None:
    with pytest.raises(BadValue, match="is not one of its codes"):
        read("vic_MethodOfRecruitment", "AtWork SomewhereElse")
