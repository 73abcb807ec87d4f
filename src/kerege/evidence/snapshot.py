"""The snapshot: coded rows without names, a row a unit, in Parquet with embedded metadata. Any categorical CSV will do.

'' and null are *not reported*. The record key (64-bit keyed hash) lets equal cells get equal noise; it stays inside.
"""

from __future__ import annotations

import csv
import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from kerege.standard import snapshot as declared
from kerege.standard.faults import BadInput, Fault
from kerege.standard.files import atomic_file

META = b"kerege"
KEY = "record_key"
SEPARATOR = ";"


@dataclass(frozen=True)
class Snapshot:
    """Rows of one unit: text columns, and list columns where several values are possible (`multi`)."""

    path: Path
    frame: pl.DataFrame
    unit: str
    as_of: str
    invented: bool
    sha256: str
    multi: frozenset[str]

    @property
    def columns(self) -> list[str]:
        """The columns that may be counted."""
        return [name for name in self.frame.columns if name != KEY]


def write(
    path: Path,
    unit: str,
    rows: Iterable[Mapping[str, Any]],
    *,
    as_of: str,
    invented: bool,
    keys: Sequence[int] | None = None,
) -> None:
    """Write rows of a declared unit; the file appears whole or not at all. `keys` are unsigned 64-bit record keys."""
    columns = declared.columns(unit)
    told = list(rows)
    arrays: dict[str, pa.Array] = {}
    for column in columns:
        values = [row.get(column.name) or None for row in told]
        arrays[column.name] = pa.array(values, pa.list_(pa.string()) if column.multi else pa.string())
    if keys is not None:
        arrays[KEY] = pa.array(keys, pa.uint64())
    meta = {"format": "kerege-snapshot/1", "unit": unit, "as_of": as_of, "invented": invented}
    table = pa.table(arrays).replace_schema_metadata({META: json.dumps(meta, sort_keys=True).encode()})
    with atomic_file(path) as part:
        pq.write_table(table, part, compression="zstd")


def read(path: Path, multi: Iterable[str] = ()) -> Snapshot:
    """Read a snapshot, or any categorical CSV or Parquet file, as rows to be counted; raises BadInput."""
    try:
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as problem:
        raise BadInput(Fault("cannot be read", "check the path", file=str(path))) from problem
    frame, meta = _parquet(path) if path.suffix.lower() == ".parquet" else (_csv(path), {})
    listed = frozenset(name for name, kind in frame.schema.items() if isinstance(kind, pl.List))
    split = [name for name in multi if name not in listed]
    for name in split:
        known(frame.columns, name, path)
    frame = frame.with_columns(
        pl.col(split).str.split(SEPARATOR).list.eval(pl.element().str.strip_chars().replace("", None).drop_nulls())
    ) if split else frame  # fmt: skip
    return Snapshot(
        path,
        frame,
        unit=str(meta.get("unit", "rows")),
        as_of=str(meta.get("as_of", "")),
        invented=bool(meta.get("invented", False)),
        sha256=digest,
        multi=listed | frozenset(split),
    )


def known(columns: Iterable[str], name: str, path: Path) -> None:
    """Raise BadInput unless a column of that name exists."""
    columns = [column for column in columns if column != KEY]
    if name not in columns:
        there = ", ".join(columns[:40])
        raise BadInput(Fault(f"no column {name!r}", f"choose of: {there}", file=str(path)))


def _parquet(path: Path) -> tuple[pl.DataFrame, dict[str, Any]]:
    try:
        table = pq.read_table(path)
    except (pa.ArrowException, OSError) as problem:
        raise BadInput(Fault("is not a Parquet file", "write it again", file=str(path))) from problem
    meta = json.loads((table.schema.metadata or {}).get(META, b"{}"))
    frame = pl.DataFrame(pl.from_arrow(table))
    plain = [
        name
        for name, kind in frame.schema.items()
        if name != KEY and kind != pl.String and not isinstance(kind, pl.List)
    ]
    return frame.with_columns(pl.col(plain).cast(pl.String)) if plain else frame, meta


def _csv(path: Path) -> pl.DataFrame:
    _check_header(path)
    try:
        frame = pl.read_csv(path, infer_schema=False, truncate_ragged_lines=False)
    except (pl.exceptions.PolarsError, UnicodeDecodeError) as problem:
        what = str(problem).splitlines()[0][:200]
        raise BadInput(
            Fault(f"is not a readable CSV file ({what})", "save it as UTF-8 CSV", file=str(path))
        ) from problem
    return frame.with_columns(pl.all().replace("", None))


def _check_header(path: Path) -> None:
    """A header names every column once."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as lines:
            header = next(csv.reader(lines), [])
    except UnicodeDecodeError as problem:
        raise BadInput(Fault("is not UTF-8 text", "save it as UTF-8 CSV", file=str(path))) from problem
    except csv.Error as problem:
        raise BadInput(Fault(f"is not CSV ({problem})", "save it as UTF-8 CSV", file=str(path))) from problem
    if not header:
        raise BadInput(Fault("is empty", "write a header line with the names of the columns", file=str(path)))
    twice = [name for name, times in Counter(header).items() if times > 1]
    if twice:
        raise BadInput(Fault(f"has two columns named {twice[0]!r}", "rename one", file=str(path), row=1))
