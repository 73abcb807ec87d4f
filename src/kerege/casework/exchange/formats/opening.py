"""Opening of a file of any known format as a table of the exchange."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from kerege.base.errors import BadInput, Fault
from kerege.casework.exchange.formats.days import ORDERS, settle_days
from kerege.casework.exchange.formats.headers import (
    FORM,
    LABELS,
    LEAST_SCORE,
    NAMES,
    WORKBOOK,
    SheetHeader,
    find_header,
    is_plain,
)
from kerege.casework.exchange.formats.headings import COLUMN, UNKNOWN
from kerege.casework.exchange.formats.macro import warn_of_hidden_choices
from kerege.casework.exchange.formats.options import ASK, DROP, FAIL, ReadOptions
from kerege.casework.exchange.formats.sheets import FileSheet, check_size, csv_sheet, head_of, workbook_sheets
from kerege.casework.exchange.formats.tables import rows_of_sheet
from kerege.casework.exchange.htcds.column_renaming import ColumnMap
from kerege.casework.exchange.htcds.columns import file_columns
from kerege.casework.exchange.htcds.read_file import Faults, FileTable, Heading, Row, json_rows, reject_nul, table_rows

SUFFIXES = {
    ".csv": "csv",
    ".tsv": "csv",
    ".txt": "csv",
    ".xlsx": "workbook",
    ".xlsm": "workbook",
    ".json": "json",
}
NAMES_OF_FORMATS = {
    NAMES: "columns with the names of HTCDS",
    LABELS: "columns with labels",
    WORKBOOK: "IOM's workbook",
    FORM: "the export of a form",
}


def open_file(path: Path, mapping: ColumnMap | None = None, options: ReadOptions | None = None) -> FileTable:
    """Open a file of a known format; raise BadInput if it cannot be read.

    Faults of single rows are added to the table's `faults` while its rows are read.
    """
    options = options or ReadOptions()
    _check_options(options)
    kind = SUFFIXES.get(path.suffix.lower())
    if kind is None:
        raise BadInput(Fault("is not CSV, XLSX or JSON file", "save it as one of them", file=path.name))
    check_size(path)
    table = FileTable(path.name, [], Faults(path.name), file_columns(), mapping or ColumnMap())
    rows = json_rows(path, table) if kind == "json" else _rows_of_sheets(path, table, options)
    table.rows = settle_days(reject_nul(table, rows), table.faults, options.days)
    return table


@dataclass(frozen=True)
class Explanation:
    """Meaning of the headings of a file."""

    read_as: str
    headings: list[Heading]

    @property
    def unknown(self) -> list[str]:
        """Return the headings without a meaning."""
        return [heading.title for heading in self.headings if heading.role == UNKNOWN and heading.title]

    def as_map(self) -> str:
        """Return the headings as a map file to edit; unknown ones are left out of the import by it."""
        read = [heading for heading in self.headings if heading.title and heading.role in {COLUMN, UNKNOWN}]
        lines = [f"{_toml_text(heading.title)} = {_toml_text(heading.column)}" for heading in read]
        return "\n".join([f"# read as {self.read_as}", "[columns]", *dict.fromkeys(lines)])


def _toml_text(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def explain_headings(path: Path, mapping: ColumnMap | None, options: ReadOptions) -> Explanation:
    """Return the meaning of the headings of a file; no record is looked at."""
    table = FileTable(path.name, [], Faults(path.name), file_columns(), mapping or ColumnMap())
    check_size(path)
    if SUFFIXES.get(path.suffix.lower(), "json") == "json":
        return Explanation(NAMES_OF_FORMATS[NAMES], [])
    sheet, header = _choose(table, _sheets(path, table, options))
    return Explanation(_describe(header, sheet), header.headings)


def _check_options(options: ReadOptions) -> None:
    allowed = {
        "--unknown": (options.unknown, (ASK, DROP, FAIL)),
        "--dates": (options.days or ORDERS[0], ORDERS),
        "--format": (options.format or NAMES, tuple(NAMES_OF_FORMATS)),
    }
    for option, (answer, answers) in allowed.items():
        if answer not in answers:
            raise BadInput(Fault(f"{option} has no answer {answer!r}", f"use one of {', '.join(answers)}"))


def _sheets(path: Path, table: FileTable, options: ReadOptions) -> list[FileSheet]:
    is_csv = SUFFIXES[path.suffix.lower()] == "csv"
    return [csv_sheet(path, table, options.encoding)] if is_csv else workbook_sheets(path)


def _rows_of_sheets(path: Path, table: FileTable, options: ReadOptions) -> Iterator[Row]:
    sheet, header = _choose(table, _sheets(path, table, options))
    if options.format and header.format != options.format:
        what = f"is {NAMES_OF_FORMATS[header.format]}, not {NAMES_OF_FORMATS[options.format]}"
        raise BadInput(Fault(what, "correct --format, or leave it out", file=table.file))
    if is_plain(header) and not sheet.formulas:
        return table_rows(table, iter(sheet.records), exact=sheet.exact)
    table.read_as = _describe(header, sheet)
    rows = rows_of_sheet(table, sheet, header, options.unknown)
    has_macro = header.format == WORKBOOK and path.suffix.lower() == ".xlsm"
    return warn_of_hidden_choices(rows, table) if has_macro else rows


def _choose(table: FileTable, sheets: Sequence[FileSheet]) -> tuple[FileSheet, SheetHeader]:
    """Return the only sheet with records; raise BadInput if there is none or more than one."""
    if not any(not sheet.hidden for sheet in sheets):
        raise BadInput(Fault("has no visible sheet", "show the sheet with the records", file=table.file))
    headers = [(sheet, find_header(head_of(sheet), table.mapping)) for sheet in sheets]
    for sheet, header in headers:
        if sheet.hidden and header and header.score >= LEAST_SCORE:
            table.notes.append(f"the hidden sheet {sheet.name} is not read")
    visible = [(sheet, header) for sheet, header in headers if header and not sheet.hidden]
    if not visible:
        raise BadInput(Fault("is empty", "choose another file", file=table.file))
    good = [pair for pair in visible if pair[1].columns and pair[1].score >= LEAST_SCORE]
    if len(good) > 1:
        good = [pair for pair in good if not _holds_lists(*pair)]
    if len(good) > 1:
        names = " and ".join(sheet.name for sheet, _ in good)
        raise BadInput(Fault(f"has records on the sheets {names}", "keep one of them", file=table.file))
    if not good and not any(header.columns for _, header in visible):
        what = "has no heading that is known in Kazakh, Russian or English"
        raise BadInput(Fault(what, "export it with the names of HTCDS, or write a map (--map)", file=table.file))
    return good[0] if good else next(pair for pair in visible if pair[1].columns)


def _holds_lists(sheet: FileSheet, header: SheetHeader) -> bool:
    """Return whether a sheet holds the choices of columns: only coded columns, and no value twice in one."""
    known = file_columns()
    if any(known[column].kind not in {"code", "codes"} for column in header.columns):
        return False
    below = [cells for number, cells in sheet.records if number > header.rows[-1]]
    for place, heading in enumerate(header.headings):
        texts = [cells[place] for cells in below if heading.column and place < len(cells) and cells[place]]
        if len(set(texts)) < len(texts):
            return False
    return True


def _describe(header: SheetHeader, sheet: FileSheet) -> str:
    """Return how a file was read, in words."""
    rows = " and ".join(map(str, header.rows))
    place = f"row {rows}" if len(header.rows) == 1 else f"rows {rows}"
    return f"{NAMES_OF_FORMATS[header.format]}, headings of {place}" + (f" of {sheet.name}" if sheet.name else "")
