"""Workbooks that cannot be read safely are refused in one sentence, before anything is unpacked."""

from __future__ import annotations

import zipfile
from io import BytesIO
from pathlib import Path

import pytest
from openpyxl import Workbook

from kerege.base.errors import BadInput
from kerege.casework.exchange.formats import sheets
from kerege.casework.exchange.formats.recognition import open_file
from kerege.casework.exchange.formats.sources import UploadedFile


def fault(path: Path) -> str:
    with pytest.raises(BadInput) as caught:
        list(open_file(path).rows)
    (sentence,) = caught.value.faults
    return str(sentence)


def test_a_workbook_that_unpacks_to_gigabytes_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheets, "LARGEST_WORKBOOK", 1_000_000)
    path = tmp_path / "a.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("xl/worksheets/sheet1.xml", b"0" * 2_000_000)
    assert path.stat().st_size < 10_000
    assert "is too large when unpacked" in fault(path)


def test_an_uploaded_workbook_may_unpack_to_less(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheets, "LARGEST_UPLOADED_WORKBOOK", 1_000_000)
    stream = BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("xl/worksheets/sheet1.xml", b"0" * 2_000_000)
    with pytest.raises(BadInput, match="is too large when unpacked"):
        open_file(UploadedFile("a.xlsx", stream.getvalue()))


def test_a_file_of_two_gigabytes_is_refused_without_being_read(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    with path.open("wb") as stream:
        stream.truncate(2_000_000_000)
    assert "is larger than 500 MB" in fault(path)


def test_a_workbook_with_a_password_is_named(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    path.write_bytes(sheets.OLD_WORKBOOK + b"\xa1\xb1\x1a\xe1" + bytes(2000))
    assert "has a password, or is a workbook of the old format XLS" in fault(path)


def test_a_row_of_too_many_columns_is_refused(tmp_path: Path) -> None:
    book = Workbook()
    book.active.append(["prs_Id"])
    book.active.cell(2, sheets.MOST_COLUMNS + 1).value = 1
    book.save(tmp_path / "a.xlsx")
    assert "has more than 2000 columns" in fault(tmp_path / "a.xlsx")


@pytest.mark.parametrize("part", ["xl/workbook.xml", "xl/worksheets/sheet1.xml"])
def test_a_workbook_with_a_broken_part_is_refused(tmp_path: Path, part: str) -> None:
    book = Workbook()
    book.active.append(["prs_Id"])
    book.save(tmp_path / "a.xlsx")
    with zipfile.ZipFile(tmp_path / "a.xlsx") as whole, zipfile.ZipFile(tmp_path / "b.xlsx", "w") as broken:
        for name in whole.namelist():
            broken.writestr(name, b"<worksheet><sheetData><row>" if name == part else whole.read(name))
    assert "cannot be read as an XLSX workbook" in fault(tmp_path / "b.xlsx")


def test_entities_of_a_workbook_are_not_expanded(tmp_path: Path) -> None:
    book = Workbook()
    book.active.append(["prs_Id"])
    book.save(tmp_path / "a.xlsx")
    levels = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 12))
    bomb = f'<?xml version="1.0"?><!DOCTYPE b [<!ENTITY e0 "0123456789">{levels}]><worksheet>&e11;</worksheet>'
    with zipfile.ZipFile(tmp_path / "a.xlsx") as whole, zipfile.ZipFile(tmp_path / "b.xlsx", "w") as hostile:
        for name in whole.namelist():
            hostile.writestr(name, bomb if name == "xl/worksheets/sheet1.xml" else whole.read(name))
    assert "cannot be read as an XLSX workbook" in fault(tmp_path / "b.xlsx")
