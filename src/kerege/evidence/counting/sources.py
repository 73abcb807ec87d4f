"""What can be counted: frames, files of Parquet or CSV, Ibis tables. No file is loaded whole."""

from __future__ import annotations

import csv
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from glob import escape
from itertools import repeat
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, cast

import polars as pl
import pyarrow as pa
import pyarrow.csv as pc
import pyarrow.parquet as pq

from kerege.base.errors import BadInput, Fault
from kerege.evidence.counting import array_engine
from kerege.evidence.counting.array_engine import Piece, piece_rows
from kerege.evidence.counting.marginal_counts import Marginals
from kerege.evidence.counting.row_weights import Weights
from kerege.evidence.counting.selection import Columns
from kerege.evidence.data.snapshot import Snapshot, names_of

BLOCK = 1 << 24  # bytes of CSV read at a time
HEAD = 1 << 20
TORN = Fault("cannot be read to its end as Parquet", "write it again")
RAGGED = Fault("is not a table of comma-separated values", "give each row as many cells as the header")

if TYPE_CHECKING:
    import ibis.expr.types as ir


def _reading() -> tuple[type[Exception], ...]:
    """What goes wrong in reading; DuckDB, slow to import, raises nothing where it was not imported."""
    duck = sys.modules.get("duckdb")
    return (pa.ArrowException, pl.exceptions.PolarsError, OSError, *([duck.Error] if duck else []))


@dataclass(frozen=True)
class Opened:
    """A source: its columns, how to take it piece by piece if that is possible, how to ask it by expression.

    `broken` is what is wrong when its rows cannot be read.
    """

    names: list[str]
    pieces: Callable[[Columns], Iterable[Piece]] | None
    table: Callable[[], ir.Table]
    broken: Fault | None = None

    def count(self, columns: Columns, order: int, weights: Weights | None, *, relational: bool) -> Marginals:
        """All marginals of some columns, by expression or in arrays."""
        how = self._by_expression if relational else self._in_arrays
        try:
            return how(columns, order, weights)
        except _reading():
            if self.broken is None:
                raise
            raise BadInput(self.broken) from None

    def rows(self, columns: Columns) -> Iterable[Piece]:
        """The rows piece by piece; those of another engine are fetched whole before."""
        if self.pieces is not None:
            return self.pieces(columns)
        return _slices(cast(pl.DataFrame, self.table().select(*columns.names).to_polars()), columns)

    def _in_arrays(self, columns: Columns, order: int, weights: Weights | None) -> Marginals:
        if self.pieces is None:
            raise BadInput(Fault("a table of another engine is counted there", "take the engine ibis"))
        return array_engine.count(self.pieces(columns), columns, order, weights)

    def _by_expression(self, columns: Columns, order: int, weights: Weights | None) -> Marginals:
        from kerege.evidence.counting import ibis_engine as relational

        return relational.count(self.table(), columns, order, weights)


def opened(source: Snapshot | pl.DataFrame | Path | str | ir.Table) -> Opened:
    """Open a source; raises BadInput for a file that cannot be read or holds nothing."""
    if isinstance(source, Snapshot):
        source = source.frame
    if isinstance(source, pl.DataFrame):
        return Opened(source.columns, partial(_slices, source), partial(_frame_table, source))
    if not isinstance(source, (str, Path)):
        return Opened(list(source.columns), None, lambda: source)
    path = Path(source)
    if _start(path) == b"PAR1":
        return Opened(_parquet_names(path), partial(_parquet_ranges, path), partial(_parquet_table, path), TORN)
    names = _csv_names(path)
    return Opened(names, partial(_csv_blocks, path), partial(_csv_table, path, names), RAGGED)


def _start(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(4)
    except OSError:
        raise BadInput(Fault("cannot be read", "check the path and its permissions")) from None


def _slices(frame: pl.DataFrame, columns: Columns) -> Iterable[Piece]:
    step = piece_rows(len(columns.counted), frame.height)
    frame = frame.select(columns.names)
    return [partial(frame.slice, start, step) for start in range(0, frame.height, step)]


def _frame_table(frame: pl.DataFrame) -> ir.Table:
    import ibis

    return ibis.memtable(frame)


def _parquet_names(path: Path) -> list[str]:
    try:
        return list(pl.read_parquet_schema(path))
    except _reading():
        raise BadInput(TORN) from None


def _parquet_ranges(path: Path, columns: Columns) -> Iterable[Piece]:
    """Ranges of rows that lie in one group of the file where groups are large: across groups text has to be copied."""
    about = pq.read_metadata(path)
    step = piece_rows(len(columns.counted), about.num_rows)
    scan = pl.scan_parquet(path, glob=False).select(columns.names)
    ranges, start, rows = [], 0, 0
    for group in range(about.num_row_groups):
        rows += about.row_group(group).num_rows
        if 4 * rows >= step or group + 1 == about.num_row_groups:
            ranges += [(at, min(step, start + rows - at)) for at in range(start, start + rows, step)]
            start, rows = start + rows, 0
    return [scan.slice(at, length).collect for at, length in ranges]


def _parquet_table(path: Path) -> ir.Table:
    import ibis

    return ibis.duckdb.connect().read_parquet(escape(str(path)))


def _csv_names(path: Path) -> list[str]:
    """The header, checked as a snapshot's is."""
    with path.open("rb") as file:
        start = file.read(HEAD)
    start = start.rpartition(b"\n")[0] if len(start) == HEAD else start
    names = names_of(path, start)
    lines = csv.reader(start.decode("utf-8-sig").splitlines(keepends=True))
    next(lines)
    if not any(True for row in lines if row or len(names) == 1):
        raise BadInput(Fault("holds no rows", "give a file with a header and at least one row"))
    return names


def _csv_blocks(path: Path, columns: Columns) -> Iterable[Piece]:
    alone = len(_csv_names(path)) == 1  # an empty line is a row only where there is one column
    reader = pc.open_csv(
        path,
        read_options=pc.ReadOptions(block_size=BLOCK),
        parse_options=pc.ParseOptions(newlines_in_values=True, ignore_empty_lines=not alone),
        convert_options=pc.ConvertOptions(include_columns=columns.names, default_column_type=pa.string()),
    )
    return repeat(partial(_next, reader, Lock()))


def _csv_table(path: Path, names: Sequence[str]) -> ir.Table:
    import ibis

    told = {"header": True, "auto_detect": False, "delim": ",", "quote": '"', "escape": '"'}
    return ibis.duckdb.connect().read_csv(escape(str(path)), columns=dict.fromkeys(names, "VARCHAR"), **told)


def _next(reader: pc.CSVStreamingReader, lock: Lock) -> pl.DataFrame | None:
    with lock:
        try:
            return cast(pl.DataFrame, pl.from_arrow(reader.read_next_batch()))
        except StopIteration:
            return None
