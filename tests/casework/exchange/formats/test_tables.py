"""An export of the standard's form is read the same in all its settings and file types."""

from __future__ import annotations

from pathlib import Path

import pytest

from kerege.casework.exchange.formats.options import ReadOptions
from kerege.casework.exchange.formats.recognition import explain_headings
from kerege.casework.exchange.htcds.columns import canonical, file_columns
from tests.casework.exchange.formats.form_exports import (
    BOTH,
    DETAILS,
    FIRST,
    FIRST_READ,
    LABELS,
    NAMES,
    SECOND,
    SETTINGS,
    SUBMISSIONS,
    SUMMARY,
    table_of,
    write_csv,
    write_json,
    write_workbook,
)
from tests.casework.exchange.formats.test_recognition import faults, read


def canonical_rows(path: Path) -> list[dict[str, str]]:
    rows = read(path)[1]
    return [{name: canonical(file_columns()[name], text) for name, text in row.items()} for row in rows]


def without_consent(row: dict[str, str]) -> dict[str, str]:
    assert row["con_Consent"].lower() in {"true", "yes"}
    return {name: text for name, text in row.items() if name != "con_Consent"}


@pytest.mark.parametrize("group", ["", "person/"])
@pytest.mark.parametrize(("values", "multiple"), SETTINGS)
def test_every_setting_of_an_export_gives_the_same_rows(tmp_path: Path, values: str, multiple: str, group: str) -> None:
    table = table_of(values, multiple, group=group)
    for path in (write_csv(tmp_path / "a.csv", table), write_workbook(tmp_path / "a.xlsx", table)):
        first, second = canonical_rows(path)
        assert without_consent(first) == FIRST_READ
        assert second["prs_Citizenship"] == "MD"
        assert second["prs_Gender"] == "NonSpecifiedUnknown"
        assert second["vic_MethodOfRecruitment"] == "Other"
        assert read(path)[0].read_as.startswith("the export of a form")


def test_submissions_as_json_give_the_same_rows(tmp_path: Path) -> None:
    assert (
        without_consent(canonical_rows(write_json(tmp_path / "a.json", [dict(FIRST), dict(SECOND)]))[0]) == FIRST_READ
    )


def test_headings_of_submissions_as_json_are_explained(tmp_path: Path) -> None:
    path = write_json(tmp_path / "a.json", [dict(FIRST) | {"shoe_size": "38"}])
    explanation = explain_headings(path, None, ReadOptions())
    assert explanation.read_as.startswith("the export of a form")
    assert explanation.unknown == ["person/shoe_size"]


def test_a_summary_that_contradicts_its_choices_is_a_fault(tmp_path: Path) -> None:
    table = table_of(NAMES, BOTH)
    table[1][table[0].index("vic_MethodOfRecruitment")] = "AtWork"
    (sentence,) = faults(write_csv(tmp_path / "a.csv", table))
    assert "row 2, column vic_MethodOfRecruitment: says something else than the columns of its choices" in sentence


def test_a_choice_that_is_neither_chosen_nor_not_is_a_fault(tmp_path: Path) -> None:
    table = table_of(NAMES, DETAILS)
    table[1][table[0].index("vic_MethodOfRecruitment/AtWork")] = "perhaps"
    assert "is neither chosen nor not chosen" in faults(write_csv(tmp_path / "a.csv", table))[0]


@pytest.mark.parametrize("state", ["Not Approved", "On Hold", "validation_status_not_approved"])
def test_a_submission_that_a_review_refused_is_left_out_and_told(tmp_path: Path, state: str) -> None:
    table, rows = read(
        write_csv(tmp_path / "a.csv", table_of(NAMES, SUMMARY, [FIRST, SECOND | {"_validation_status": state}]))
    )
    assert len(rows) == 1
    assert table.notes == ["1 submissions that a review did not approve are left out"]


def test_a_form_that_was_changed_names_what_it_added(tmp_path: Path) -> None:
    table = table_of(NAMES, BOTH)
    table[0].insert(3, "shoe_size")
    table[0].insert(4, "vic_MethodOfRecruitment/ByLetter")
    for row in table[1:]:
        row[3:3] = ["38", "1"]
    sentences = faults(write_csv(tmp_path / "a.csv", table))
    assert [sentence.split(": ")[1] for sentence in sentences] == [
        "row 1, column shoe_size",
        "row 1, column vic_MethodOfRecruitment/ByLetter",
    ]
    rows = read(tmp_path / "a.csv", ReadOptions(unknown="drop"))[1]
    assert len(rows) == len(SUBMISSIONS)


def test_two_fields_with_one_meaning_must_agree(tmp_path: Path) -> None:
    table = table_of(NAMES, SUMMARY)
    table[0].insert(2, "other/prs_First_Name")
    table[1].insert(2, "Айгүл")
    table[2].insert(2, "Somebody")
    (sentence,) = faults(write_csv(tmp_path / "a.csv", table))
    assert "row 3" in sentence
    assert "says something else than another column with the same meaning" in sentence


SERVICES = [
    ["svc_Type", "svc_Payer", "svc_StartDate", "_index", "_parent_table_name", "_parent_index"],
    ["shelter", "state", "2025-08-01", "1", "HTCDS", "1"],
    ["legal_aid", "state", "2025-08-02", "2", "HTCDS", "1"],
]


def test_a_repeated_group_is_rows_of_its_case(tmp_path: Path) -> None:
    path = write_workbook(tmp_path / "a.xlsx", table_of(LABELS, BOTH), services=SERVICES)
    rows = read(path)[1]
    assert [row["svc_Type"] for row in rows[2:]] == ["shelter", "legal_aid"]
    assert {row["cas_Id"] for row in rows[2:]} == {FIRST["_uuid"]}


def test_a_repeated_group_of_json_is_rows_of_its_case(tmp_path: Path) -> None:
    services = [{"services/svc_Type": "shelter", "services/svc_Payer": "state"}]
    rows = read(write_json(tmp_path / "a.json", [dict(FIRST) | {"services": services}, dict(SECOND)]))[1]
    assert rows[2] == {"svc_Type": "shelter", "svc_Payer": "state", "cas_Id": FIRST["_uuid"]}


def test_a_repeated_group_without_its_submission_is_a_fault(tmp_path: Path) -> None:
    lost = [*SERVICES, ["shelter", "state", "2025-08-02", "3", "HTCDS", "9"]]
    (sentence,) = faults(write_workbook(tmp_path / "a.xlsx", table_of(NAMES, BOTH), services=lost))
    assert "row 4: the sheet services names a submission that the first sheet lacks" in sentence
