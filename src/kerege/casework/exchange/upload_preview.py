"""Preview of an uploaded file: columns, masked examples, faults by cell, a corrected sheet."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from io import BytesIO

from openpyxl import Workbook
from openpyxl.cell import Cell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.comments import Comment
from openpyxl.styles import Font, PatternFill

from kerege.base.errors import BadInput, Fault
from kerege.casework.exchange.formats.options import ReadOptions
from kerege.casework.exchange.formats.recognition import Explanation, explain_headings, open_file
from kerege.casework.exchange.formats.sources import UploadedFile
from kerege.casework.exchange.htcds.column_renaming import MapTree
from kerege.casework.exchange.htcds.columns import FileColumn, file_columns
from kerege.casework.exchange.htcds.import_plan import Summary, import_table
from kerege.casework.exchange.htcds.read_file import FileTable, Row
from kerege.casework.exchange.named_maps import checked_map
from kerege.core import authorization
from kerege.core.accounts.actors import agency_of
from kerege.core.authorization import Actor
from kerege.vocabulary.labels import column_labels

EXAMPLES = 3
MOST_FAULTS_SHOWN = 100
MOST_VALUES = 40
FAULT_COLOUR = PatternFill("solid", fgColor="FFD6D6")


@dataclass(frozen=True)
class ColumnPreview:
    """Column of an uploaded file: its heading, its meaning, how often it is filled, and examples."""

    title: str
    column: str
    filled: int
    examples: list[str]

    def label(self, language: str) -> str:
        """Return the label of the column in a language; its name if it has none."""
        labels = column_labels().get(self.column)
        return labels[language] if labels else self.column


@dataclass(frozen=True)
class CellFault:
    """Fault with the content of its cell, which is hidden if it can identify a person."""

    fault: Fault
    cell: str = ""


@dataclass
class Preview:
    """Result of reading an uploaded file: what would change, or its faults."""

    digest: str
    notes: list[str] = field(default_factory=list)
    columns: list[ColumnPreview] = field(default_factory=list)
    faults: list[CellFault] = field(default_factory=list)
    more_faults: int = 0
    summary: Summary | None = None
    rows: list[Row] = field(default_factory=list, repr=False)
    titles: dict[str, str] = field(default_factory=dict)
    headings: Explanation | None = None
    # values of coded columns that no list has
    unknown_values: list[tuple[str, str]] = field(default_factory=list)


def read_upload(
    actor: Actor, file: UploadedFile, options: ReadOptions, tree: MapTree | None = None, *, dry_run: bool = True
) -> Preview:
    """Read an uploaded file as records of the actor's agency; write them unless it is a dry run.

    A file with a fault changes nothing.
    """
    authorization.require(actor, "exchange.import_own", agency_of(actor))
    preview = Preview(digest_of(file, options, tree))
    try:
        mapping = checked_map(tree or {})
        preview.headings = explain_headings(file, mapping, options)
        table = open_file(file, mapping, options)
        preview.titles = table.faults.titles
        table.rows = preview.rows = list(table.rows)
        preview.columns = _columns(table, preview.rows)
        preview.summary = import_table(actor, table, dry_run=dry_run)
        preview.notes = table.notes
    except BadInput as error:
        preview.faults = [_with_cell(fault, preview) for fault in error.faults[:MOST_FAULTS_SHOWN]]
        preview.more_faults = len(error.faults) - len(preview.faults)
        preview.unknown_values = _unknown_values(error.faults, preview)
    return preview


def _unknown_values(faults: Sequence[Fault], preview: Preview) -> list[tuple[str, str]]:
    """Return the columns and texts of cells that are no code, each once."""
    columns, by_row = {title: name for name, title in preview.titles.items()}, dict(preview.rows)
    known = file_columns()
    texts: dict[tuple[str, str], None] = {}
    for fault in faults:
        name = columns.get(fault.column, fault.column)
        text = by_row.get(fault.row or 0, {}).get(name, "").strip()
        if "is not one of its codes" in fault.what and name in known and known[name].coded and 0 < len(text) <= 60:
            texts[name, text] = None
    return list(texts)[:MOST_VALUES]


def digest_of(file: UploadedFile, options: ReadOptions, tree: MapTree | None = None) -> str:
    """Return a digest of a file and of the answers about it: an import must repeat what was checked."""
    stated = json.dumps(tree or {}, sort_keys=True)
    answers = "\0".join((file.name, options.unknown, options.days, options.encoding, stated))
    return hashlib.sha256(answers.encode() + b"\0" + file.content).hexdigest()


def _columns(table: FileTable, rows: Sequence[Row]) -> list[ColumnPreview]:
    cells: dict[str, list[str]] = defaultdict(list)
    for _, values in rows:
        for name, text in values.items():
            cells[name].append(text)
    known, titles = file_columns(), table.faults.titles
    return [
        ColumnPreview(
            titles.get(name, name), name, len(texts), [masked(known[name], text) for text in texts[:EXAMPLES]]
        )
        for name, texts in cells.items()
    ]


def masked(column: FileColumn, text: str) -> str:
    """Return a cell as an example: of a text that can identify a person only the first character."""
    is_open = column.coded or column.kind in {"flag", "date", "number", "language"} or not column.identity
    return text[:60] if is_open else f"{text.strip()[:1]}•••"


def _with_cell(fault: Fault, preview: Preview) -> CellFault:
    """Return a fault with the content of its cell."""
    columns = {title: name for name, title in preview.titles.items()}
    name = columns.get(fault.column, fault.column)
    cell = next((values.get(name, "") for number, values in preview.rows if number == fault.row), "")
    column = file_columns().get(name)
    return CellFault(fault, masked(column, cell) if column and cell else "")


def corrected_sheet(preview: Preview, language: str, texts: Sequence[str]) -> bytes:
    """Return the rows as a workbook that an import can read, with a comment at each faulty cell.

    `texts` are the sentences of the faults, in the language of the reader.
    """
    book = Workbook()
    sheet = book.active
    names = [column.column for column in preview.columns]
    sheet.append([column.label(language) for column in preview.columns])
    places: dict[tuple[int, str], Cell] = {}
    for position, (number, values) in enumerate(preview.rows, start=2):
        for place, name in enumerate(names, start=1):
            cell = sheet.cell(position, place)
            cell.value = ILLEGAL_CHARACTERS_RE.sub("", values.get(name, ""))
            cell.data_type = "s"  # a text that begins with = stays a text
            places[number, preview.titles.get(name, name)] = cell
    for cell_fault, text in zip(preview.faults, texts, strict=True):
        if cell := places.get((cell_fault.fault.row or 0, cell_fault.fault.column)):
            cell.fill, cell.comment = FAULT_COLOUR, Comment(text, "Kerege")
    for cell in sheet[1]:
        cell.font = Font(bold=True)
    sheet.freeze_panes = "A2"
    stream = BytesIO()
    book.save(stream)
    return stream.getvalue()
