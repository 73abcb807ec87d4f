"""What of a file cannot be read as a table, why, and where; no cell of it is repeated."""

from __future__ import annotations

import csv
import io
import os
import re
import sys
from collections.abc import Iterator
from itertools import chain, dropwhile
from pathlib import Path
from typing import TextIO

from kerege.base.errors import Fault

SAVE = 'give a Parquet file or a CSV in UTF-8 (in Excel: Save as, "CSV UTF-8")'
# how XLSX (a zip) and XLS begin, whatever their name
WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
# how a Parquet file begins and ends
PARQUET = b"PAR1"
# a first line by which Excel knows the separator
TOLD = re.compile(r'"?sep=([,;\t|])"?[ \t]*(?:\r?\n|\r)', re.IGNORECASE)


def is_parquet(path: Path) -> bool:
    """Whether a file is one of Parquet, also under another name; one that should be one is."""
    with path.open("rb") as file:
        return path.suffix.lower() == ".parquet" or file.read(len(PARQUET)) == PARQUET


def why(path: Path, separator: str) -> Fault:
    """The first thing wrong with a file that cannot be read."""
    data = path.read_bytes()
    whole = "get the whole file again"
    if data.startswith(WORKBOOKS):
        return Fault("is an Excel workbook", 'save it there as "CSV UTF-8" and give that file', path.name)
    if data.startswith(PARQUET) and not data.endswith(PARQUET):
        return Fault("is cut off, its end is missing", whole, path.name)
    if is_parquet(path):
        return Fault("cannot be read as Parquet", SAVE, path.name)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as wrong:
        if wrong.reason == "unexpected end of data":
            return Fault("is cut off in the middle of a letter", whole, path.name)
        text = "\0"
    if "\0" in text:
        return Fault("is not written in UTF-8", SAVE, path.name)
    if not text.strip():
        return Fault("is empty", "give a file with a header and a row for each record", path.name)
    return _in_rows(text, separator, path.name) or Fault("cannot be read as a table", SAVE, path.name)


def ends_open(path: Path) -> bool:
    """Whether the last line has no end, as where a file was cut off."""
    with path.open("rb") as file:
        file.seek(-1, os.SEEK_END)
        return file.read() not in (b"\n", b"\r")


def short_rows(path: Path, separator: str, columns: int) -> Iterator[tuple[int, int]]:
    """The number of each row that has fewer cells than `columns`, and how many it has; empty rows are none."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        for number, row in _rows(file, separator):
            if len(row) < columns and any(map(str.strip, row)):
                yield number, len(row)


def _rows(file: TextIO, separator: str, *, strict: bool = False) -> Iterator[tuple[int, list[str]]]:
    """The rows of a table, numbered as a spreadsheet does: the header is 1."""
    first = file.readline()
    lines = file if TOLD.fullmatch(first) else chain([first], file)
    usual = csv.field_size_limit(sys.maxsize)
    try:
        rows = csv.reader(lines, delimiter=separator, strict=strict)
        yield from enumerate(dropwhile(lambda row: not any(map(str.strip, row)), rows), 1)
    finally:
        csv.field_size_limit(usual)


def _in_rows(text: str, separator: str, name: str) -> Fault | None:
    """The first row that is none."""
    open_quote = "a quote is not closed, or stands inside a cell", "close it; a quote inside a cell is written twice"
    number = width = 0
    try:
        for number, row in _rows(io.StringIO(text, newline=""), separator, strict=True):
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
