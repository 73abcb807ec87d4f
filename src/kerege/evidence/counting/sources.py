"""Sources of rows: frames, Parquet and CSV files, Ibis tables. Files are read piece by piece."""

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
from kerege.base.text_files import UTF_8, encoding_of
from kerege.evidence.counting import array_engine
from kerege.evidence.counting.array_engine import Piece, piece_rows
from kerege.evidence.counting.marginal_counts import Marginals
from kerege.evidence.counting.row_weights import Weights
from kerege.evidence.counting.selection import Columns
from kerege.evidence.data.record_frames import read_csv, read_header
from kerege.evidence.data.snapshot import Snapshot

BLOCK = 1 << 24  # bytes of CSV that are read at a time
HEAD = 1 << 20  # bytes of CSV that are read for the header
TORN = Fault("cannot be read to its end as Parquet", "write it again")
RAGGED = Fault("is not a table of separated values", "give each row as many cells as the header")

if TYPE_CHECKING:
    import ibis.expr.types as ir


def _read_errors() -> tuple[type[Exception], ...]:
    """Return the exceptions of reading. DuckDB is slow to import; without its import it raises nothing."""
    duck = sys.modules.get("duckdb")
    return (pa.ArrowException, pl.exceptions.PolarsError, OSError, *([duck.Error] if duck else []))


@dataclass(frozen=True)
class OpenSource:
    """An open source: its columns, its rows by piece (None if it has no pieces), and its Ibis table.

    `broken` is the fault to report when the rows cannot be read.
    """

    names: list[str]
    pieces: Callable[[Columns], Iterable[Piece]] | None
    table: Callable[[], ir.Table]
    broken: Fault | None = None

    def count(self, columns: Columns, order: int, weights: Weights | None, *, relational: bool) -> Marginals:
        """Return all marginals of some columns, by an Ibis query if `relational`, else on arrays."""
        engine = self._by_expression if relational else self._in_arrays
        try:
            return engine(columns, order, weights)
        except _read_errors():
            if self.broken is None:
                raise
            raise BadInput(self.broken) from None

    def rows(self, columns: Columns) -> Iterable[Piece]:
        """Return the rows piece by piece; a table of another engine is loaded in full first."""
        if self.pieces is not None:
            return self.pieces(columns)
        return _slices(cast(pl.DataFrame, self.table().select(*columns.names).to_polars()), columns)

    def _in_arrays(self, columns: Columns, order: int, weights: Weights | None) -> Marginals:
        if self.pieces is None:
            raise BadInput(Fault("the engine arrays counts only data frames and files", "take the engine ibis"))
        return array_engine.count(self.pieces(columns), columns, order, weights)

    def _by_expression(self, columns: Columns, order: int, weights: Weights | None) -> Marginals:
        from kerege.evidence.counting import ibis_engine as relational

        return relational.count(self.table(), columns, order, weights)


def open_source(source: Snapshot | pl.DataFrame | Path | str | ir.Table, encoding: str = "") -> OpenSource:
    """Open a source; raises BadInput for a file that is unreadable or empty.

    A CSV file in UTF-16 or in another `encoding` is read into memory, any other file piece by piece.
    """
    if isinstance(source, Snapshot):
        source = source.frame
    if isinstance(source, pl.DataFrame):
        return OpenSource(source.columns, partial(_slices, source), partial(_frame_table, source))
    if not isinstance(source, (str, Path)):
        return OpenSource(list(source.columns), None, lambda: source)
    path = Path(source)
    if _first_bytes(path) == b"PAR1":
        return OpenSource(_parquet_names(path), partial(_parquet_ranges, path), partial(_parquet_table, path), TORN)
    if encoding_of(_first_bytes(path), encoding) != UTF_8:
        return open_source(read_csv(path, path.read_bytes(), (), encoding))
    names, separator = _csv_header(path)
    read_blocks = partial(_csv_blocks, path, separator, is_single=len(names) == 1)
    return OpenSource(names, read_blocks, partial(_csv_table, path, names, separator), RAGGED)


def _first_bytes(path: Path) -> bytes:
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
    except _read_errors():
        raise BadInput(TORN) from None


def _parquet_ranges(path: Path, columns: Columns) -> Iterable[Piece]:
    """Return ranges of rows. A range stays within a large row group: text across groups has to be copied."""
    metadata = pq.read_metadata(path)
    step = piece_rows(len(columns.counted), metadata.num_rows)
    scan = pl.scan_parquet(path, glob=False).select(columns.names)
    ranges, start, rows = [], 0, 0
    for group in range(metadata.num_row_groups):
        rows += metadata.row_group(group).num_rows
        if 4 * rows >= step or group + 1 == metadata.num_row_groups:
            ranges += [(at, min(step, start + rows - at)) for at in range(start, start + rows, step)]
            start, rows = start + rows, 0
    return [scan.slice(at, length).collect for at, length in ranges]


def _parquet_table(path: Path) -> ir.Table:
    import ibis

    return ibis.duckdb.connect().read_parquet(escape(str(path)))


def _csv_header(path: Path) -> tuple[list[str], str]:
    """Return the header of a CSV file and its separator; apply the same checks as for a snapshot."""
    with path.open("rb") as file:
        start = file.read(HEAD)
    start = start.rpartition(b"\n")[0] if len(start) == HEAD else start
    names, separator = read_header(path, start)
    lines = csv.reader(start.decode("utf-8-sig").splitlines(keepends=True), delimiter=separator)
    next(lines)
    if not any(True for row in lines if row or len(names) == 1):
        raise BadInput(Fault("holds no rows", "give a file with a header and at least one row"))
    return names, separator


def _csv_blocks(path: Path, separator: str, columns: Columns, *, is_single: bool) -> Iterable[Piece]:
    reader = pc.open_csv(
        path,
        read_options=pc.ReadOptions(block_size=BLOCK),
        parse_options=pc.ParseOptions(  # an empty line is a row only in a file of one column
            delimiter=separator, newlines_in_values=True, ignore_empty_lines=not is_single
        ),
        convert_options=pc.ConvertOptions(include_columns=columns.names, default_column_type=pa.string()),
    )
    return repeat(partial(_next_block, reader, Lock()))


def _csv_table(path: Path, names: Sequence[str], separator: str) -> ir.Table:
    import ibis

    options = {"header": True, "auto_detect": False, "delim": separator, "quote": '"', "escape": '"'}
    return ibis.duckdb.connect().read_csv(escape(str(path)), columns=dict.fromkeys(names, "VARCHAR"), **options)


def _next_block(reader: pc.CSVStreamingReader, lock: Lock) -> pl.DataFrame | None:
    with lock:
        try:
            return cast(pl.DataFrame, pl.from_arrow(reader.read_next_batch()))
        except StopIteration:
            return None
