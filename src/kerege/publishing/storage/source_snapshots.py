"""Snapshots of the register that a release can be counted from: `KEREGE_HOME/snapshots/*.parquet`."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import lru_cache
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from django.utils.translation import gettext_noop

from kerege.base.errors import BadInput, Fault
from kerege.base.files import home
from kerege.evidence.data import snapshot
from kerege.evidence.data.snapshot_metadata import METADATA, SnapshotMetadata
from kerege.vocabulary import snapshot_columns as schema
from kerege.web.templatetags.kerege import language

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,80}\.parquet")
# A column with more distinct values is not offered as a filter.
MOST_VALUES = 120


@dataclass(frozen=True)
class SnapshotInfo:
    """Snapshot as a list shows it: file name, unit, reference date, number of rows; the rows are not read."""

    name: str
    unit: str
    as_of: date
    rows: int
    invented: bool
    made_at: datetime

    @property
    def title(self) -> str:
        """Return the title of the unit in the active language."""
        return schema.unit(self.unit).titles[language()]


def snapshots_folder() -> Path:
    """Return the folder of the snapshots."""
    return home() / "snapshots"


def list_snapshots() -> list[SnapshotInfo]:
    """Return every readable snapshot, by unit, newest reference date first."""
    snapshots = [read_metadata(path) for path in snapshots_folder().glob("*.parquet") if NAME.fullmatch(path.name)]
    order = {unit: position for position, unit in enumerate(schema.units())}
    known = [item for item in snapshots if item is not None and item.unit in order]
    return sorted(known, key=lambda item: (order[item.unit], -item.as_of.toordinal(), -item.made_at.timestamp()))


def read_metadata(path: Path) -> SnapshotInfo | None:
    """Return the metadata of a snapshot file, or None when the file is not a snapshot."""
    try:
        return _about(path, path.stat().st_mtime_ns)
    except OSError:
        return None


@lru_cache(maxsize=256)
def _about(path: Path, changed: int) -> SnapshotInfo | None:
    """Return the metadata of a snapshot file; `changed` makes the cache notice a new file."""
    try:
        file = pq.ParquetFile(path)
        stated = SnapshotMetadata.model_validate_json((file.schema_arrow.metadata or {})[METADATA])
        written_at = datetime.fromtimestamp(changed / 1e9, UTC)
        return SnapshotInfo(
            name=path.name,
            unit=stated.unit,
            as_of=date.fromisoformat(stated.as_of[:10]),
            rows=file.metadata.num_rows,
            invented=stated.invented,
            made_at=written_at,
        )
    except (KeyError, ValueError, TypeError, pa.ArrowException, OSError):
        return None


def find_snapshots(names: Iterable[str]) -> list[SnapshotInfo]:
    """Return the existing snapshots with these file names."""
    requested = set(names)
    return [item for item in list_snapshots() if item.name in requested]


def read_snapshots(names: Sequence[str]) -> list[snapshot.Snapshot]:
    """Return the snapshots with their rows. Raises BadInput when a file is gone."""
    existing = {item.name for item in find_snapshots(names)}
    if missing := sorted(set(names) - existing):
        what = gettext_noop("a snapshot that was chosen is no longer there")
        raise BadInput(Fault(what, gettext_noop("choose another one"), file=missing[0]))
    return [snapshot.read(snapshots_folder() / name) for name in names]


def column_values(name: str) -> dict[str, list[str]]:
    """Return the distinct values of each column of a snapshot with at most 120 of them."""
    path = snapshots_folder() / name
    by_column = _values(path, path.stat().st_mtime_ns) if NAME.fullmatch(name) and path.is_file() else {}
    return {column: list(codes) for column, codes in by_column.items()}


@lru_cache(maxsize=32)
def _values(path: Path, changed: int) -> dict[str, tuple[str, ...]]:
    # Read without Polars: a server process forked while Polars had threads would wait for them for ever.
    table = pq.read_table(path, use_threads=False)
    by_column = {}
    for name in table.column_names:
        column = table.column(name).combine_chunks()
        if name not in snapshot.KEYS:
            distinct = pc.unique(column.flatten() if pa.types.is_list(column.type) else column).drop_null().to_pylist()
            if 0 < len(distinct) <= MOST_VALUES:
                by_column[name] = tuple(sorted(map(str, distinct)))
    return by_column


def read_headers(names: Iterable[str]) -> list[snapshot.Snapshot]:
    """Return the snapshots without rows: unit, columns and hash; quick enough for every change of a form."""
    paths = [snapshots_folder() / item.name for item in find_snapshots(names)]
    return [_header(path, path.stat().st_mtime_ns) for path in paths]


@lru_cache(maxsize=32)
def _header(path: Path, changed: int) -> snapshot.Snapshot:
    """Return a snapshot with an empty frame, read by PyArrow for the same reason as `_values`."""
    content = path.read_bytes()
    arrow_schema = pq.read_schema(pa.BufferReader(content))
    stated = SnapshotMetadata.model_validate_json(arrow_schema.metadata[METADATA])
    multi = schema.multi(stated.unit)
    kinds = {name: pl.List(pl.String) if name in multi else pl.String() for name in arrow_schema.names}
    digest = hashlib.sha256(content).hexdigest()
    frame = pl.DataFrame(schema=kinds)
    return snapshot.Snapshot(
        frame=frame,
        unit=stated.unit,
        as_of=stated.as_of,
        invented=stated.invented,
        sha256=digest,
        multi=multi,
        path=str(path),
    )
