"""HTCDS 2.0: complete fields, and a lossless crosswalk where it is declared one to one."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

import kerege
from kerege.vocabulary import codes, htcds

ONE_TO_ONE = [name for name in codes.names() if codes.code_list(name).htcds == "one"]
CODED = [field for field in htcds.columns().values() if field.list]


def test_the_standard_has_84_fields_of_which_three_are_deprecated_and_38_live_ones_are_core() -> None:
    fields = htcds.htcds_fields().values()
    live = [field for field in fields if field.state != "deprecated"]
    assert (len(fields), len(live)) == (84, 81)
    assert sum(field.core for field in live) == 38


@pytest.mark.parametrize("name", ONE_TO_ONE)
def test_the_crosswalk_is_a_bijection_where_it_is_declared_one_to_one(name: str) -> None:
    for code in codes.code_list(name).codes:
        assert htcds.from_htcds(name, htcds.to_htcds(name, code)) == code
    values = {htcds.to_htcds(name, code) for code in codes.code_list(name).codes}
    assert len(values) == len(codes.code_list(name).codes)


@pytest.mark.parametrize("field", [field for field in CODED if field.values], ids=lambda field: field.name)
def test_every_code_of_the_standard_has_one_of_ours(field: htcds.Field) -> None:
    for value in field.values:
        assert htcds.from_htcds(field.list, value) in codes.code_list(field.list).codes


@pytest.mark.parametrize("field", [field for field in CODED if field.values], ids=lambda field: field.name)
def test_written_codes_are_in_the_standard_or_a_declared_extension(field: htcds.Field) -> None:
    written = {htcds.to_htcds(field.list, code) for code in codes.code_list(field.list).codes}
    assert written <= {*field.values, *field.ours}


@pytest.mark.parametrize("field", CODED, ids=lambda field: field.name)
def test_answer_states_stay_distinct_in_both_directions(field: htcds.Field) -> None:
    states = codes.ANSWER_STATES[:3]
    assert [htcds.to_htcds(field.list, state) for state in states] == ["Unknown", "NotAsked", "Refused"]
    assert [htcds.from_htcds(field.list, value) for value in ("Unknown", "NotAsked", "Refused")] == list(states)
    assert htcds.from_htcds(field.list, "") == htcds.to_htcds(field.list, "") == ""


def test_norway_is_not_the_answer_no() -> None:
    assert htcds.from_htcds("country", "NO") == "NO"
    assert htcds.from_htcds("country", "No") == "no"
    assert htcds.from_htcds("country", "nor") == "NO"
    assert htcds.from_htcds("means_of_control", "No") == "no"


@pytest.mark.parametrize("spelling", ["forcedlabour", "FORCEDLABOUR", " ForcedLabour ", "forced_labour"])
def test_case_does_not_matter_on_input_and_output_is_canonical(spelling: str) -> None:
    assert htcds.to_htcds("exploitation_form", htcds.from_htcds("exploitation_form", spelling)) == "ForcedLabour"


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("recruiter_relation", "Unaquainted", "unacquainted"),
        ("recruiter_relation", "Unacquainted", "unacquainted"),
        ("means_of_control", "ThreatOfLawEnforcement", "threats_law_enforcement"),
        ("means_of_control", "PsychoactiveSubstances", "psychoactive_substance"),
        ("means_of_control", "RestrictsMovement", "other"),
        ("case_status", "Closed", "closed"),
        ("case_status", "ClosedReferred", "closed"),
        ("case_status", "Active", "open"),
        ("country", "UZB", "UZ"),
        ("language", "ger", "de"),
        ("language", "deu", "de"),
        ("agency_kind", "NGO", "ngo"),
        ("exploitation_form", "ForcedCriminality", "criminality"),
    ],
)
def test_documented_inconsistencies_of_the_standard_are_read(name: str, value: str, code: str) -> None:
    assert htcds.from_htcds(name, value) == code


def test_a_closed_case_that_was_transferred_is_closed_referred() -> None:
    assert htcds.status_to_htcds("closed", "transferred") == "ClosedReferred"
    assert htcds.status_to_htcds("closed", "completed") == "Closed"
    assert htcds.status_to_htcds("suspended", "") == "Active"


def test_an_unknown_value_or_code_raises_and_is_not_repeated() -> None:
    for call in (htcds.from_htcds, htcds.to_htcds):
        with pytest.raises(codes.UnknownCode) as caught:
            call("gender", "Canary Person")
        assert "Canary" not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "canonical"),
    [
        ("vic_Methods_of_Control", "vic_MethodsOfControl"),
        ("PRS_FIRST_NAME", "prs_FirstName"),
        ("svc_kind", "svc_Type"),
        ("dec_DecidedOn", "dec_Date"),
        ("prs_gender", "prs_Gender"),
        (" cas_Id", "cas_Id"),
        ("favourite_colour", None),
    ],
)
def test_known_column_names_map_to_the_canonical_one(name: str, canonical: str | None) -> None:
    assert htcds.canonical_name(name) == canonical


@pytest.mark.parametrize(
    "name",
    [
        "prs_FirstName",
        "prs_MiddleName",
        "prs_SecondName",
        "prs_Birthdate",
        "prs_IdentityNumber",
        "prs_Email",
        "prs_MobilePhone",
        "prs_HomePhone",
        "prs_MailingStreet",
        "prs_MailingLatitude",
        "hte_Street",
        "hte_Longitude",
        "cco_CaseComment",
        "vic_LocationOfExploitation",
        "cas_CaseOwner",
        "dec_Grounds",
    ],
)
def test_identifying_columns_are_exported_only_with_identity(name: str) -> None:
    assert name in htcds.identifying()


@pytest.mark.parametrize("name", ["prs_Gender", "prs_Citizenship", "vic_TypeOfExploitation", "svc_Type", "dec_Status"])
def test_coded_attributes_are_not_identifying(name: str) -> None:
    assert name not in htcds.identifying()


def test_every_free_text_is_sealed() -> None:
    assert all(field.sealed for field in htcds.columns().values() if field.type == "Long Text")


def test_the_exchange_reads_exactly_the_documented_columns() -> None:
    path = Path(kerege.__file__).parent / "casework" / "exchange" / "data" / "columns.csv"
    with path.open(encoding="utf-8", newline="") as lines:
        read = {row["name"] for row in csv.DictReader(lines)}
    assert read == set(htcds.columns())
