"""View models shared by all figures of the report."""

from __future__ import annotations

from dataclasses import dataclass

from kerege.publishing.report.figure_chart import Drawing
from kerege.publishing.report.proof import Sentence
from kerege.publishing.storage.year_releases import YearReleases


@dataclass(frozen=True)
class TableRow:
    """Row of a table in words."""

    head: str
    cells: tuple[Sentence, ...]
    total: bool = False


@dataclass(frozen=True)
class FigureView:
    """Figure in one language."""

    id: str
    heading: Sentence
    published: bool
    missing: str = ""
    alt: str = ""
    note: str = ""
    unit: str = ""
    cohort: str = ""
    source: str = ""
    sentences: tuple[Sentence, ...] = ()
    columns: tuple[str, ...] = ()
    rows: tuple[TableRow, ...] = ()
    tables: tuple[str, ...] = ()
    drawing: Drawing | None = None
    protection: tuple[Sentence, ...] = ()
    csv: tuple[tuple[str, str], ...] = ()  # (file name, name of the release table)


def csv_name(year_releases: YearReleases, table: str) -> str:
    """Return the file name of a table's download, which marks invented data.

    The content stays as signed.
    """
    return f"{table}{'.invented-data' if year_releases.invented else ''}.csv"
