"""Comparison of the suppressed and the rounded version of each table, for staff only.

It lies beside the folder of the draft and is deleted with it. Its figures are those of protected versions.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import structlog

from kerege.base.errors import BadInput, Refused
from kerege.base.file_model import FileModel
from kerege.evidence.counting.frequency_table import TOTAL, Table, tabulate
from kerege.evidence.release.spec import TableSpec, parse
from kerege.publishing.storage import source_snapshots
from kerege.publishing.storage.published_tables import PublishedTable
from kerege.publishing.storage.release_files import ReleaseFiles
from kerege.vocabulary import snapshot_columns as schema

log = structlog.get_logger("kerege.gate")
FILE = "versions.json"
MERGED = "coarsened:"  # first part of the parameter of a table that names a column with merged categories
MOST_CELLS = 200  # most cells of a table whose versions are compared
SECONDS = 20.0  # processor time for all tables


class VersionCell(FileModel):
    """A cell of a version: its codes by column, and its figure, null when it is suppressed."""

    cell: dict[str, str]
    count: int | None
    about: bool


class TableVersion(FileModel):
    """A version of a table: its information loss in people, and its cells.

    `weighted_loss` and `lower_bound` are those of the optimiser, which counts margins twice: the loss
    of every safe choice of suppressed figures is at least the bound. Null for a version without suppression.
    """

    version: str
    loss: float
    cells: list[VersionCell]
    weighted_loss: float | None = None
    lower_bound: float | None = None


class ComparedTable(FileModel):
    """The safe versions of one table, and its loss in the draft, null where categories are merged."""

    table: str
    versions: list[TableVersion]
    draft_loss: float | None = None


class ComparedTables(FileModel):
    """The tables of a draft that need protection."""

    tables: list[ComparedTable]


def compare(names: Sequence[str], spec: Mapping[str, object], inside: Path, draft: ReleaseFiles | None = None) -> None:
    """Write the comparison of a draft to the folder `inside`; a table that cannot be compared is left out."""
    by_unit = {snapshot.unit: snapshot for snapshot in source_snapshots.read_snapshots(names)}
    published = draft.tables if draft is not None else {}
    deadline = time.thread_time() + SECONDS
    tables = []
    for table_spec in parse(dict(spec)).tables:
        if table_spec.of in by_unit and _is_comparable(table_spec) and time.thread_time() < deadline:
            counted = tabulate(by_unit[table_spec.of], table_spec.by, table_spec.where, name=table_spec.name)
            versions = list(_versions(counted, table_spec))
            if versions and versions[0].loss > 0:  # else nothing needs protection
                in_draft = published.get(table_spec.name)
                lost = draft_loss(counted, in_draft) if in_draft is not None else None
                tables.append(ComparedTable(table=table_spec.name, versions=versions, draft_loss=lost))
    inside.mkdir(parents=True, exist_ok=True)
    (inside / FILE).write_text(ComparedTables(tables=tables).model_dump_json(), encoding="utf-8")


def is_merged(params: Mapping[str, object]) -> bool:
    """Return whether a table with these parameters has merged categories."""
    return any(name.startswith(MERGED) for name in params)


def draft_loss(counted: Table, published: PublishedTable) -> float | None:
    """Return the information loss of a table in a draft; None where its categories are merged."""
    params = published.entry.params
    if is_merged(params):
        return None
    half = float(params.get("half_width", 0))
    loss = 0.0
    for flat, count in enumerate(counted.counts.ravel().tolist()):
        cell = published.cell(*counted.keys(flat))
        if cell is None or cell.count is None:
            loss += count
        elif cell.about:
            loss += half
    return loss


def _is_comparable(table_spec: TableSpec) -> bool:
    return table_spec.method in ("suppress", "none") and schema.personal(table_spec.of)


def _versions(counted: Table, table_spec: TableSpec) -> Iterator[TableVersion]:
    """Yield the versions of a table; none for a large or a safe one."""
    from kerege.evidence.sdc.suppression.method_choice import compared_versions

    if counted.counts.size > MOST_CELLS:
        return
    try:
        versions = compared_versions(counted, table_spec.threshold, frozenset(table_spec.sensitive))
    except (BadInput, Refused) as error:
        log.warning("versions not compared", error=type(error).__name__)
        return
    for name, version in versions.items():
        loss, bound = version.optimum or (None, None)
        yield TableVersion(
            version=name,
            loss=round(version.loss, 1),
            cells=list(_cells(version.table)),
            weighted_loss=loss,
            lower_bound=bound,
        )


def _cells(table: Table) -> Iterator[VersionCell]:
    for keys, cell in table.cells.items():
        codes = {name: code for name, code in zip(table.by, keys, strict=True) if code != TOTAL}
        yield VersionCell(cell=codes, count=cell.count, about=cell.count is not None and cell.status != "ok")


def read_comparison(inside: Path) -> list[ComparedTable]:
    """Return the compared tables of a draft, [] when there is no comparison that can be read."""
    try:
        tree = json.loads((inside / FILE).read_bytes())
        return ComparedTables.parsed(tree, str(inside / FILE)).tables
    except (OSError, ValueError, BadInput):
        return []
