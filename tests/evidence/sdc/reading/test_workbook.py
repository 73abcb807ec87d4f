"""Workbooks: the text that each cell shows, merged and hidden parts, and files that cannot be read."""

from __future__ import annotations

import zipfile
from datetime import date, datetime
from pathlib import Path

import pytest
from openpyxl import Workbook
from openpyxl.styles import Alignment

from kerege.base.errors import BadInput
from kerege.evidence.sdc.reading import workbook
from kerege.evidence.sdc.reading.workbook import cell_text, read_workbook


def text_of(value: object, number_format: str = "General", indent: int = 0) -> str:
    """Return the text of a cell with a value and a format."""
    cell = Workbook().active.cell(1, 1)
    cell.value, cell.number_format, cell.alignment = value, number_format, Alignment(indent=indent)
    return cell_text(cell)


@pytest.mark.parametrize(
    ("value", "number_format", "text"),
    [
        *((None, "General", ""), (True, "General", "true"), (12, "General", "12"), (12.0, "General", "12")),
        *((1234, "#,##0", "1234"), (0.1 + 0.2, "General", "0.3"), (2.5, "General", "2.5"), (12.34, "0.0", "12.3")),
        *((12.0, "0.00", "12"), (12.345, "0.00", "12.35"), (-3, "General", "-3")),
        *((0.123, "0%", "12%"), (0.123, "0.0%", "12.3%"), (1, "0.00%", "100.00%")),
        *((datetime(2025, 3, 1, 12), "General", "2025-03-01"), (date(2025, 3, 1), "General", "2025-03-01")),
        *(("two\nlines", "General", "two lines"), ("12", "General", "12")),
    ],
)
def test_a_cell_gives_the_text_that_it_shows(value: object, number_format: str, text: str) -> None:
    assert text_of(value, number_format) == text


def test_an_indent_becomes_two_spaces_for_each_level() -> None:
    assert text_of("North", indent=2) == "    North"
    assert text_of(12, indent=2) == "12"


def test_a_merged_area_repeats_its_text_in_every_cell(tmp_path: Path) -> None:
    book = Workbook()
    for row in (["Area", "Men", None], ["North", 1, 2], ["South", 3, 4]):
        book.active.append(row)
    book.active.merge_cells("B1:C1")
    book.active.merge_cells("A2:A3")
    book.save(tmp_path / "t.xlsx")
    (sheet,) = read_workbook(tmp_path / "t.xlsx")
    assert sheet.grid.rows == [["Area", "Men", "Men"], ["North", "1", "2"], ["North", "3", "4"]]


def test_sheets_keep_their_order_and_hidden_ones_are_marked(tmp_path: Path) -> None:
    book = Workbook()
    book.active.title = "Open"
    book.active.append(["Area", 3])
    book.create_sheet("Hidden").sheet_state = "hidden"
    book.create_sheet("Very hidden").sheet_state = "veryHidden"
    book.save(tmp_path / "t.xlsx")
    sheets = read_workbook(tmp_path / "t.xlsx")
    assert [(sheet.title, sheet.is_hidden) for sheet in sheets] == [
        ("Open", False),
        ("Hidden", True),
        ("Very hidden", True),
    ]


@pytest.mark.parametrize("content", [b"", b"no archive", b"PK\x05\x06" + b"\0" * 18])
def test_a_file_that_is_no_workbook_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "t.xlsx"
    path.write_bytes(content)
    with pytest.raises(BadInput) as refusal:
        read_workbook(path)
    assert str(refusal.value) == f"{path}: cannot be read as an XLSX workbook, open it and save it again as XLSX"


def test_an_empty_workbook_is_refused(tmp_path: Path) -> None:
    Workbook().save(tmp_path / "t.xlsx")
    with pytest.raises(BadInput, match="holds no values, open it, let it compute its formulas, and save it again"):
        read_workbook(tmp_path / "t.xlsx")


def test_a_package_is_refused_before_it_is_unpacked_if_it_is_too_large(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "t.xlsx"
    with zipfile.ZipFile(path, "w") as package:
        package.writestr("a", b"x" * 60)
        package.writestr("b", b"x" * 41)
    monkeypatch.setattr(workbook, "LARGEST", 100)
    with pytest.raises(BadInput, match=r"is too large when unpacked, save its sheets as CSV"):
        read_workbook(path)


def test_a_workbook_with_too_many_cells_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    book = Workbook()
    book.active.append(["Area", 3, 4])
    book.create_sheet().append(["Area", 3, 4])
    book.save(tmp_path / "t.xlsx")
    monkeypatch.setattr(workbook, "MOST_CELLS", 6)
    assert len(read_workbook(tmp_path / "t.xlsx")) == 2
    monkeypatch.setattr(workbook, "MOST_CELLS", 5)
    with pytest.raises(BadInput, match="has more than two million cells, give its sheets as CSV"):
        read_workbook(tmp_path / "t.xlsx")
