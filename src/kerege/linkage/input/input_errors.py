"""Diagnosis of unreadable files: reason and location, never a cell value."""

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
from kerege.base.text_files import ASK, UTF_8

SAVE = 'give an XLSX, a Parquet file, or a CSV in UTF-8 (in Excel: Save as, "CSV UTF-8")'
# first bytes of XLS, and of a workbook with a password
OLD_WORKBOOK = b"\xd0\xcf\x11\xe0"
# first and last bytes of a Parquet file
PARQUET = b"PAR1"
# an optional first line that gives Excel the separator
SEPARATOR_LINE = re.compile(r'"?sep=([,;\t|])"?[ \t]*(?:\r?\n|\r)', re.IGNORECASE)


def is_parquet(path: Path) -> bool:
    """Return whether a file is Parquet, by its content or its suffix."""
    with path.open("rb") as file:
        return path.suffix.lower() == ".parquet" or file.read(len(PARQUET)) == PARQUET


def diagnose(path: Path, separator: str, encoding: str = UTF_8) -> Fault:
    """Return the first error of an unreadable file."""
    data = path.read_bytes()
    todo = "get the whole file again"
    if data.startswith(OLD_WORKBOOK):
        what = "has a password, or is a workbook of the old format XLS"
        return Fault(what, "save it as XLSX without a password", path.name)
    if data.startswith(PARQUET) and not data.endswith(PARQUET):
        return Fault("is cut off, its end is missing", todo, path.name)
    if is_parquet(path):
        return Fault("cannot be read as Parquet", SAVE, path.name)
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as wrong:
        if wrong.reason == "unexpected end of data":
            return Fault("is cut off in the middle of a letter", todo, path.name)
        text = "\0"
    if "\0" in text:
        return Fault("is not UTF-8 text", ASK, path.name)
    if not text.strip():
        return Fault("is empty", "give a file with a header and a row for each record", path.name)
    return _find_row_error(text, separator, path.name) or Fault("cannot be read as a table", SAVE, path.name)


def lacks_line_end(path: Path) -> bool:
    """Return whether the last line lacks a line end, as in a truncated file."""
    with path.open("rb") as file:
        file.seek(-min(2, path.stat().st_size), os.SEEK_END)
        return not file.read().rstrip(b"\0").endswith((b"\n", b"\r"))


def short_rows(path: Path, separator: str, columns: int, encoding: str = UTF_8) -> Iterator[tuple[int, int]]:
    """Yield number and length of each row with fewer cells than `columns`, except empty rows."""
    with path.open(encoding=encoding, newline="") as file:
        for number, row in _read_rows(file, separator):
            if len(row) < columns and any(map(str.strip, row)):
                yield number, len(row)


def _read_rows(file: TextIO, separator: str, *, strict: bool = False) -> Iterator[tuple[int, list[str]]]:
    """Yield the rows with their numbers as in a spreadsheet: the header is row 1."""
    first = file.readline()
    lines = file if SEPARATOR_LINE.fullmatch(first) else chain([first], file)
    previous_limit = csv.field_size_limit(sys.maxsize)
    try:
        rows = csv.reader(lines, delimiter=separator, strict=strict)
        yield from enumerate(dropwhile(lambda row: not any(map(str.strip, row)), rows), 1)
    finally:
        csv.field_size_limit(previous_limit)


def _find_row_error(text: str, separator: str, name: str) -> Fault | None:
    """Return the error of the first malformed row."""
    open_quote = "a quote is not closed, or is inside a cell", "close it; a quote inside a cell is written twice"
    number = width = 0
    try:
        for number, row in _read_rows(io.StringIO(text, newline=""), separator, strict=True):
            width = width or len(row)
            if len(row) > width:
                problem = f"has {len(row)} cells where the header has {width}"
                return Fault(problem, f"remove the extra separator ({_name_separator(separator)})", name, number)
            if any(cell.count('"') % 2 for cell in row):
                return Fault(*open_quote, name, number)
    except csv.Error:
        return Fault(*open_quote, name, number + 1)
    return None


def _name_separator(separator: str) -> str:
    return "tab" if separator == "\t" else separator
