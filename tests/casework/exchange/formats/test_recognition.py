"""IOM's workbooks are read as people fill them: under the labels that they see."""

from __future__ import annotations

from pathlib import Path

import pytest
from openpyxl import load_workbook

from kerege.base.errors import BadInput
from kerege.casework.exchange.formats.options import ReadOptions
from kerege.casework.exchange.formats.recognition import explain_headings, open_file
from kerege.casework.exchange.htcds.read_file import FileTable
from tests.casework.exchange.formats.workbooks import PEOPLE, iom_workbook


def read(path: Path, options: ReadOptions | None = None) -> tuple[FileTable, list[dict[str, str]]]:
    table = open_file(path, options=options)
    rows = [values for _, values in table.rows]
    table.faults.stop()
    return table, rows


def faults(path: Path, options: ReadOptions | None = None) -> list[str]:
    with pytest.raises(BadInput) as caught:
        read(path, options)
    return [str(fault) for fault in caught.value.faults]


@pytest.mark.parametrize("rows", [("names", "labels"), ("labels", "names"), ("labels",)])
@pytest.mark.parametrize("suffix", ["xlsx", "xlsm"])
def test_a_workbook_of_the_standard_is_read_under_its_labels(
    tmp_path: Path, rows: tuple[str, ...], suffix: str
) -> None:
    table, (first, second) = read(iom_workbook(tmp_path / f"a.{suffix}", rows=rows))
    assert first["prs_MailingStreet"] == "Абай 1"
    assert first["prs_MailingCity"] == "Теміртау"
    assert first["prs_MailingState"] == "Қарағанды облысы"
    assert first["prs_MailingPostalCode"] == "101400"
    assert first["prs_MailingCountry"] == "Kazakhstan"
    assert first["cas_ReasonForOutgoingReferral"] == "Migration Or Change Of Location"
    assert first["vic_TraffickingStatusDecisionMakingOrg"] == "Court or prosecution"
    assert len(first) == len(PEOPLE[0])
    assert second["prs_Birthdate"] == "1988"
    assert "the column at position 1 holds row numbers and is left out" in table.notes
    assert table.read_as.startswith("IOM's workbook" if len(rows) == 2 else "columns with labels")


def test_rows_with_a_number_only_are_empty(tmp_path: Path) -> None:
    assert len(read(iom_workbook(tmp_path / "a.xlsx", numbers=300))[1]) == len(PEOPLE)


def test_the_column_decides_whether_the_day_comes_first(tmp_path: Path) -> None:
    people = [
        {"First Name": name, "Incoming Referral Date": day} for name, day in (("A", "03/05/2023"), ("B", "25/04/2023"))
    ]
    days = [row["cas_IncomingReferralDate"] for row in read(iom_workbook(tmp_path / "a.xlsx", people))[1]]
    assert days == ["2023-05-03", "2023-04-25"]
    people[1]["Incoming Referral Date"] = "04/25/2023"
    days = [row["cas_IncomingReferralDate"] for row in read(iom_workbook(tmp_path / "b.xlsx", people))[1]]
    assert days == ["2023-03-05", "2023-04-25"]


def test_a_column_that_does_not_decide_is_a_question(tmp_path: Path) -> None:
    path = iom_workbook(tmp_path / "a.xlsx", [{"First Name": "A", "Incoming Referral Date": "03/05/2023"}])
    (sentence,) = faults(path)
    assert "column Incoming Referral Date: does not show which number is the day" in sentence
    assert read(path, ReadOptions(days="mdy"))[1][0]["cas_IncomingReferralDate"] == "2023-03-05"


def test_two_orders_in_one_column_are_a_fault(tmp_path: Path) -> None:
    people = [{"First Name": name, "Birthdate": day} for name, day in (("A", "13/05/1990"), ("B", "05/13/1990"))]
    (sentence,) = faults(iom_workbook(tmp_path / "a.xlsx", people))
    assert "has the day first in row 3 and the month first in row 4" in sentence


def test_a_formula_is_named_and_not_computed(tmp_path: Path) -> None:
    (sentence,) = faults(iom_workbook(tmp_path / "a.xlsx", [{"First Name": "=HYPERLINK(1)"}]))
    assert "row 3, column First Name: holds a formula, which is not computed" in sentence


def test_a_hidden_sheet_with_records_is_named(tmp_path: Path) -> None:
    book = load_workbook(iom_workbook(tmp_path / "a.xlsx"))
    book.copy_worksheet(book["Case Sheet"]).title = "older"
    book.save(tmp_path / "b.xlsx")
    assert "has records on the sheets Case Sheet and older" in faults(tmp_path / "b.xlsx")[0]
    book["older"].sheet_state = "hidden"
    book.save(tmp_path / "c.xlsx")
    table, rows = read(tmp_path / "c.xlsx")
    assert len(rows) == len(PEOPLE)
    assert "the hidden sheet older is not read" in table.notes


