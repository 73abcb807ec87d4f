"""Sheets of an XLSX workbook as text, with merged cells filled and indents as spaces.

An intruder reads hidden sheets, rows and columns too. openpyxl is loaded at the first workbook.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from kerege.base.errors import BadInput, Fault
from kerege.evidence.sdc.reading.grid import Cells, TextGrid, as_grid
from kerege.evidence.sdc.reading.numerals import with_usual_digits

if TYPE_CHECKING:
    from openpyxl.cell import Cell
    from openpyxl.workbook import Workbook
    from openpyxl.worksheet.worksheet import Worksheet

SUFFIXES = (".xlsx", ".xlsm")
LARGEST = 500_000_000  # bytes when unpacked
MOST_CELLS = 2_000_000
INDENT = "  "
DECIMALS = re.compile(r"0\.(0+)")


@dataclass(frozen=True)
class WorkbookSheet:
    """A sheet of a workbook: its title and its cells."""

    title: str
    grid: TextGrid
    is_hidden: bool = False


def read_workbook(path: Path) -> list[WorkbookSheet]:
    """Return the sheets of a workbook; raises BadInput with one sentence."""
    unreadable = Fault("cannot be read as an XLSX workbook", "open it and save it again as XLSX", str(path))
    book = _load(path, unreadable)
    sheets = [WorkbookSheet(sheet.title, _grid(sheet), sheet.sheet_state != "visible") for sheet in book.worksheets]
    if not sheets:
        raise BadInput(unreadable)
    if not any(cell.strip() for sheet in sheets for row in sheet.grid.rows for cell in row):
        raise BadInput(Fault("holds no values", "open it, let it compute its formulas, and save it again", str(path)))
    return sheets


def _load(path: Path, unreadable: Fault) -> Workbook:
    openpyxl = import_module("openpyxl")
    try:
        with zipfile.ZipFile(path) as package:
            if sum(part.file_size for part in package.infolist()) > LARGEST:
                raise BadInput(Fault("is too large when unpacked", "save its sheets as CSV", str(path)))
        book: Workbook = openpyxl.load_workbook(path, data_only=True)
    except (zipfile.BadZipFile, KeyError, ValueError, OSError, TypeError, AttributeError) as error:
        raise BadInput(unreadable) from error
    if sum((sheet.max_row or 0) * (sheet.max_column or 0) for sheet in book.worksheets) > MOST_CELLS:
        raise BadInput(Fault("has more than two million cells", "give its sheets as CSV", str(path)))
    return book


def _grid(sheet: Worksheet) -> TextGrid:
    rows: list[Cells] = [[cell_text(cell) for cell in row] for row in sheet.iter_rows()]
    for area in sheet.merged_cells.ranges:
        text = rows[area.min_row - 1][area.min_col - 1]
        for row, column in _places(area.bounds):
            rows[row][column] = text
    return as_grid(rows)


def _places(bounds: tuple[int, int, int, int]) -> Iterator[tuple[int, int]]:
    """Yield the rows and columns of a merged range, counted from 0."""
    left, top, right, bottom = bounds
    for row in range(top - 1, bottom):
        for column in range(left - 1, right):
            yield row, column


def cell_text(cell: Cell) -> str:
    """Return the text that a cell shows: numbers with its decimals, labels with their indent."""
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return _number_text(value, str(cell.number_format))
    if isinstance(value, datetime | date):
        return value.isoformat()[:10]
    return INDENT * int(cell.alignment.indent or 0) + with_usual_digits(str(value)).replace("\n", " ")


def _number_text(value: float, number_format: str) -> str:
    """Return a number as its format shows it; a fraction in a general format keeps its digits."""
    decimals = DECIMALS.search(number_format)
    if "%" in number_format:
        return f"{value * 100:.{len(decimals[1]) if decimals else 0}f}%"
    if float(value).is_integer():
        return str(int(value))
    return f"{value:.{len(decimals[1])}f}" if decimals else repr(round(value, 10))
