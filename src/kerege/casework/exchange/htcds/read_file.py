"""Rows of tables and of JSON arrays as text by column.

Rows are numbered as users see them: in tables the header is row 1, in JSON the first object is row 1.
"""

from __future__ import annotations

import csv
import difflib
import json
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from kerege.base.errors import BadInput, Fault
from kerege.base.strict_json import refuse_constant
from kerege.base.text_files import decoded
from kerege.casework.exchange.htcds.column_renaming import ColumnMap

DELIMITERS = ",;\t"
LONGEST_CELL = 1_000_000
MOST_FAULTS = 200

Row = tuple[int, dict[str, str]]
csv.field_size_limit(LONGEST_CELL)


class Faults:
    """List of all faults of a file, so that the user can correct them together."""

    def __init__(self, file: str, limit: int = MOST_FAULTS) -> None:
        self.file, self.limit = file, limit
        self.found: list[Fault] = []
        self.more = 0
        self.titles: dict[str, str] = {}  # column -> its heading in the file

    def add(self, what: str, todo: str, row: int | None = None, column: str = "") -> None:
        """Add a fault; beyond the limit, only count it."""
        if len(self.found) < self.limit:
            self.found.append(Fault(what, todo, file=self.file, row=row, column=self.titles.get(column, column)))
        else:
            self.more += 1

    def stop(self) -> None:
        """Raise BadInput if there are faults."""
        if not self.found:
            return
        rest = [Fault(f"and {self.more} more", "correct those above first", file=self.file)] if self.more else []
        raise BadInput([*self.found, *rest])


@dataclass(frozen=True)
class Heading:
    """Heading as it is written, with its role: a column of the exchange, a choice of one, or none."""

    title: str
    role: str
    column: str = ""
    choice: str = ""


@dataclass
class FileTable:
    """Opened file. `rows` yields (row number, value by column) without empty cells and rows."""

    file: str
    rows: Iterable[Row]
    faults: Faults
    known: Collection[str]
    mapping: ColumnMap = field(default_factory=ColumnMap)
    read_as: str = ""
    notes: list[str] = field(default_factory=list)


def table_of_records(records: Iterable[dict[str, Any]], known: Collection[str]) -> FileTable:
    """Return a table of rows that a program sends as JSON objects; the first is row 1."""
    table = FileTable("records", [], Faults("records"), known)
    table.rows = reject_nul(table, object_rows([JsonPairs(record.items()) for record in records], table))
    return table


def reject_nul(table: FileTable, rows: Iterable[Row]) -> Iterator[Row]:
    """Yield rows without NUL characters; add a fault for each cell with one, which no database stores."""
    for number, values in rows:
        if any("\0" in text for text in values.values()):
            for column in (column for column, text in values.items() if "\0" in text):
                table.faults.add("holds a null character", "delete it", number, column)
        else:
            yield number, values


def columns_of(table: FileTable, header: list[str]) -> list[str]:
    """Return the columns of a header after renaming; '' where one is left out.

    Raises BadInput for unknown, unnamed or repeated columns.
    """
    columns = [table.mapping.column(cell.strip()) for cell in header]
    while columns and not header[len(columns) - 1].strip():
        columns.pop()
    if not columns:
        table.faults.add("has no header", "put the names of the columns into the first row", 1)
    seen: set[str] = set()
    for position, column in enumerate(columns, start=1):
        check_column(table, column, header[position - 1].strip(), position, seen)
    table.faults.stop()
    return columns


def check_column(table: FileTable, column: str, title: str, position: int, seen: set[str]) -> None:
    """Add a fault for a column without a name, an unknown one, or a repeated one."""
    if not title:
        table.faults.add(f"the column at position {position} has no name", "name it or delete it", 1)
    elif column and column not in table.known:
        table.faults.add("this column is not known", suggest_name(column, table.known), 1, title)
    elif column in seen:
        table.faults.add("this column comes twice", "keep one of them", 1, title)
    elif column:
        seen.add(column)


def suggest_name(name: str, known: Collection[str]) -> str:
    """Return advice on an unknown column or code, with the names that are most alike."""
    low = {item.lower(): item for item in known}
    close = difflib.get_close_matches(name.lower(), low, n=2, cutoff=0.75)
    if close:
        return f"did you mean {' or '.join(low[item] for item in close)}?"
    return 'rename it with --map, or map it to "" to leave it out'


