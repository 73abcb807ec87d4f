"""Workbooks and exports of spreadsheets: the same records as from a plain CSV."""

from __future__ import annotations

import shutil
from datetime import datetime
from pathlib import Path

import pytest
from openpyxl import Workbook

from kerege.base.errors import BadInput
from kerege.linkage.input.comparison_columns import comparison_columns
from kerege.linkage.input.read_tables import ROW, read_table
from kerege.linkage.input.role_assignment import assign_roles

HEADERS = ["№", "Фамилия", "Имя", "Дата рождения", "ИИН", "Год рождения"]
PLAIN = (
    "№,Фамилия,Имя,Дата рождения,ИИН,Год рождения\n"
    "1,Иванова,Анна,1990-02-01,900201400123,1990\n2,Омаров,Дәулет,,010307500124,2001\n"
)


def compared(path: Path) -> list[tuple[object, ...]]:
    table = read_table(path)
    return comparison_columns(table, assign_roles(table, path.name, {}, "")).rows()


def write_book(folder: Path, rows: list[list[object]], name: str = "x.xlsx") -> Path:
    book = Workbook()
    for row in rows:
        book.worksheets[0].append(row)
    book.save(folder / name)
    return folder / name


def test_a_workbook_gives_the_records_of_the_csv(tmp_path: Path) -> None:
    (tmp_path / "plain.csv").write_text(PLAIN, "utf-8")
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.append(HEADERS)
    sheet.append([1, "Иванова", " Анна ", datetime(1990, 2, 1), 900201400123.0, 1990])
    sheet.append([2, "Омаров", "Дәулет", None, 10307500124, 2001])
    sheet["E3"].number_format = "000000000000"
    book.save(tmp_path / "x.xlsx")
    assert compared(tmp_path / "x.xlsx") == compared(tmp_path / "plain.csv")


@pytest.mark.parametrize("encoding", ["utf-8-sig", "cp1251", "utf-16"])
def test_a_russian_export_gives_the_records_of_the_csv(tmp_path: Path, encoding: str) -> None:
    """Semicolons, commas in numbers, days before months: the settings of Excel in Russian and Kazakh."""
    (tmp_path / "plain.csv").write_text(PLAIN.replace("ә", "а"), "utf-8")
    export = (
        "№;Фамилия;Имя;Дата рождения;ИИН;Год рождения\r\n"
        "1;Иванова;Анна;01.02.1990;900201400123,00;1990,0\r\n2;Омаров;Даулет;;010307500124;2001,0\r\n"
    )
    (tmp_path / "x.csv").write_bytes(export.encode(encoding))
    assert compared(tmp_path / "x.csv") == compared(tmp_path / "plain.csv")


def test_a_number_that_lost_its_digits_is_not_known_and_the_user_is_told(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("Фамилия;ИИН\nИванова;9,00201E+11\nОмаров;4E12345\n", "utf-8")
    notes: list[str] = []
    assert read_table(path, notes.append)["ИИН"].to_list() == [None, "4E12345"]
    (note,) = notes
    assert note.startswith("column ИИН: 1 numbers have lost digits")
    assert "00201" not in note


def test_titles_above_the_header_are_skipped_and_rows_keep_their_numbers(tmp_path: Path) -> None:
    path = write_book(
        tmp_path, [["Список потерпевших за 2025 год"], [], ["Фамилия", "Имя"], ["Ким", "Анна"], [], ["Пак", "Ольга"]]
    )
    table = read_table(path)
    assert table.select("Фамилия", "Имя").rows() == [("Ким", "Анна"), ("Пак", "Ольга")]
    assert table[ROW].to_list() == [4, 6]


def test_the_sheet_with_a_known_header_is_read_and_the_others_are_named(tmp_path: Path) -> None:
    book = Workbook()
    book.worksheets[0].title = "Титул"
    book.worksheets[0].append(["Отчёт за 2025 год"])
    people = book.create_sheet("Люди")
    people.append(["Фамилия", "Имя"])
    people.append(["Ким", "Анна"])
    hidden = book.create_sheet("Скрытый")
    hidden.append(["Фамилия", "Имя", "Отчество"])
    hidden.sheet_state = "hidden"
    book.save(tmp_path / "x.xlsx")
    notes: list[str] = []
    assert read_table(tmp_path / "x.xlsx", notes.append)["Фамилия"].to_list() == ["Ким"]
    assert notes == ["sheet Люди is read, and not Титул: save each as a file of its own"]


def test_errors_of_formulas_are_empty_cells(tmp_path: Path) -> None:
    path = write_book(tmp_path, [["Фамилия", "Имя"], ["Ким", "#N/A"], ["=1+1", "Анна"]])
    assert read_table(path).select("Фамилия", "Имя").rows() == [("Ким", None), (None, "Анна")]


@pytest.mark.parametrize(
    ("rows", "problem"),
    [
        ([], "holds no values"),
        ([["Фамилия", "Имя"], ["Ким", "Анна", "Secret"]], "has 3 cells where the header has 2"),
        ([["Фамилия", "Фамилия"], ["Ким", "Анна"]], "two columns have the same name"),
    ],
)
def test_an_unusable_workbook_has_one_reason_without_a_value(
    tmp_path: Path, rows: list[list[object]], problem: str
) -> None:
    with pytest.raises(BadInput) as refused:
        read_table(write_book(tmp_path, rows))
    assert refused.value.faults[0].what == problem
    assert "Secret" not in str(refused.value)


def test_a_zip_archive_that_is_no_workbook_is_refused(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "a.txt").write_text("Ким")
    shutil.make_archive(str(tmp_path / "x"), "zip", tmp_path / "folder")
    with pytest.raises(BadInput, match="cannot be read as an XLSX workbook"):
        read_table(tmp_path / "x.zip")
