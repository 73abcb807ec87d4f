"""The parts of the report that figures of every kind are told in."""

from __future__ import annotations

from dataclasses import dataclass

from kerege.publishing.report.charts.sheet import Drawing
from kerege.publishing.storage.editions import Edition


@dataclass(frozen=True)
class TableRow:
    """A row of a table in words."""

    head: str
    cells: tuple[str, ...]
    total: bool = False


@dataclass(frozen=True)
class FigureView:
    """A figure in one language."""

    id: str
    heading: str
    published: bool
    missing: str = ""
    alt: str = ""
    note: str = ""
    unit: str = ""
    cohort: str = ""
    source: str = ""
    sentences: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    rows: tuple[TableRow, ...] = ()
    tables: tuple[str, ...] = ()
    drawing: Drawing | None = None
    protection: tuple[str, ...] = ()
    csv: tuple[tuple[str, str], ...] = ()  # (file name, name of the release table)


def csv_name(edition: Edition, table: str) -> str:
    """The file name of a table's download; invented data say so in their name, the file itself stays pure."""
    return f"{table}{'.invented-data' if edition.invented else ''}.csv"
