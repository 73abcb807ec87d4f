"""Reader of categorical files that are not snapshots: records as text, and the faults of a file."""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path

import polars as pl
from polars.datatypes import DataTypeClass

from kerege.base import csv_cells
from kerege.base.errors import BadInput, Fault
from kerege.base.message_text import listed, shown
from kerege.base.text_files import UTF_8, decoded, encoding_of
from kerege.evidence.data.text_frames import remove_guards
from kerege.vocabulary import ctdc_files

SEPARATOR = ";"  # between several values of one column of a CSV
HEAD = 100_000  # characters in which the separator of the cells is looked for


def convert_to_text(path: Path | str, frame: pl.DataFrame, coded: Collection[str] = ()) -> pl.DataFrame:
    """Return records of text, integers, booleans or lists of text as text; '' and null are not reported.

    The columns of `coded` can also hold fractions and dates: a schema file divides them into bins. Raise BadInput with
    the faults of all columns.
    """
    if frame.is_empty():
        raise BadInput(Fault("holds no rows", "give a file with at least one row", file=str(path)))
    if faults := _report_patterns(path, frame.columns):
        raise BadInput(faults)
    columns = {column.name: _as_text(column, column.name in coded) for column in frame.get_columns()}
    if faults := [_report_kind(path, name) for name, column in columns.items() if column is None]:
        raise BadInput(faults)
    return pl.DataFrame([column for column in columns.values() if column is not None])


def read_csv(path: Path, content: bytes, multi: Sequence[str], encoding: str = "") -> pl.DataFrame:
    """Return the records of CSV bytes as text, with lists in the columns of `multi`; '' is not reported."""
    if encoding_of(content[:2], encoding) != UTF_8:
        content = decoded(content, str(path), encoding).encode()
    names, separator = read_header(path, content)
    header = [csv_cells.plain(name) for name in names]
    if unknown := [name for name in multi if name not in header]:
        todo = f"choose among: {listed(header)}"
        raise BadInput([Fault("there is no such column", todo, str(path), column=name) for name in unknown])
    try:
        frame = pl.read_csv(content, infer_schema=False, encoding="utf8", new_columns=header, separator=separator)
    except pl.exceptions.PolarsError:
        raise _no_table(path) from None
    frame = _without_blank_lines(path, content, frame, separator)
    if frame.is_empty():
        raise BadInput(Fault("holds no rows", "give a file with a header and at least one row", file=str(path)))
    text = pl.all().replace({"": None})
    split = [pl.col(name).str.split(SEPARATOR).list.eval(_split_values()).list.unique() for name in multi]
    return remove_guards(frame).select(text).with_columns(split)


def read_header(path: Path, content: bytes) -> tuple[list[str], str]:
    """Return the column names of CSV bytes in UTF-8 and their separator; raises BadInput for a bad header."""
    text = decoded(content, str(path))
    separator = csv_cells.separator(text[:HEAD])
    header = next(csv.reader(text.splitlines(keepends=True)[:50], delimiter=separator), [])
    if not header:
        raise BadInput(Fault("is empty", "give a file with a header and at least one row", file=str(path)))
    faults = [
        Fault(f"column {number} has no name", "name every column", file=str(path), row=1)
        for number, name in enumerate(header, 1)
        if not name.strip()
    ]
    faults += [
        Fault("two columns have this name", "name every column once", str(path), 1, shown(name))
        for name in dict.fromkeys(header)
        if name.strip() and header.count(name) > 1
    ]
    if faults := faults + _report_patterns(path, map(csv_cells.plain, header)):
        raise BadInput(faults)
    return header, separator


def _report_patterns(path: Path | str, names: Iterable[str]) -> list[Fault]:
    """Return the faults of names that Polars takes for patterns, which select other columns too."""
    patterns = [name for name in names if name == "*" or (name.startswith("^") and name.endswith("$"))]
    return [
        Fault("this name selects other columns too", "name it otherwise", str(path), column=shown(name))
        for name in patterns
    ]


def read_column_names(path: Path, encoding: str = "") -> list[str]:
    """Return the column names of a CSV or Parquet file; no row is used. Raises BadInput for a bad header."""
    try:
        with path.open("rb") as file:
            content = file.read(HEAD)
        if content[:4] == b"PAR1":
            return list(pl.read_parquet_schema(path))
    except (OSError, pl.exceptions.PolarsError):
        raise BadInput(Fault("cannot be read", "check the path and its permissions", file=str(path))) from None
    if (name := encoding_of(content[:2], encoding)) != UTF_8:
        content = content.decode(name, errors="ignore").encode()
    header = content.decode("utf-8-sig", errors="ignore").encode()  # the last character can be cut
    return [csv_cells.plain(name) for name in read_header(path, header)[0]]


