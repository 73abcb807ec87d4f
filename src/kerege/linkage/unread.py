"""Why a file cannot be read as a table, and where: looked for only when reading it has failed."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from kerege.standard.faults import Fault

SAVE = 'give a Parquet file or a CSV in UTF-8 (in Excel: Save as, "CSV UTF-8")'
# how XLSX (a zip) and XLS begin, whatever their name
WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")


def why(path: Path, separator: str) -> Fault:
    """The first thing wrong with a file; no cell of it is repeated."""
    data = path.read_bytes()
    if data.startswith(WORKBOOKS):
        return Fault("is an Excel workbook", 'save it there as "CSV UTF-8" and give that file', path.name)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = "\0"
    if path.suffix.lower() == ".parquet":
        return Fault("cannot be read as Parquet", SAVE, path.name)
    if "\0" in text:
        return Fault("is not written in UTF-8", SAVE, path.name)
    if not text.strip():
        return Fault("is empty", "give a file with a header and a row for each record", path.name)
    return _in_rows(text, separator, path.name) or Fault("cannot be read as a table", SAVE, path.name)


def _in_rows(text: str, separator: str, name: str) -> Fault | None:
    """The first row that is none, numbered as a spreadsheet does."""
    open_quote = "a quote is not closed, or stands inside a cell", "close it; a quote inside a cell is written twice"
    number = width = 0
    try:
        rows = csv.reader(io.StringIO(text.lstrip(), newline=""), delimiter=separator, strict=True)
        for number, row in enumerate(rows, 1):
            width = width or len(row)
            if len(row) > width:
                what = f"has {len(row)} cells where the header has {width}"
                return Fault(what, f"look there for a separator ({_called(separator)}) too many", name, number)
            if any(cell.count('"') % 2 for cell in row):
                return Fault(*open_quote, name, number)
    except csv.Error:
        return Fault(*open_quote, name, number + 1)
    return None


def _called(separator: str) -> str:
    return "tab" if separator == "\t" else separator
