"""Journals of centres: title rows, merged heads, full names, lists in a cell, days of several forms."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest
from django.utils.translation import override
from openpyxl import Workbook

from kerege.base.errors import BadInput
from kerege.casework.exchange.fault_texts import text_of
from kerege.casework.exchange.file_import import explain_file
from kerege.casework.exchange.formats.options import ReadOptions
from kerege.casework.exchange.formats.recognition import open_file
from kerege.casework.exchange.htcds.column_renaming import ColumnMap
from kerege.casework.exchange.htcds.parsed_cases import canonical_rows
from kerege.casework.exchange.htcds.read_file import FileTable, Row

pytestmark = pytest.mark.django_db


def read(path: Path, mapping: ColumnMap | None = None) -> tuple[FileTable, list[Row]]:
    table = open_file(path, mapping)
    rows = list(table.rows)
    assert table.faults.found == []
    return table, rows


def journal(path: Path) -> Path:
    """Write a journal with merged heads of two rows, and a row of totals."""
    book = Workbook()
    sheet = book.active
    sheet.append(["Журнал регистрации обращений, 2026 год"])
    sheet.append(["№", "Персональные данные", None, None, "Дата", None, "Вид помощи", "Гражданство", None])
    sheet.append([None, "ФИО", "Год рождения", "Пол", "обращения", "выбытия", None, None, None])
    for area in ("A1:H1", "A2:A3", "B2:D2", "E2:F2", "G2:G3", "H2:H3"):
        sheet.merge_cells(area)
    women, men = "Серікова Айгүл Маратқызы", "Юлдашев Ботир Алишер ўғли"
    sheet.append([1, women, 1994, "ж", date(2026, 2, 3), "05.03.26", "психолог, юрист", "Казахстан"])
    sheet.append([2, men, "12.05.1990", "м", "4 марта 2026 г.", None, "приют\nюрист", "Узбекистан"])
    sheet.append(["Март"])
    sheet.merge_cells("A6:H6")
    sheet.append([3, "Ким Ли", None, "ж", 46000, None, None, None])
    sheet.append(["Итого:", 3])
    book.save(path)
    return path


def test_each_cell_of_a_journal_is_read_and_nothing_else(tmp_path: Path) -> None:
    table, rows = read(journal(tmp_path / "j.xlsx"))
    assert rows == [
        (
            4,
            {
                "prs_SecondName": "Серікова",
                "prs_FirstName": "Айгүл",
                "prs_MiddleName": "Маратқызы",
                "prs_Birthdate": "1994",
                "prs_Gender": "ж",
                "cas_RegistrationDate": "2026-02-03",
                "cas_EndDate": "05.03.2026",
                "svc_Type": "психолог, юрист",
                "prs_Citizenship": "Казахстан",
            },
        ),
        (
            5,
            {
                "prs_SecondName": "Юлдашев",
                "prs_FirstName": "Ботир",
                "prs_MiddleName": "Алишер ўғли",
                "prs_Birthdate": "12.05.1990",
                "prs_Gender": "м",
                "cas_RegistrationDate": "2026-03-04",
                "svc_Type": "приют\nюрист",
                "prs_Citizenship": "Узбекистан",
            },
        ),
        (7, {"prs_FirstName": "Ким Ли", "prs_Gender": "ж", "cas_RegistrationDate": "2025-12-09"}),
    ]
    assert "rows that hold a total or a title are left out: 6, 8" in table.notes
    assert "full names that cannot be divided and are kept whole as the first name: 1" in table.notes


def test_answers_of_a_map_choose_the_order_of_names_the_sheet_and_the_row(tmp_path: Path) -> None:
    book = Workbook()
    book.active.title = "2025"
    book.active.append(["Имя"])
    book.active.append(["Анна"])
    sheet = book.create_sheet("2026")
    for cells in (["Пол", "Имя"], ["Кто", "ФИО"], ["x", "Ким Ли"]):
        sheet.append(cells)
    book.save(tmp_path / "a.xlsx")
    with pytest.raises(BadInput, match="has records on the sheets 2025 and 2026"):
        read(tmp_path / "a.xlsx")
    reading = {"sheet": "2026", "row": "2", "names": "family-first"}
    _, rows = read(tmp_path / "a.xlsx", ColumnMap({"Кто": ""}, {}, reading))
    assert rows == [(3, {"prs_FirstName": "Ли", "prs_SecondName": "Ким"})]


def test_a_json_array_with_headings_in_words_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text(json.dumps([{"Т.А.Ә.": "Серікова Айгүл Маратқызы", "Жасы": 31}]), encoding="utf-8")
    table, rows = read(path)
    name = {"prs_FirstName": "Айгүл", "prs_MiddleName": "Маратқызы", "prs_SecondName": "Серікова"}
    assert rows == [(1, name | {"prs_AgeBand": "31_40"})]
    assert "ages in years kept as the age band at registration: 1" in table.notes


def test_a_year_of_two_digits_is_read_in_no_date_of_birth(tmp_path: Path) -> None:
    """15 can be 1915 or 2015; the day of an event is never a century ago, and a note says how it was read."""
    path = tmp_path / "a.csv"
    path.write_text("ФИО;Дата рождения;Дата обращения\nАнна Иванова;05.03.15;04.02.26\n", encoding="utf-8")
    table, [(_, values)] = read(path)
    assert values["prs_Birthdate"] == "05.03.15"
    assert values["cas_RegistrationDate"] == "04.02.2026"
    assert "years of two digits, read as the latest year that has begun: 1" in table.notes
    table.rows = [(2, values)]
    list(canonical_rows(table))
    assert [(fault.column, fault.what) for fault in table.faults.found] == [("Дата рождения", "is not a date")]


def test_a_file_without_headings_repeats_no_cell_of_a_person(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("Канарейкина Анна;1994;бикеш\nПетров Пётр;1990;ер\n", encoding="utf-8")
    for read_file in (lambda: list(open_file(path).rows), lambda: explain_file(path, None, ReadOptions())):
        with pytest.raises(BadInput) as error:
            read_file()
        assert "Канарейкина" not in str(error.value)
        assert "has no heading that is known" in str(error.value)


def test_an_age_beside_a_date_of_birth_is_left_out_and_told(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("ФИО;Дата рождения;Возраст\nАнна Иванова;1994;31\n", encoding="utf-8")
    table, [(_, values)] = read(path)
    assert "prs_AgeBand" not in values
    assert "ages in years left out, since the row states the date of birth: 1" in table.notes


def test_a_file_that_is_poorly_understood_names_what_was_recognised_and_what_not(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("Дата рождения;Гражданство;Размер обуви;Цвет;Рост\n1994;KZ;38;x;170\n", encoding="utf-8")
    with pytest.raises(BadInput) as error:
        list(open_file(path).rows)
    with override("en"):
        text = text_of(error.value.faults[0])
    assert text == "Recognised headings: Дата рождения, Гражданство. Not recognised: Размер обуви, Цвет, Рост."


def test_merged_rows_without_a_number_of_the_case_are_asked_about(tmp_path: Path) -> None:
    book = Workbook()
    for cells in (["№ дела", "ФИО", "Вид помощи"], ["A-1", "Анна Иванова", "юрист"], [None, None, "психолог"]):
        book.active.append(cells)
    for area in ("A2:A3", "B2:B3"):
        book.active.merge_cells(area)
    book.save(tmp_path / "a.xlsx")
    _, rows = read(tmp_path / "a.xlsx")
    assert [values["cas_Id"] + values["svc_Type"] for _, values in rows] == ["A-1юрист", "A-1психолог"]
    book.active.delete_cols(1)
    book.active.merged_cells.ranges.clear()
    book.active.merge_cells("A2:A3")
    book.save(tmp_path / "b.xlsx")
    with pytest.raises(BadInput, match="rows 2 to 3 are merged"):
        list(open_file(tmp_path / "b.xlsx").rows)


@pytest.mark.parametrize("title", ["<script>alert(1)</script>", "=1+1", "x" * 5000, "ФИО\nпострадавшего"])
def test_hostile_headings_are_faults_or_headings(tmp_path: Path, title: str) -> None:
    book = Workbook()
    book.active.append([title, "Пол"])
    book.active["A1"].data_type = "s"
    book.active.append(["Анна Иванова", "ж"])
    book.save(tmp_path / "a.xlsx")
    if "ФИО" in title:
        assert read(tmp_path / "a.xlsx")[1][0][1]["prs_SecondName"] == "Иванова"
    else:
        with pytest.raises(BadInput):
            list(open_file(tmp_path / "a.xlsx").rows)