def test_a_workbook_of_the_standard_whose_labels_are_in_another_language_is_one_sentence(tmp_path: Path) -> None:
    """Its hidden names alone would read a street as a city, and the labels as a person."""
    book = load_workbook(iom_workbook(tmp_path / "a.xlsx"))
    for cell in book["Case Sheet"][2][1:]:
        cell.value = f"Étiquette {cell.column}"
    book.save(tmp_path / "b.xlsx")
    (sentence,) = faults(tmp_path / "b.xlsx")
    assert "has IOM's hidden names, but not its labels in English, Russian or Kazakh" in sentence


def test_a_workbook_in_an_unknown_language_is_one_sentence(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("Prénom,Nom,Sexe\nA,B,F\n", encoding="utf-8")
    (sentence,) = faults(path)
    assert "has no heading that is known in Kazakh, Russian or English" in sentence


@pytest.mark.parametrize("headings", ["Имя;Фамилия;Пол;Гражданство", "Аты;Тегі;Жынысы;Азаматтығы"])
def test_headings_and_values_in_our_languages_are_read(tmp_path: Path, headings: str) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(f"{headings}\nАйгүл;Омар;Женский;Россия\n".encode())
    assert read(path)[1] == [
        {"prs_FirstName": "Айгүл", "prs_SecondName": "Омар", "prs_Gender": "Женский", "prs_Citizenship": "Россия"}
    ]


@pytest.mark.parametrize(("encoding", "named"), [("utf-16", ""), ("cp1251", "cp1251"), ("koi8-r", "koi8-r")])
def test_other_encodings_are_read(tmp_path: Path, encoding: str, named: str) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes("Имя;Фамилия\nИван;Петров\n".encode(encoding))
    rows = read(path, ReadOptions(encoding=named))[1]
    assert rows == [{"prs_FirstName": "Иван", "prs_SecondName": "Петров"}]


@pytest.mark.parametrize(("encoding", "named"), [("utf-8-sig", ""), ("utf-16", ""), ("cp1251", "cp1251")])
def test_json_in_other_encodings_is_read(tmp_path: Path, encoding: str, named: str) -> None:
    path = tmp_path / "persons.json"
    path.write_bytes('[{"prs_FirstName": "Иван"}]'.encode(encoding))
    assert read(path, ReadOptions(encoding=named))[1] == [{"prs_FirstName": "Иван"}]


def test_json_of_an_encoding_that_is_not_named_is_one_sentence(tmp_path: Path) -> None:
    path = tmp_path / "persons.json"
    path.write_bytes('[{"case_id": "ж"}]'.encode("cp1251"))
    assert "name its encoding with --encoding" in faults(path)[0]


def test_an_encoding_that_is_not_named_is_one_sentence(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes("Имя;Фамилия\nИван;Петров\n".encode("cp1251"))
    assert "line 1 is not in UTF-8" in faults(path)[0]


def test_an_unknown_column_is_a_question_with_its_share(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("First Name,Second Name,Shoe size\nA,B,38\nC,D,\n", encoding="utf-8")
    assert "column Shoe size: this column is not known" in faults(path)[0]
    table, rows = read(path, ReadOptions(unknown="drop"))
    assert rows[0] == {"prs_FirstName": "A", "prs_SecondName": "B"}
    assert table.notes == ["the column Shoe size is not known and left out (filled in 50% of the rows)"]


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (ReadOptions(unknown="maybe"), "--unknown has no answer 'maybe'"),
        (ReadOptions(days="ymd"), "--dates has no answer 'ymd'"),
        (ReadOptions(format="kobo"), "is columns with labels, not the export of a form"),
    ],
)
def test_an_answer_that_does_not_fit_is_one_sentence(tmp_path: Path, options: ReadOptions, sentence: str) -> None:
    path = tmp_path / "a.csv"
    path.write_text("First Name,Second Name\nA,B\n", encoding="utf-8")
    assert sentence in faults(path, options)[0]


def test_a_file_of_another_type_is_neither_opened_nor_explained(tmp_path: Path) -> None:
    (tmp_path / "a.doc").write_bytes(b"First Name")
    assert "is not CSV, XLSX or JSON file" in faults(tmp_path / "a.doc")[0]
    with pytest.raises(BadInput, match="is not CSV, XLSX or JSON file"):
        explain_headings(tmp_path / "a.doc", None, ReadOptions())
