"""Recognition of the format of a file, and its rows as a table of the exchange."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice

from kerege.base.errors import BadInput, Fault
from kerege.casework.exchange.formats.case_systems import (
    COMMCARE_COLUMNS,
    PRIMERO,
    Record,
    commcare_columns,
    commcare_records,
    looks_like_primero,
    primero_records,
    records_of_sheets,
    rows_of_primero,
    sheet_of_commcare,
    without_dashes,
)
from kerege.casework.exchange.formats.days import ORDERS, settle_days
from kerege.casework.exchange.formats.form_json import sheets_of, submissions_of
from kerege.casework.exchange.formats.headers import (
    FORM,
    LABELS,
    LEAST_SCORE,
    NAMES,
    WORKBOOK,
    SheetHeader,
    find_header,
    is_plain,
    lacks_labels,
)
from kerege.casework.exchange.formats.headings import COLUMN, UNKNOWN, column_of, name_of_column
from kerege.casework.exchange.formats.macro import warn_of_hidden_choices
from kerege.casework.exchange.formats.options import ASK, DROP, FAIL, ReadOptions
from kerege.casework.exchange.formats.repeats import SheetPair, is_repeat, with_case_ids
from kerege.casework.exchange.formats.sheets import FileSheet, check_size, csv_sheet, head_of, workbook_sheets
from kerege.casework.exchange.formats.sources import Source
from kerege.casework.exchange.formats.stated_facts import settle_facts
from kerege.casework.exchange.formats.tables import case_id_place, rows_of_sheet
from kerege.casework.exchange.htcds.column_renaming import ColumnMap
from kerege.casework.exchange.htcds.columns import file_columns
from kerege.casework.exchange.htcds.read_file import (
    Faults,
    FileTable,
    Heading,
    JsonPairs,
    Row,
    cell_text,
    load_json,
    reject_nul,
    rows_of_tree,
    table_rows,
)

SUFFIXES = {
    ".csv": "csv",
    ".tsv": "csv",
    ".txt": "csv",
    ".xlsx": "workbook",
    ".xlsm": "workbook",
    ".json": "json",
}
MOST_ROWS_SHOWN = 10
MOST_TITLES = 30
ROWS_OF_EXAMPLES, MOST_EXAMPLES = 200, 3
NAMES_OF_FORMATS = {
    NAMES: "columns with the names of HTCDS",
    LABELS: "columns with labels",
    WORKBOOK: "IOM's workbook",
    FORM: "the export of a form",
    PRIMERO: "the export of Primero",
}


def open_file(path: Source, mapping: ColumnMap | None = None, options: ReadOptions | None = None) -> FileTable:
    """Open a file of a known format; raise BadInput if it cannot be read.

    Faults of single rows are added to the table's `faults` while its rows are read.
    """
    options = options or ReadOptions()
    _check_options(options)
    kind = _kind_of(path)
    table = FileTable(path.name, [], Faults(path.name), file_columns(), mapping or ColumnMap())
    rows = _rows_of_json(path, table, options) if kind == "json" else _rows_of_sheets(path, table, options)
    rows = settle_facts(reject_nul(table, rows), table)
    table.rows = settle_days(rows, table, options.days or table.mapping.reading.get("days", ""))
    return table


def _kind_of(path: Source) -> str:
    """Return the kind of a file by its suffix; raise BadInput for another one or a file that is too large."""
    kind = SUFFIXES.get(path.suffix.lower())
    if kind is None:
        raise BadInput(Fault("is not CSV, XLSX or JSON file", "save it as one of them", file=path.name))
    check_size(path)
    return kind


@dataclass(frozen=True)
class Explanation:
    """Meaning of the headings of a file."""

    read_as: str
    headings: list[Heading]
    # the first values of each heading, by its position
    examples: list[list[str]] = field(default_factory=list)

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


def explain_headings(path: Source, mapping: ColumnMap | None, options: ReadOptions) -> Explanation:
    """Return the meaning of the headings of a file; Primero and a plain JSON array have none."""
    kind = _kind_of(path)
    table = FileTable(path.name, [], Faults(path.name), file_columns(), mapping or ColumnMap())
    tree = load_json(path.read_bytes(), table, options.encoding) if kind == "json" else None
    sheets = _sheets_of_tree(tree, table) if kind == "json" else _sheets(path, table, options)
    if primero_records(tree) is not None or _are_of_primero(sheets):
        return Explanation(NAMES_OF_FORMATS[PRIMERO], [])
    if not sheets:
        return Explanation(NAMES_OF_FORMATS[NAMES], [])
    sheet, header = _choose(table, sheets, explain=True)
    return Explanation(_describe(header, sheet), header.headings, _examples(sheet, header))


def _examples(sheet: FileSheet, header: SheetHeader) -> list[list[str]]:
    """Return the first values of each column among the first rows below the header."""
    below = (cells for number, cells in sheet.records if number > header.rows[-1])
    examples: list[list[str]] = [[] for _ in header.headings]
    for cells in islice(below, ROWS_OF_EXAMPLES):
        for texts, cell in zip(examples, cells, strict=False):
            if cell.strip() and len(texts) < MOST_EXAMPLES:
                texts.append(cell.strip())
    return examples


def _check_options(options: ReadOptions) -> None:
    allowed = {
        "--unknown": (options.unknown, (ASK, DROP, FAIL)),
        "--dates": (options.days or ORDERS[0], ORDERS),
        "--format": (options.format or NAMES, tuple(NAMES_OF_FORMATS)),
    }
    for option, (answer, answers) in allowed.items():
        if answer not in answers:
            raise BadInput(Fault(f"{option} has no answer {answer!r}", f"use one of {', '.join(answers)}"))


def _sheets(path: Source, table: FileTable, options: ReadOptions) -> list[FileSheet]:
    is_csv = SUFFIXES[path.suffix.lower()] == "csv"
    sheets = [csv_sheet(path, table, options.encoding)] if is_csv else workbook_sheets(path)
    columns = commcare_columns(cells for sheet in _visible(sheets) for _, cells in head_of(sheet)[:1])
    if not columns:
        return sheets
    table.mapping = replace(table.mapping, columns=columns | table.mapping.columns)
    return [without_dashes(sheet) for sheet in sheets]


def _rows_of_json(path: Source, table: FileTable, options: ReadOptions) -> Iterator[Row]:
    tree = load_json(path.read_bytes(), table, options.encoding)
    if sheets := _sheets_of_tree(tree, table):
        return _rows_of_chosen(path, table, sheets, options)
    if (records := primero_records(tree)) is not None:
        return _rows_of_primero(table, records, options)
    return rows_of_tree(tree, table)


def _sheets_of_tree(tree: object, table: FileTable) -> list[FileSheet]:
    """Return the submissions of a form or the cases of CommCare as sheets; [] for other JSON."""
    if (submissions := submissions_of(tree)) is not None:
        return sheets_of(submissions)
    if (cases := commcare_records(tree)) is not None:
        table.mapping = replace(table.mapping, columns=COMMCARE_COLUMNS | table.mapping.columns)
        return [sheet_of_commcare(cases)]
    return _sheet_of_objects(tree)


def _sheet_of_objects(tree: object) -> list[FileSheet]:
    """Return flat objects as a sheet if one of their names is a heading in words; else []."""
    if not isinstance(tree, list) or not all(isinstance(entry, JsonPairs) for entry in tree):
        return []
    titles = list(dict.fromkeys(name for entry in tree for name, _ in entry))
    is_flat = not any(isinstance(value, list) for entry in tree for _, value in entry)
    has_repeats = any(len(dict(entry)) < len(entry) for entry in tree)
    if not is_flat or has_repeats or all(name_of_column(title.strip()) or not column_of(title) for title in titles):
        return []
    rows = [(number, [cell_text(dict(entry).get(title)) for title in titles]) for number, entry in enumerate(tree, 1)]
    return [FileSheet("", [(0, titles), *rows])]


def _rows_of_primero(table: FileTable, records: Sequence[Record], options: ReadOptions) -> Iterator[Row]:
    _check_format(table, PRIMERO, options)
    table.read_as = NAMES_OF_FORMATS[PRIMERO]
    return rows_of_primero(records, table)


def _check_format(table: FileTable, recognised: str, options: ReadOptions) -> None:
    if options.format and recognised != options.format:
        what = f"is {NAMES_OF_FORMATS[recognised]}, not {NAMES_OF_FORMATS[options.format]}"
        raise BadInput(Fault(what, "correct --format, or leave it out", file=table.file))


def _rows_of_sheets(path: Source, table: FileTable, options: ReadOptions) -> Iterator[Row]:
    sheets = _sheets(path, table, options)
    if _are_of_primero(sheets):
        table.notes += [_hidden_sheet_note(sheet.name) for sheet in sheets if sheet.hidden]
        return _rows_of_primero(table, records_of_sheets(_visible(sheets)), options)
    return _rows_of_chosen(path, table, sheets, options)


def _visible(sheets: Sequence[FileSheet]) -> list[FileSheet]:
    return [sheet for sheet in sheets if not sheet.hidden]


def _are_of_primero(sheets: Sequence[FileSheet]) -> bool:
    return looks_like_primero(cells for sheet in _visible(sheets) for _, cells in head_of(sheet)[:1])


def _rows_of_chosen(path: Source, table: FileTable, sheets: list[FileSheet], options: ReadOptions) -> Iterator[Row]:
    sheet, header = _choose(table, sheets)
    _check_format(table, header.format, options)
    if lacks_labels(header):
        what = "has IOM's hidden names, but not its labels in English, Russian or Kazakh"
        raise BadInput(Fault(what, "put the labels back into row 2", file=table.file))
    if hidden := [number for number in sheet.hidden_rows if number > header.rows[-1]]:
        table.notes.append(_hidden_rows_note(sheet.name, hidden))
    if is_plain(header) and not sheet.formulas:
        return table_rows(table, iter(sheet.records), exact=sheet.exact)
    table.read_as = _describe(header, sheet)
    if options.unknown != DROP:
        _tell_headings(table, header)
    rows = rows_of_sheet(table, sheet, header, options.unknown)
    has_macro = header.format == WORKBOOK and path.suffix.lower() == ".xlsm"
    if has_macro:
        return warn_of_hidden_choices(rows, table)
    repeats = [pair for pair in _with_headers(table, sheets) if is_repeat(pair[1]) and pair[0] is not sheet]
    return _with_repeats(table, (sheet, header), rows, repeats, options) if repeats else rows


def _hidden_sheet_note(name: str) -> str:
    return f"the hidden sheet {name} is not read"


def _hidden_rows_note(name: str, rows: list[int]) -> str:
    """Return the note that hidden or filtered rows are read too, with the first of them."""
    shown = ", ".join(map(str, rows[:MOST_ROWS_SHOWN])) + (" ..." if len(rows) > MOST_ROWS_SHOWN else "")
    return f"{len(rows)} rows of the sheet {name} are hidden or filtered out and are read as well: {shown}"


def _with_repeats(
    table: FileTable, parent: SheetPair, rows: Iterator[Row], repeats: list[SheetPair], options: ReadOptions
) -> Iterator[Row]:
    """Yield the rows of the submissions, then those of their repeated groups as rows of the same cases."""
    id_place = case_id_place(parent[1])
    yield from rows
    for repeat in repeats:
        if pair := with_case_ids(table, repeat, parent, id_place):
            yield from rows_of_sheet(table, *pair, options.unknown)


def _choose(table: FileTable, sheets: Sequence[FileSheet], *, explain: bool = False) -> tuple[FileSheet, SheetHeader]:
    """Return the only sheet with records; raise BadInput if there is none or more than one.

    With `explain`, the best sheet is returned, also one without a known heading: a person can map it.
    """
    if not _visible(sheets):
        raise BadInput(Fault("has no visible sheet", "show the sheet with the records", file=table.file))
    if name := table.mapping.reading.get("sheet"):
        sheets = [sheet for sheet in sheets if sheet.name == name] or sheets
    headers = _with_headers(table, sheets)
    for sheet, header in headers:
        if sheet.hidden and header.score >= LEAST_SCORE:
            table.notes.append(_hidden_sheet_note(sheet.name))
    visible = [(sheet, header) for sheet, header in headers if not sheet.hidden and not is_repeat(header)]
    if not visible:
        row = table.mapping.reading.get("row")
        what, todo = (
            (f"has no headings in row {row}", "correct the row") if row else ("is empty", "choose another file")
        )
        raise BadInput(Fault(what, todo, file=table.file))
    good = [pair for pair in visible if pair[1].columns and pair[1].score >= LEAST_SCORE]
    if len(good) > 1:
        good = [pair for pair in good if not _holds_lists(*pair)]
    if len(good) > 1 and not explain:
        names = " and ".join(sheet.name for sheet, _ in good)
        raise BadInput(Fault(f"has records on the sheets {names}", "keep one of them", file=table.file))
    if not explain and not good and not any(header.columns for _, header in visible):
        raise no_known_heading(table.file)
    return good[0] if good else max(visible, key=lambda pair: len(pair[1].columns))


def no_known_heading(file: str) -> BadInput:
    """Return the error for a file without a known heading.

    It repeats no cell: the first row can be that of a person.
    """
    what = "has no heading that is known in Kazakh, Russian or English"
    return BadInput(Fault(what, "export it with the names of HTCDS, or write a map (--map)", file=file))


def _tell_headings(table: FileTable, header: SheetHeader) -> None:
    """Add a fault that names known and unknown headings, where too few are known."""
    known = [heading.title for heading in header.headings if heading.role != UNKNOWN and heading.title]
    unknown = [heading.title for heading in header.headings if heading.role == UNKNOWN and heading.title]
    if header.score < LEAST_SCORE and unknown:
        what = f"has known headings: {_some(known)}; and headings that are not known: {_some(unknown)}"
        table.faults.add(what, "name the others in a map (--map), or leave them out", header.rows[0])


def _some(titles: Sequence[str]) -> str:
    """Return the first headings of a list, each cut to 40 characters."""
    return ", ".join(title[:40] for title in titles[:MOST_TITLES]) + (" ..." if len(titles) > MOST_TITLES else "")


def _with_headers(table: FileTable, sheets: Sequence[FileSheet]) -> list[SheetPair]:
    headers = [(sheet, find_header(sheet, table.mapping)) for sheet in sheets]
    return [(sheet, header) for sheet, header in headers if header]


def _holds_lists(sheet: FileSheet, header: SheetHeader) -> bool:
    """Return whether a sheet holds the choices of columns: only coded columns, and no value twice in one."""
    known = file_columns()
    if any(column not in known or not known[column].coded for column in header.columns):
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