def table_rows(table: FileTable, records: Iterator[tuple[int, list[str]]], *, exact: bool) -> Iterator[Row]:
    """Yield records as rows by column; the first record is the header.

    `exact`: a record needs a cell for every column.
    """
    first = next(records, None)
    if first is None:
        raise BadInput(Fault("is empty", "choose another file", file=table.file))
    columns = columns_of(table, first[1])
    width, rows = len(columns), 0
    for number, cells in records:
        values = {column: cell for column, cell in zip(columns, cells, strict=False) if column and cell.strip()}
        has_extra_cells = len(cells) > width and any(cell.strip() for cell in cells[width:])
        if has_extra_cells or (exact and values and len(cells) < width):
            table.faults.add(f"has {len(cells)} cells, the header has {width}", "check quotes and delimiters", number)
            rows += 1
        elif values:
            rows += 1
            yield number, values
    if not rows:
        table.faults.add("has no records", "choose another file")


def decode_lines(stream: Iterable[bytes], table: FileTable) -> Iterator[str]:
    """Yield lines as text; raise BadInput at the first that is not UTF-8."""
    for number, line in enumerate(stream, start=1):
        try:
            yield line.decode("utf-8")
        except UnicodeDecodeError:
            fault = Fault(f"line {number} is not in UTF-8", "save it as CSV in UTF-8", file=table.file)
            raise BadInput([*table.faults.found, fault]) from None


def detect_delimiter(table: FileTable, lines: Iterator[str]) -> str:
    """Return the delimiter that gives the most known columns in the header, then the most columns."""
    line = next(lines, "")

    def count_columns(delimiter: str) -> tuple[int, int]:
        header = next(csv.reader([line], delimiter=delimiter), [])
        return sum(table.mapping.column(cell.strip()) in table.known for cell in header), len(header)

    return max(DELIMITERS, key=count_columns)


def csv_records(table: FileTable, lines: Iterator[str], delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Yield numbered records; stop at a broken quote, since the rest cannot be trusted."""
    reader, number = csv.reader(lines, delimiter=delimiter, strict=True), 0
    while True:
        number += 1
        try:
            record = next(reader)
        except StopIteration:
            return
        except csv.Error:
            todo = 'double every quote in a cell: ""'
            table.faults.add("a quote is not closed, or is inside a cell", todo, number)
            return
        if record:
            yield number, record


def cell_text(value: object) -> str:
    """Return the text of a typed cell: days as YYYY-MM-DD, whole numbers without a decimal point."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == datetime.min.time() else value.isoformat(" ")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def rows_of_tree(records: object, table: FileTable) -> Iterator[Row]:
    """Yield the rows of a parsed JSON array of flat objects; numbers keep their digits."""
    if not isinstance(records, list) or isinstance(records, JsonPairs):
        raise BadInput(Fault("is not an array of objects", "write [ {...}, {...} ]", file=table.file))
    yield from object_rows(records, table)


def object_rows(records: list[Any], table: FileTable) -> Iterator[Row]:
    """Yield the row of each object; add a fault for each element that is not an object."""
    if not records:
        raise BadInput(Fault("has no records", "choose another file", file=table.file))
    known: dict[str, str] = {}
    for number, record in enumerate(records, start=1):
        if isinstance(record, JsonPairs):
            if values := json_row(table, known, number, record):
                yield number, values
        else:
            table.faults.add("is not an object", "write one object per record", number)


class JsonPairs(list[tuple[str, Any]]):
    """Members of a JSON object as written, including repeated names."""


def load_json(content: bytes, table: FileTable, encoding: str = "") -> Any:
    """Parse JSON in UTF-8, in UTF-16 with a mark, or in a named encoding; raise BadInput otherwise."""
    text = decoded(content, table.file, encoding)
    try:
        return json.loads(
            text, parse_float=str, parse_int=str, parse_constant=refuse_constant, object_pairs_hook=JsonPairs
        )
    except json.JSONDecodeError as problem:
        where = f"is not JSON: {problem.msg} at line {problem.lineno}, character {problem.colno}"
        raise BadInput(Fault(where, "correct it", file=table.file)) from None
    except ValueError as problem:  # of `refuse_constant`: two persons with the id NaN would become one
        raise BadInput(Fault(f"is not JSON: {problem}", "write null, or a text", file=table.file)) from None
    except RecursionError:
        raise BadInput(Fault("is nested too deeply", "write flat objects", file=table.file)) from None


def json_row(table: FileTable, known: dict[str, str], number: int, record: JsonPairs) -> dict[str, str]:
    """Return the values of one object by column, and add its faults."""
    values: dict[str, str] = {}
    for title, value in record:
        column = known.get(title)
        if column is None:
            column = known[title] = table.mapping.column(title.strip())
            if column and column not in table.known:
                table.faults.add("this column is not known", suggest_name(column, table.known), number, title)
        if not column or column not in table.known:
            continue
        if isinstance(value, list):
            todo = "write one text; separate several values by ;"
            table.faults.add("holds an object or a list", todo, number, column)
        elif column in values:
            table.faults.add("this column comes twice", "keep one of them", number, column)
        elif (text := cell_text(value)).strip():
            values[column] = text
    return values
