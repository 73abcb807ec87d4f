"""Sheets of a file as text by position, and what makes a workbook unreadable or unsafe."""

from __future__ import annotations

import re
import zipfile
import zlib
from codecs import BOM_UTF8
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from io import StringIO
from itertools import chain, islice
from typing import Protocol

from openpyxl import load_workbook
from openpyxl.utils import range_boundaries
from openpyxl.utils.exceptions import InvalidFileException

from kerege.base.errors import BadInput, Fault
from kerege.base.text_files import UTF_8, decoded, encoding_of
from kerege.casework.exchange.formats.sources import Source, UploadedFile, size_of
from kerege.casework.exchange.htcds.read_file import (
    LONGEST_CELL,
    FileTable,
    cell_text,
    csv_records,
    decode_lines,
    detect_delimiter,
)

LARGEST_FILE = 500_000_000  # bytes
LARGEST_WORKBOOK = 300_000_000  # bytes when unpacked
LARGEST_UPLOADED_WORKBOOK = 50_000_000  # the same on a server that answers others meanwhile
MOST_PARTS = 10_000  # files in the ZIP archive of a workbook
MOST_ROWS = 1_048_576
MOST_COLUMNS = 2_000
BLOCK = 1 << 16
ROW_TAG, HIDDEN, NUMBER = (
    re.compile(pattern) for pattern in (rb"<(?:\w+:)?row\b[^>]*", rb"\bhidden=\"(?:1|true)\"", rb"\br=\"(\d+)\"")
)
MERGED = re.compile(rb"<(?:\w+:)?mergeCell\b[^>]*\bref=\"([A-Z]{1,3}\d+:[A-Z]{1,3}\d+)\"")
MOST_MERGED = 200_000
HEAD = 15  # rows among which the header is searched
OLD_WORKBOOK = b"\xd0\xcf\x11\xe0"
UNREADABLE = (
    InvalidFileException,
    KeyError,
    ValueError,
    OSError,
    TypeError,
    SyntaxError,
    zipfile.BadZipFile,
    zlib.error,
)

Record = tuple[int, list[str]]


@dataclass
class FileSheet:
    """Sheet of a file. `records` are (row number, cells) without trailing empty cells."""

    name: str
    records: Iterable[Record]
    exact: bool = False
    hidden: bool = False
    formulas: set[tuple[int, int]] = field(default_factory=set)
    hidden_rows: list[int] = field(default_factory=list)
    # merged cells: first row, first column, last row, last column; columns are counted from 0
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)


class StreamedCell(Protocol):
    """Cell of a sheet that is read as a stream."""

    value: object
    data_type: str


class StreamedSheet(Protocol):
    """Sheet of a workbook that is read as a stream."""

    title: str
    sheet_state: str

    def reset_dimensions(self) -> None:
        """Forget the size that the workbook states."""

    def iter_rows(self) -> Iterator[Sequence[StreamedCell]]:
        """Yield the rows."""


def check_size(path: Source) -> None:
    """Raise BadInput for a file that is missing or too large to be read at once."""
    if not path.is_file():
        raise BadInput(Fault("there is no such file", "check the path", file=path.name))
    if size_of(path) > LARGEST_FILE:
        what = f"is larger than {LARGEST_FILE // 1_000_000} MB"
        raise BadInput(Fault(what, "divide it into several files", file=path.name))


def csv_sheet(path: Source, table: FileTable, encoding: str) -> FileSheet:
    """Return the only sheet of a CSV file in UTF-8, in UTF-16 with a mark, or in a named encoding."""
    with path.open("rb") as stream:
        start = stream.read(3)
    if encoding_of(start, encoding) != UTF_8:
        text = decoded(path.read_bytes(), path.name, encoding)
        return FileSheet("", _records_of_text(table, text), exact=True)
    return FileSheet("", _utf8_records(path, table, len(BOM_UTF8) if start == BOM_UTF8 else 0), exact=True)


def _records_of_text(table: FileTable, text: str) -> Iterator[Record]:
    delimiter = detect_delimiter(table, StringIO(text, newline=""))
    return csv_records(table, StringIO(text, newline=""), delimiter)


def _utf8_records(path: Source, table: FileTable, begin: int) -> Iterator[Record]:
    with path.open("rb") as stream:
        stream.seek(begin)
        delimiter = detect_delimiter(table, decode_lines(stream, table))
        stream.seek(begin)
        yield from csv_records(table, decode_lines(stream, table), delimiter)


def workbook_sheets(path: Source) -> list[FileSheet]:
    """Return the sheets of a workbook; raise BadInput for one that cannot be read safely.

    Macros are not run, formulas are not computed, and of hidden sheets only the head is read.
    """
    check_package(path)
    try:
        with path.open("rb") as stream, closing(load_workbook(stream, read_only=True, data_only=False)) as book:
            sheets = [_read_sheet(sheet, path.name) for sheet in book.worksheets]
            places = {sheet.title: sheet._worksheet_path for sheet in book.worksheets}
        return [_with_marks(path, sheet, places[sheet.name]) for sheet in sheets]
    except UNREADABLE as error:
        raise unreadable_workbook(path.name) from error


