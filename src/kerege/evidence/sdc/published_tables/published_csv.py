"""Rows of a published CSV file: a table of Kerege, or a long table or crosstabs of any publisher."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import replace

from kerege.base.csv_cells import plain
from kerege.base.errors import BadInput, Fault
from kerege.evidence.sdc.published_tables.own_form import has_own_form
from kerege.evidence.sdc.reading.column_names import COUNTS
from kerege.evidence.sdc.reading.crosstab import read_crosstabs
from kerege.evidence.sdc.reading.figures import FigureCell, PublishedCount, read_own_figure
from kerege.evidence.sdc.reading.grid import TextGrid, read_csv_grid
from kerege.evidence.sdc.reading.long_table import (
    FileReading,
    LongRecords,
    check_records,
    has_count,
    read_long,
    repeated_names,
)
from kerege.evidence.sdc.reading.published_rows import PublishedRows, with_texts_beside
from kerege.evidence.sdc.reading.shares import is_measure

SEPARATORS = (",", ";", "\t")
NOTE = re.compile(
    r"\s*(?:notes?|sources?|примечани[ея]|источник\w*|сноск\w+|ескертпе\w*|ескерту\w*|дереккөз\w*|дерек көзі)\b"
    r"|\s*(?:\*|¹|\d\))",
    re.I,
)


def read(text: str, file: str, half: float, *, ours: bool) -> PublishedRows:
    """Read the rows of a CSV text; raises BadInput with one sentence.

    `half` is the largest change of a perturbed count. `ours` states that the file has the codes of Kerege, such as `_T`
    for a total. If the file has several tables, the first is read.
    """
    if not ours:
        return read_tables(text, FileReading(file, half))[0]
    try:
        return _read_own(_records(text), file, half)
    except csv.Error as error:
        raise _not_csv(error, file) from None


def is_own(text: str) -> bool:
    """Return whether a CSV text has the form of a table of Kerege."""
    try:
        return has_own_form(_records(text))
    except csv.Error:
        return False


def read_tables(text: str, reading: FileReading) -> list[PublishedRows]:
    """Read the tables of a CSV text of any publisher; raises BadInput with one sentence."""
    try:
        table, notes = _without_notes(_records(text).without_empty_columns())
        if has_count(table.header) and table.names_its_columns() and _is_long(table):
            return with_texts_beside([read_long(table, reading)], [*table.header, *notes])
        grid = read_csv_grid(text)
        if (below := _below_titles(grid)) is not None and _is_long(below):
            texts = [
                cell
                for row, number in zip(grid.rows, grid.numbers, strict=True)
                for cell in row
                if number not in below.numbers
            ]
            return with_texts_beside([read_long(below, reading)], texts)
        tables = [rows for rows in read_crosstabs(grid, "", reading) if rows.by]
    except csv.Error as error:
        raise _not_csv(error, reading.file) from None
    if not tables:
        todo = "give one column per dimension, then count and status, or a crosstab with headings"
        raise BadInput(Fault("has no column called count", todo, reading.file, 1))
    return tables


def _is_long(table: LongRecords) -> bool:
    """Return whether each record is a cell: one line alone names the columns, each column of figures once."""
    is_named_once = not any(has_count([name]) or is_measure(name) for name in repeated_names(table.header))
    has_shares = any(
        record[place].strip().endswith("%")
        for place, name in enumerate(table.header)
        if has_count([name])
        for record in table.records
        if place < len(record)
    )
    return is_named_once and not has_shares and not table.has_second_heading() and not table.is_crosstab()


def _not_csv(error: csv.Error, file: str) -> BadInput:
    return BadInput(Fault(f"is not a CSV file ({error})", "correct it", file))


def _records(text: str) -> LongRecords:
    """Return the records below the first line, with the separator of the first line."""
    first = text.partition("\n")[0]
    split = next((mark for mark in SEPARATORS if mark in first), ",")
    reader = csv.reader(io.StringIO(text), delimiter=split)
    header = [plain(name).strip() for name in next(reader, [])]
    records, numbers = [], []
    for record in reader:
        if record:
            records.append(record)
            numbers.append(reader.line_num)
    return LongRecords(header, records, numbers)


def _without_notes(table: LongRecords) -> tuple[LongRecords, list[str]]:
    """Return the records without the notes below them, and these notes.

    A note is a text alone that begins as one.
    """
    end = len(table.records)
    while end and _is_note(table.records[end - 1]):
        end -= 1
    return replace(table, records=table.records[:end], numbers=table.numbers[:end]), [
        record[0] for record in table.records[end:]
    ]


def _is_note(record: Sequence[str]) -> bool:
    return bool(record) and NOTE.match(record[0]) is not None and not any(map(str.strip, record[1:]))


def _below_titles(grid: TextGrid) -> LongRecords | None:
    """Return the long table below titles and above notes, None without a header with a column of counts."""
    for place, row in enumerate(grid.rows[:30]):
        width = max((column for column, cell in enumerate(row) if cell.strip()), default=0) + 1
        if width > 1 and has_count(row) and all(cell.strip() for cell in row[:width]):
            body = [
                (cells[:width], number)
                for cells, number in zip(grid.rows[place + 1 :], grid.numbers[place + 1 :], strict=True)
                if sum(bool(cell.strip()) for cell in cells) > 1
            ]
            if any(cell.strip() for cells in grid.rows[place + 1 :] for cell in cells[width:]):
                return None  # a merged heading: columns to the right have a name in the next row
            header = [cell.strip() for cell in row[:width]]
            return LongRecords(header, [cells for cells, _ in body], [number for _, number in body])
    return None


def _read_own(table: LongRecords, file: str, half: float) -> PublishedRows:
    """Return the rows of a table of Kerege."""
    lowered = [name.lower() for name in table.header]
    position = next((lowered.index(name) for name in COUNTS if name in lowered), None)
    if position is None:
        raise BadInput(
            Fault("has no column called count", "give one column per dimension, then count and status", file, 1)
        )
    check_records(table, file)
    status = lowered.index("status") if "status" in lowered else None
    dims = [i for i in range(len(table.header)) if i not in (position, status)]
    figures: dict[FigureCell, PublishedCount] = {}
    counts = []
    for record, number in zip(table.records, table.numbers, strict=True):
        cell = FigureCell(record[position].strip(), record[status].strip() if status is not None else "")
        if cell not in figures:
            fault = Fault("", "give a whole number of at least 0", file, number, "count")
            figures[cell] = read_own_figure(cell, half, fault)
        counts.append(figures[cell])
    codes = [[plain(record[i]) for record in table.records] for i in dims]
    return PublishedRows(tuple(table.header[i] for i in dims), codes, counts, table.numbers)
