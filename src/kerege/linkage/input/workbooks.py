"""Sheets of an XLSX workbook as a table of text: the first visible sheet with a known header.

openpyxl is loaded at the first workbook. Formulas are not computed: a cell holds what the spreadsheet stored last.
"""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import date, datetime
from importlib import import_module
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from kerege.base.errors import BadInput, Fault
from kerege.linkage.input.column_roles import role_of

if TYPE_CHECKING:
    from openpyxl.cell import Cell
    from openpyxl.workbook import Workbook
    from openpyxl.worksheet.worksheet import Worksheet

# first bytes of an XLSX, which is a zip archive
XLSX = b"PK\x03\x04"
LARGEST = 500_000_000  # bytes when unpacked
# rows among which the header is searched: titles stand above it in forms
HEAD = 15
MOST_COLUMNS = 500
UNREADABLE = (zipfile.BadZipFile, zlib.error, KeyError, ValueError, OSError, TypeError, AttributeError, SyntaxError)
# a number format that only pads with zeros, as for a personal number
_ZEROS = re.compile(r"0{2,}")

Record = tuple[int, list[str]]
"""Number of a row as the spreadsheet shows it, and its cells without trailing empty ones."""


@dataclass(frozen=True)
class SheetTable:
    """Table of one sheet: `rows` holds the row numbers, `others` the titles of the other sheets."""

    frame: pl.DataFrame
    rows: list[int]
    title: str
    others: list[str]


def is_workbook(path: Path) -> bool:
    """Return whether a file is an XLSX workbook, by its first bytes."""
    with path.open("rb") as file:
        return file.read(len(XLSX)) == XLSX


def read_workbook(path: Path) -> SheetTable:
    """Return the table of a workbook: the first visible sheet with a known header, else with values.

    Raises BadInput for a file that cannot be read, and for one without a value.
    """
    _check_size(path)
    try:
        with path.open("rb") as file, closing(_load(file)) as book:
            sheets = {sheet.title: sheet for sheet in book.worksheets if sheet.sheet_state == "visible"}
            heads = {title: list(islice(_read_rows(sheet), HEAD)) for title, sheet in sheets.items()}
            used = [title for title, head in heads.items() if any(cells for _, cells in head)]
            if not used:
                raise BadInput(
                    Fault("holds no values", "open it, look at its first sheet, and save it again", path.name)
                )
            title = next((title for title in used if _find_header(heads[title]) is not None), used[0])
            frame, rows = _build_frame(_read_rows(sheets[title]), _find_header(heads[title]), path.name)
    except UNREADABLE as error:
        raise _unreadable(path) from error
    return SheetTable(frame, rows, title, [other for other in used if other != title])


def _unreadable(path: Path) -> BadInput:
    return BadInput(Fault("cannot be read as an XLSX workbook", "open it and save it again as XLSX", path.name))


def _check_size(path: Path) -> None:
    try:
        with zipfile.ZipFile(path) as package:
            size = sum(part.file_size for part in package.infolist())
    except UNREADABLE as error:
        raise _unreadable(path) from error
    if size > LARGEST:
        raise BadInput(Fault("is too large when unpacked", "save its sheet as CSV UTF-8", path.name))


def _load(file: object) -> Workbook:
    book: Workbook = import_module("openpyxl").load_workbook(file, read_only=True, data_only=True)
    return book


def _read_rows(sheet: Worksheet) -> Iterator[Record]:
    sheet.reset_dimensions()  # the stated size of a sheet is often wrong
    for number, cells in enumerate(sheet.iter_rows(max_col=MOST_COLUMNS), 1):
        texts = [cell_text(cell) for cell in cells]
        while texts and not texts[-1]:
            texts.pop()
        yield number, texts


def cell_text(cell: Cell) -> str:
    """Return the text of a cell: dates as 1990-05-12, whole numbers with the zeros of their format.

    A value such as `#N/A` is empty.
    """
    value = cell.value
    if value is None or cell.data_type == "e":
        return ""
    if isinstance(value, datetime | date):
        return value.isoformat()[:10]
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    text = str(value).strip()
    return text.zfill(len(cell.number_format)) if _ZEROS.fullmatch(cell.number_format) and text.isdigit() else text


def _find_header(head: Sequence[Record]) -> int | None:
    """Return the number of the row with the most known headers; None if no row has one."""
    known = {number: len({role for cell in cells if (role := role_of(cell))}) for number, cells in head}
    best = max(known, key=lambda number: (known[number], -number), default=None)
    return best if best is not None and known[best] else None


def _build_frame(records: Iterable[Record], header: int | None, file: str) -> tuple[pl.DataFrame, list[int]]:
    """Return the cells below the header and their row numbers; raises BadInput for cells beside it."""
    filled = ((number, cells) for number, cells in records if cells and (header is None or number >= header))
    names = next(filled)[1]
    rows, numbers = [], []
    for number, cells in filled:
        if len(cells) > len(names):
            problem = f"has {len(cells)} cells where the header has {len(names)}"
            raise BadInput(Fault(problem, "give the column a header, or clear the cells", file, number))
        rows.append([cell or None for cell in cells] + [None] * (len(names) - len(cells)))
        numbers.append(number)
    columns = zip(*rows, strict=True) if rows else [()] * len(names)
    series = [pl.Series(f"c{place}", values, pl.String) for place, values in enumerate(columns)]
    return _with_headers(series, names, file), numbers


def _with_headers(series: Sequence[pl.Series], names: Sequence[str], file: str) -> pl.DataFrame:
    repeated = [name for name in names if name and names.count(name) > 1]
    if repeated:
        raise BadInput(Fault("two columns have the same name", "give each a name of its own", file, column=repeated[0]))
    frame = pl.DataFrame(list(series))
    frame.columns = [name or f"column {place}" for place, name in enumerate(names, 1)]
    return frame