def unreadable_workbook(name: str) -> BadInput:
    """Return the error for a file that is no workbook."""
    return BadInput(Fault("cannot be read as an XLSX workbook", "open it and save it again as XLSX", file=name))


def check_package(path: Source) -> None:
    """Raise BadInput for a workbook with a password, of an old format, or too large when unpacked."""
    with path.open("rb") as stream:
        if stream.read(4) == OLD_WORKBOOK:
            what = "has a password, or is a workbook of the old format XLS"
            raise BadInput(Fault(what, "save it as XLSX without a password", file=path.name))
    try:
        with path.open("rb") as stream, zipfile.ZipFile(stream) as package:
            parts = package.infolist()
    except (zipfile.BadZipFile, OSError) as error:
        raise unreadable_workbook(path.name) from error
    limit = LARGEST_UPLOADED_WORKBOOK if isinstance(path, UploadedFile) else LARGEST_WORKBOOK
    if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > limit:
        raise BadInput(Fault("is too large when unpacked", "save its sheet as CSV", file=path.name))


def _with_marks(path: Source, sheet: FileSheet, place: str) -> FileSheet:
    """Return a sheet with its merged cells, and with the rows that are hidden, by hand or by a filter."""
    with path.open("rb") as stream, zipfile.ZipFile(stream) as package, package.open(place.lstrip("/")) as part:
        rows, merged, rest = list[int](), list[tuple[int, int, int, int]](), b""
        for block in chain(iter(lambda: part.read(BLOCK), b""), [b"<"]):  # the last one ends the rest
            text = rest + block
            end = text.rfind(b"<")
            rest, text = text[end:], text[:end]
            rows += [
                int(number[1]) for tag in ROW_TAG.findall(text) if HIDDEN.search(tag) and (number := NUMBER.search(tag))
            ]
            merged += [
                (top, left - 1, bottom, right - 1)
                for area in MERGED.findall(text)
                for left, top, right, bottom in [range_boundaries(area.decode())]
            ]
            if len(merged) > MOST_MERGED:
                raise BadInput(Fault("has too many merged cells", "save its sheet as CSV", file=path.name))
    return replace(sheet, hidden_rows=rows, merged=merged)


def _read_sheet(sheet: StreamedSheet, file: str) -> FileSheet:
    read = FileSheet(sheet.title, [], hidden=sheet.sheet_state != "visible")
    sheet.reset_dimensions()
    records = _records_of_sheet(sheet, read, file)
    read.records = list(islice(records, HEAD) if read.hidden else records)
    return read


def _records_of_sheet(sheet: StreamedSheet, read: FileSheet, file: str) -> Iterator[Record]:
    for number, cells in enumerate(sheet.iter_rows(), start=1):
        if len(cells) > MOST_COLUMNS or number > MOST_ROWS:
            what = f"has more than {MOST_COLUMNS} columns or {MOST_ROWS} rows"
            raise BadInput(Fault(what, "delete what is not needed", file=file))
        texts = [cell_text(cell.value) for cell in cells]
        read.formulas.update((number, place) for place, cell in enumerate(cells) if cell.data_type == "f")
        while texts and not texts[-1].strip():
            texts.pop()
        if any(len(text) > LONGEST_CELL for text in texts):
            raise BadInput(Fault("holds a cell that is too long", "shorten it", file=file, row=number))
        yield number, texts


def fill_merged(sheet: FileSheet, records: Iterable[Record], last: int = MOST_ROWS) -> Iterator[Record]:
    """Yield records in which each cell of a merged area has the text of its first cell, up to a row."""
    by_row: dict[int, list[tuple[int, int, int]]] = {}
    for top, left, bottom, right in sheet.merged:
        for row in range(top, min(bottom, last) + 1):
            by_row.setdefault(row, []).append((top, left, min(right, MOST_COLUMNS)))
    texts: dict[tuple[int, int], str] = {}
    for number, cells in records:
        filled = list(cells)
        for top, left, right in by_row.get(number, ()):
            if number == top:
                texts[top, left] = cells[left] if left < len(cells) else ""
            filled += [""] * (right + 1 - len(filled))
            filled[left : right + 1] = [texts.get((top, left), "")] * (right + 1 - left)
        while filled and not filled[-1].strip():
            filled.pop()
        yield number, filled


def head_of(sheet: FileSheet) -> list[Record]:
    """Return the first rows of a sheet; the sheet can still be read from its start."""
    records = iter(sheet.records)
    head = list(islice(records, HEAD))
    sheet.records = sheet.records if isinstance(sheet.records, list) else chain(head, records)
    return head
