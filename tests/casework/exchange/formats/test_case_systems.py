"""Records of Primero and CommCare become cases, and what has no counterpart is named."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from django.utils import translation
from openpyxl import Workbook

from kerege.base.errors import BadInput
from kerege.casework.exchange.fault_texts import note_text
from kerege.casework.exchange.file_import import import_file, import_in_language
from kerege.casework.exchange.formats.case_systems import PRIMERO_FIELDS, SERVICES
from kerege.casework.exchange.formats.options import ReadOptions
from kerege.casework.exchange.formats.primero_labels import field_labels
from kerege.casework.exchange.formats.recognition import explain_headings, open_file
from kerege.casework.exchange.htcds.column_renaming import load_map
from kerege.casework.exchange.htcds.columns import canonical, file_columns, read_code
from kerege.vocabulary.labels import fold_label
from tests.casework.exchange.formats.test_recognition import read
from tests.casework.exchange.records import OPERATOR

# one invented record with the fields of Primero's default forms (primeroIMS/primero, db/forms/case)
RECORD = {
    "id": "6b2c0000-0000-4000-8000-000000000001",
    "case_id_display": "abc1234",
    "name": "Айгүл Сәрсенова",
    "name_first": "Айгүл",
    "name_last": "Сәрсенова",
    "sex": "female",
    "date_of_birth": "2008-01-01",
    "estimated": True,
    "nationality": ["kazakhstan", "viet_nam"],
    "maritial_status": "married_cohabitating",
    "telephone_current": "+77010000002",
    "address_current": "*******",
    "registration_date": "2025-07-30",
    "status": "open",
    "risk_level": "high",
    "protection_concerns": ["trafficked"],
    "owned_by": "worker",
    "services_section": [
        {"service_type": "health_medical_service", "service_appointment_date": "2025-08-01"},
        {"service_type": "legal_assistance_service", "service_implemented_day_time": "2025-08-02T09:00:00Z"},
    ],
}
EXPECTED = {
    "cas_Id": RECORD["id"],
    "prs_FirstName": "Айгүл",
    "prs_SecondName": "Сәрсенова",
    "prs_Gender": "female",
    "prs_Birthdate": "2008",
    "prs_Citizenship": "kazakhstan;viet_nam",
    "prs_MaritalStatus": "Married",
    "prs_MobilePhone": "+77010000002",
    "cas_RegistrationDate": "2025-07-30",
    "cas_Status": "Active",
    "cas_RiskLevel": "high",
}


def write_json(path: Path, tree: object) -> Path:
    path.write_text(json.dumps(tree, ensure_ascii=False), encoding="utf-8")
    return path


@pytest.mark.parametrize("outer", [lambda record: [record], lambda record: {"data": [record]}])
def test_a_record_of_primero_is_a_case_with_its_services(tmp_path: Path, outer: object) -> None:
    assert callable(outer)
    table, rows = read(write_json(tmp_path / "a.json", outer(RECORD)))
    assert rows == [
        EXPECTED,
        {"cas_Id": RECORD["id"], "svc_Type": "medical_care", "svc_Payer": "other", "svc_RequestDate": "2025-08-01"},
        {
            "cas_Id": RECORD["id"],
            "svc_Type": "legal_aid",
            "svc_Payer": "other",
            "svc_StartDate": "2025-08-02",
            "svc_EndDate": "2025-08-02",
        },
    ]
    assert table.notes == [
        "the field owned_by has no counterpart and is left out (1 records)",
        "the field protection_concerns has no counterpart and is left out (1 records)",
    ]


def test_an_export_as_primero_writes_it_names_each_subform_that_is_left_out(tmp_path: Path) -> None:
    # json_exporter.rb: the columns of the table `cases` around the fields of the forms
    data = {**RECORD, "family_details_section": [{"relation": "mother"}], "phonetic_data": {"tokens": ["AKL"]}}
    outer = {"id": RECORD["id"], "data": data, "matched_trace_id": None, "family_id": None}
    table, rows = read(write_json(tmp_path / "a.json", [outer]))
    assert rows[0] == EXPECTED
    assert "the field family_details_section has no counterpart and is left out (1 records)" in table.notes


def _csv_cell(value: object) -> str:
    return json.dumps(value) if isinstance(value, list | bool) else str(value)


def test_primeros_csv_gives_the_same_person(tmp_path: Path) -> None:
    cells = {name: _csv_cell(value) for name, value in RECORD.items() if name != "services_section"}
    with (tmp_path / "a.csv").open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([list(cells), list(cells.values())])
    assert read(tmp_path / "a.csv")[1] == [EXPECTED]


def test_nothing_of_an_export_is_left_out_without_a_word(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="is not an object"):
        read(write_json(tmp_path / "a.json", [RECORD, "abc1234"]))
    table, rows = read(write_json(tmp_path / "b.json", [RECORD | {"services_section": "safehouse"}]))
    assert rows == [EXPECTED]
    assert "the field services_section has no counterpart and is left out (1 records)" in table.notes


def test_services_of_another_case_and_hidden_sheets_of_a_workbook_are_named(tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["ID", "Case ID", "First Name", "Surname", "Sex", "Date of Birth"])
    sheet.append(["abc1234", "abc1234", "Айгүл", "Сәрсенова", "Female", "01-Jan-2008"])
    services = book.create_sheet("Nested Services-Services")
    services.append(["ID", "Type of Service", "Appointment Date"])
    services.append(["abc1235", "Safehouse", "01-Aug-2025"])
    other = book.create_sheet("Other Identity ")
    other.append(["ID", "Current Civil/Marital Status"])
    other.sheet_state = "hidden"
    book.save(tmp_path / "a.xlsx")
    table, rows = read(tmp_path / "a.xlsx")
    assert [row["cas_Id"] for row in rows] == ["abc1234"]
    missing = "services_section of cases that the file lacks"
    assert table.notes == [
        "the hidden sheet Other Identity  is not read",
        f"the field {missing} has no counterpart and is left out (1 records)",
    ]
    with translation.override("ru"):
        assert all(missing in note or "Скрытый лист" in note for note in map(note_text, table.notes))


def test_primeros_workbook_joins_its_sheets_by_the_id(tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["ID", "Case ID", "First Name", "Surname", "Sex", "Date of Birth", "Nationality", "Current Telephone"])
    sheet.append(
        [
            "abc1234",
            "abc1234",
            "Айгүл",
            "Сәрсенова",
            "Female",
            "01-Jan-2008",
            "Kazakhstan ||| Viet Nam",
            "'+77010000002",
        ]
    )
    other = book.create_sheet("Other Identity ")
    other.append(["ID", "Current Civil/Marital Status"])
    other.append(["abc1234", "Divorced / Separated"])
    services = book.create_sheet("Nested Services-Services")
    services.append(["ID", "Type of Service", "Appointment Date"])
    services.append(["abc1234", "Safehouse", "01-Aug-2025"])
    book.save(tmp_path / "a.xlsx")
    assert explain_headings(tmp_path / "a.xlsx", None, ReadOptions()).read_as == "the export of Primero"
    table, (person, service) = read(tmp_path / "a.xlsx")
    assert person == {
        "cas_Id": "abc1234",
        "prs_FirstName": "Айгүл",
        "prs_SecondName": "Сәрсенова",
        "prs_Gender": "Female",
        "prs_Birthdate": "2008-01-01",
        "prs_Citizenship": "Kazakhstan;Viet Nam",
        "prs_MobilePhone": "+77010000002",
    }
    assert (service["svc_Type"], service["svc_RequestDate"]) == ("shelter", "2025-08-01")
    assert table.notes == ["the field maritial_status has no counterpart and is left out (1 records)"]


def test_every_kind_of_service_is_one_of_ours() -> None:
    assert all(read_code("service", kind) == kind for kind in SERVICES.values())


def test_an_age_without_a_date_of_birth_is_an_age_band(tmp_path: Path) -> None:
    record = {name: value for name, value in RECORD.items() if name not in {"date_of_birth", "estimated"}}
    row = read(write_json(tmp_path / "a.json", [record | {"age": 17}]))[1][0]
    assert canonical(file_columns()["prs_AgeBand"], row["prs_AgeBand"]) == row["prs_AgeBand"] == "9_17"


@pytest.mark.django_db
def test_an_export_of_primero_is_imported_once(tmp_path: Path) -> None:
    path = write_json(tmp_path / "a.json", [RECORD])
    first = import_file(OPERATOR, path)
    assert (first.cases_new, first.services) == (1, 2)
    assert import_file(OPERATOR, path).unchanged


CASES = {
    "cases": [
        {
            "domain": "ngo",
            "case_id": "c1",
            "case_type": "case",
            "case_name": "x",
            "closed": False,
            "indices": {"parent": {"case_id": "p1", "case_type": "person"}},
            "properties": {"given": "Botir", "control": "DebtBondage Other", "exit": "---"},
        }
    ]
}


def test_cases_of_commcare_need_a_map(tmp_path: Path) -> None:
    path = write_json(tmp_path / "a.json", CASES)
    assert explain_headings(path, None, ReadOptions()).unknown == ["given", "control"]
    with pytest.raises(BadInput, match="column given: this column is not known"):
        list(open_file(path).rows)
    (tmp_path / "m.toml").write_text('[columns]\n"given" = "prs_FirstName"\n"control" = "vic_MethodsOfControl"\n')
    table = open_file(path, load_map(tmp_path / "m.toml", file_columns()))
    assert [row for _, row in table.rows] == [
        {"cas_Id": "c1", "prs_Id": "p1", "prs_FirstName": "Botir", "vic_MethodsOfControl": "DebtBondage Other"}
    ]


# headings and labels of the form on the survivor in Primero's own translations (db/translations/gbv)
LABELLED = {
    "fr": (
        ["Numéro d'identification du cas", "Statut du cas", "Nom", "Date de naissance", "Sexe"],
        ["Situation familiale/ état civil", "Nationalité (si différente du pays d'origine)"],
        ["abc1234", "Clôturé", "Aïda", "2001-03-02", "Féminin", "Célibataire", "Ouzbékistan ||| Kirghizistan"],
    ),
    "ar": (
        ["رقم تعريف الحالة", "الوضع الراهن للحالة", "الاسم", "تاريخ الميلاد", "الجنس"],
        ["الحالة المدنية / الزوجية الحالية ", "الجنسية (إذا كانت مختلفة عن البلد الأصلي)"],
        ["abc1234", "", "Аида", "2001-03-02", "أنثى", "عزباء", "أوزبكستان ||| قيرغيزستان"],
    ),
}


@pytest.mark.parametrize("language", ["fr", "ar"])
def test_primeros_workbook_is_read_in_french_and_arabic(language: str, tmp_path: Path) -> None:
    first, second, values = LABELLED[language]
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["ID", *first, *second])
    sheet.append(["abc1234", *values])
    book.save(tmp_path / "a.xlsx")
    assert explain_headings(tmp_path / "a.xlsx", None, ReadOptions()).read_as == "the export of Primero"
    person = read(tmp_path / "a.xlsx")[1][0]
    assert person == {
        "cas_Id": "abc1234",
        "prs_FirstName": values[2],
        "prs_Birthdate": "2001-03-02",
        "prs_Gender": "female",
        "prs_MaritalStatus": "single",
        "prs_Citizenship": "UZ;KG",
    } | ({"cas_Status": "Closed"} if language == "fr" else {})
    for column in ("prs_Gender", "prs_MaritalStatus", "prs_Citizenship"):
        for value in person[column].split(";"):
            assert canonical(file_columns()[column], value)


@pytest.mark.django_db
@pytest.mark.parametrize("language", ["fr", "ar"])
def test_an_export_in_another_language_is_imported_once(language: str, tmp_path: Path) -> None:
    first, second, values = LABELLED[language]
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["ID", *first, *second])
    sheet.append(["abc1234", *values])
    book.save(tmp_path / "a.xlsx")
    assert import_file(OPERATOR, tmp_path / "a.xlsx").cases_new == 1
    assert import_file(OPERATOR, tmp_path / "a.xlsx").unchanged


def test_a_label_of_another_language_is_the_label_of_one_field_only() -> None:
    """Two fields with one label would mix two columns of a person."""
    assert len(field_labels()) == len({*field_labels()})
    english = {fold_label(label): name for name, (label, _) in PRIMERO_FIELDS.items()}
    assert all(english.get(label, name) == name for label, name in field_labels().items())


def test_commcares_workbook_needs_a_map_for_its_properties_alone(tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["number", "caseid", "given", "control", "closed", "opened_date", "owner_name", "case_link"])
    sheet.append(["1", "c1", "Botir", "DebtBondage Other", "False", "2025-03-02", "worker", "https://x"])
    sheet.append(["2", "c2", "---", "---", "True", "2025-03-02", "worker", "https://x"])
    book.save(tmp_path / "a.xlsx")
    (tmp_path / "map.toml").write_text('[columns]\ngiven = "prs_FirstName"\ncontrol = "vic_MethodsOfControl"\n')
    mapping = load_map(tmp_path / "map.toml", file_columns())
    rows = [row for _, row in open_file(tmp_path / "a.xlsx", mapping, ReadOptions()).rows]
    filled = [{name: text for name, text in row.items() if text} for row in rows]
    assert [row["cas_Id"] for row in filled] == ["c1", "c2"]
    assert filled[0]["prs_FirstName"] == "Botir"
    assert "DebtBondage" in filled[0]["vic_MethodsOfControl"]
    assert set(filled[1]) == {"cas_Id"}


def test_hidden_and_filtered_rows_are_read_and_named(tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "Cases"
    sheet.append(["cas_Id", "prs_FirstName"])
    for number in range(2, 16):
        sheet.append([f"c{number}", "A"])
    sheet.row_dimensions[3].hidden = True
    sheet.row_dimensions[7].hidden = True
    book.save(tmp_path / "a.xlsx")
    table = open_file(tmp_path / "a.xlsx", None, ReadOptions())
    assert len(list(table.rows)) == 14
    note = "2 rows of the sheet Cases are hidden or filtered out and are read as well: 3, 7"
    assert table.notes == [note]
    with translation.override("ru"):
        assert note_text(note) == "Скрытые или отфильтрованные строки листа «Cases» тоже прочитаны: 2 (3, 7)."


@pytest.mark.django_db
def test_the_command_states_faults_and_notes_in_the_language_of_the_user(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("cas_Id,prs_Birthdate\nc1,not a day\n", encoding="utf-8")
    with pytest.raises(BadInput) as english:
        import_in_language("en", OPERATOR, tmp_path / "a.csv")
    with pytest.raises(BadInput) as russian:
        import_in_language("ru", OPERATOR, tmp_path / "a.csv")
    [fault] = russian.value.faults
    assert fault.row == english.value.faults[0].row == 2
    assert fault.what == "Это не дата. Напишите её как 2025-07-30 или 30.07.2025."
    assert str(fault).endswith(fault.what)