def read_field_codes(frame: pl.DataFrame) -> pl.DataFrame:
    """Return records with the codes of CTDC's files read: *not reported*, cells of several values.

    Other records are returned unchanged: the column names decide, not the rows.
    """
    if not ctdc_files.is_like(frame.columns):
        return frame
    texts = [name for name, kind in frame.schema.items() if kind == pl.String]
    lists = [name for name, kind in frame.schema.items() if isinstance(kind, pl.List)]
    missing = {name: dict.fromkeys(ctdc_files.missing(name)) for name in texts}
    frame = frame.with_columns(pl.col(name).replace(codes) for name, codes in missing.items())
    frame = frame.with_columns(_drop_missing(name) for name in lists)
    return frame.with_columns(_split_cells(name) for name in ctdc_files.several(texts))


def _drop_missing(name: str) -> pl.Expr:
    """Return the lists of a column without the codes for *not reported*, null for an empty list."""
    lists = pl.col(name).list.set_difference(list(ctdc_files.missing(name)))
    return pl.when(lists.list.len() > 0).then(lists).alias(name)


def _split_cells(name: str) -> pl.Expr:
    """Return the lists of values of a text column, null for a cell without values."""
    lists = pl.col(name).str.split(SEPARATOR).list.eval(_split_values()).list.unique()
    return pl.when(lists.list.len() > 0).then(lists).alias(name)


def _report_kind(path: Path | str, name: str) -> Fault:
    return Fault(
        "holds neither categories nor lists of them",
        "give text, whole numbers, or yes and no; put other numbers and dates into bands first, or for synthetic "
        'records write bins = [0, 18, 60] or date = "month" in a schema file',
        file=str(path),
        column=shown(name),
    )


def _as_text(column: pl.Series, is_coded: bool) -> pl.Series | None:
    """Return a column as text or lists of text; None if its values are neither categories nor `is_coded`."""
    if isinstance(column.dtype, pl.Array):
        column = column.arr.to_list()
    has_lists = isinstance(column.dtype, pl.List)
    kinds = _list_casts(column.explode() if has_lists else column, is_coded)
    if kinds is None:
        return None
    value = pl.element() if has_lists else pl.col(column.name)
    for kind in kinds:
        value = (value.fill_nan(None) if kind == pl.Int64 else value).cast(kind)
    frame = column.to_frame()
    if not has_lists:
        return frame.select(value.replace({"": None})).to_series()
    texts = frame.select(pl.col(column.name).list.eval(value)).to_series()
    lists = texts.list.eval(_split_values()).list.unique()
    return pl.select(pl.when(lists.list.len() > 0).then(lists)).to_series().alias(column.name)


def _list_casts(values: pl.Series, is_coded: bool) -> list[DataTypeClass] | None:
    """Return the types through which values become text; None if they cannot."""
    kind = values.dtype
    if kind.is_integer() or kind in (pl.String, pl.Categorical, pl.Enum, pl.Boolean, pl.Null):
        return [pl.String]
    if (kind.is_float() or kind.is_decimal()) and _is_whole(values.cast(pl.Float64)):
        return [pl.Float64, pl.Int64, pl.String]
    if is_coded and (kind.is_float() or kind.is_decimal()):
        return [pl.Float64, pl.String]
    return [pl.String] if is_coded and kind in (pl.Date, pl.Datetime) else None


def _is_whole(numbers: pl.Series) -> bool:
    """Return whether all numbers are whole: other programs write whole numbers with gaps as floats."""
    numbers = numbers.fill_nan(None).drop_nulls()
    return bool((numbers == numbers.round()).all()) and bool((numbers.abs() < 2**53).all())


def _no_table(path: Path) -> BadInput:
    what = "is not a table of separated values"
    return BadInput(Fault(what, "give each row as many cells as the header", str(path)))


def _without_blank_lines(path: Path, content: bytes, frame: pl.DataFrame, separator: str) -> pl.DataFrame:
    """Drop blank lines, which would count as people. Refuse short rows.

    In a file of one column a blank line is a cell that is not reported. The values of a row that ends before the header
    does may belong to other columns.
    """
    width = frame.width
    if width == 1 or not frame.get_column(frame.columns[-1]).null_count():
        return frame
    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), delimiter=separator))
    for number, row in enumerate(rows, 1):
        if row and len(row) != width:
            what, todo = f"has {len(row)} cells, not {width}", "give each row as many cells as the header"
            raise BadInput(Fault(what, todo, str(path), number))
    if len(rows) != frame.height + 1:  # stray quotes, which divide the text into other rows
        raise _no_table(path)
    return frame.filter(pl.Series([bool(row) for row in rows[1:]], dtype=pl.Boolean))


def _split_values() -> pl.Expr:
    part = pl.element().str.strip_chars()
    return part.filter(part != "")
