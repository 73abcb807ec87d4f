"""Papers to print or to send: headings, paragraphs and tables as PDF, DOCX, XLSX and CSV."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from io import BytesIO, StringIO
from pathlib import Path

from django.http import HttpResponse
from docx import Document
from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Font

from kerege.base import csv_cells
from kerege.web import pdf

TEMPLATE = Path(__file__).parent / "paper.typ"
MADE = datetime(2000, 1, 1, tzinfo=UTC).replace(tzinfo=None)  # equal papers give equal bytes


@dataclass(frozen=True)
class PaperTable:
    """Table of a paper. Rows have as many cells as there are heads."""

    title: str
    heads: Sequence[str]
    rows: Sequence[Sequence[str]]
    widths: Sequence[int] = ()  # parts of the width; equal without them


@dataclass(frozen=True)
class PaperPart:
    """Part of a paper: heading, paragraphs, tables."""

    heading: str
    lines: Sequence[str] = ()
    tables: Sequence[PaperTable] = ()


@dataclass(frozen=True)
class Paper:
    """Paper in one language. `wide` turns the page."""

    title: str
    lang: str
    parts: Sequence[PaperPart]
    lines: Sequence[str] = ()
    foot: str = ""
    wide: bool = False
    signatures: Sequence[str] = field(default_factory=tuple)

    @property
    def tables(self) -> list[PaperTable]:
        """Return all tables."""
        return [table for part in self.parts for table in part.tables]


def to_pdf(paper: Paper) -> bytes:
    """Return a paper as PDF/UA-1, or as an ordinary PDF if the fonts cannot show a text of it."""
    return pdf.to_pdf(TEMPLATE, _data(paper), has_typed_text=True)


def _data(paper: Paper) -> Mapping[str, object]:
    parts = [
        {
            "heading": part.heading,
            "lines": list(part.lines),
            "tables": [
                {
                    "title": table.title,
                    "heads": list(table.heads),
                    "rows": [list(row) for row in table.rows],
                    "widths": list(table.widths) or [1] * len(table.heads),
                }
                for table in part.tables
            ],
        }
        for part in paper.parts
    ]
    return {
        "title": paper.title,
        "lang": paper.lang,
        "lines": list(paper.lines),
        "parts": parts,
        "foot": paper.foot,
        "wide": paper.wide,
        "signatures": list(paper.signatures),
    }


def to_docx(paper: Paper) -> bytes:
    """Return a paper as a document of an office program."""
    document = Document()
    document.core_properties.author, document.core_properties.title = "Kerege", paper.title
    document.core_properties.created = document.core_properties.modified = MADE
    document.add_heading(paper.title, 0)
    for line in paper.lines:
        document.add_paragraph(line)
    for part in paper.parts:
        if part.heading:
            document.add_heading(part.heading, 1)
        for line in part.lines:
            document.add_paragraph(line)
        for table in part.tables:
            document.add_paragraph(table.title).runs[0].bold = True
            grid = document.add_table(rows=0, cols=len(table.heads), style="Table Grid")
            for row in (table.heads, *table.rows):
                for cell, text in zip(grid.add_row().cells, row, strict=True):
                    cell.text = text
    for line in paper.signatures:
        document.add_paragraph(line)
    stream = BytesIO()
    document.save(stream)
    return stream.getvalue()


def to_xlsx(paper: Paper) -> bytes:
    """Return the tables of a paper as sheets of a workbook."""
    book = Workbook()
    book.remove(book.active)
    book.properties.created = book.properties.modified = MADE
    for place, table in enumerate(paper.tables, start=1):
        sheet = book.create_sheet(f"{place}")
        sheet.append([table.title])
        sheet.append(list(table.heads))
        for row in table.rows:
            sheet.append([int(cell) if cell.isascii() and cell.isdigit() else _safe(cell) for cell in row])
        for cell in (*sheet[1], *sheet[2]):
            cell.font = Font(bold=True)
        for column in sheet.iter_cols(min_row=2):
            sheet.column_dimensions[column[0].column_letter].width = min(
                60, max(len(str(cell.value or "")) for cell in column) + 2
            )
            for cell in column:
                cell.alignment = Alignment(wrap_text=True, vertical="top")
                if cell.data_type == "f":
                    cell.data_type = "s"  # a text that begins with = stays a text
        sheet.freeze_panes = "A3"
    stream = BytesIO()
    book.save(stream)
    return stream.getvalue()


def _safe(cell: str) -> str:
    return str(ILLEGAL_CHARACTERS_RE.sub("", cell))


def to_csv(paper: Paper) -> bytes:
    """Return the longest table of a paper as CSV in UTF-8; no cell begins a formula."""
    table = max(paper.tables, key=lambda table: len(table.rows))
    stream = StringIO(newline="")
    writer = csv.writer(stream, lineterminator="\r\n")
    writer.writerow([csv_cells.guarded(head) for head in table.heads])
    writer.writerows([csv_cells.guarded(cell) for cell in row] for row in table.rows)
    return stream.getvalue().encode("utf-8-sig")


FORMATS = {
    "pdf": (to_pdf, "application/pdf"),
    "docx": (to_docx, "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    "xlsx": (to_xlsx, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    "csv": (to_csv, "text/csv; charset=utf-8"),
}


def answer(paper: Paper, name: str, kind: str) -> HttpResponse:
    """Return a paper as a download in one of the formats."""
    build, content_type = FORMATS[kind]
    response = HttpResponse(build(paper), content_type=content_type)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.{kind}"'
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "no-store, private"
    return response
