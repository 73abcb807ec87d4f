"""Snapshots: coded rows without names, in Parquet with metadata, and other categorical files."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import polars as pl

from kerege.base import csv_cells
from kerege.base.errors import BadInput, Fault
from kerege.base.files import atomic_file
from kerege.base.message_text import listed, shown
from kerege.evidence.data.content_hash import rows_hash
from kerege.evidence.data.person_numbers import PERSON_IDS, PERSON_NUMBERS, number_people
from kerege.evidence.data.text_frames import plain_frame
from kerege.vocabulary import snapshot_columns as schema

METADATA = b"kerege"
FORMAT = "kerege-snapshot/1"
RECORD_KEY = "record_key"
KEYS = (RECORD_KEY, PERSON_NUMBERS)  # columns that are no attributes
SEPARATOR = ";"  # between several values of one column of a CSV
RESERVED = ("_T", "_U", "_O")  # total, not reported, combined small groups


@dataclass(frozen=True)
class Snapshot:
    """Rows of coded attributes.

    `frame` has string columns (lists of strings in `multi`); null is *not reported*. Do not publish `sha256`: an
    intruder who guesses all rows of a small file can confirm the guess by it. `fingerprint` is the name of the file in
    publications (`Ledger.fingerprint`), '' when no ledger named it.
    """

    frame: pl.DataFrame
    unit: str
    as_of: str
    invented: bool
    sha256: str
    multi: frozenset[str] = field(default_factory=frozenset)
    path: str = ""
    fingerprint: str = ""

    @classmethod
    def from_frame(cls, frame: pl.DataFrame) -> Snapshot:
        """Take the rows of a data frame. A row is a person; '' and null are not reported.

        Parameters
        ----------
        frame : DataFrame
            Columns of text, whole numbers, booleans, or lists of text (several values of a person).

        Returns
        -------
        Snapshot
            The rows as text; the unit is `records`.

        Raises
        ------
        BadInput
            If the frame has no rows, a column is of another kind, or a value is reserved (`_T`, `_U`, `_O`).

        Examples
        --------
        >>> Snapshot.from_frame(pl.DataFrame({"sex": ["female", None], "children": [0, 2]})).columns
        ['sex', 'children']
        """
        snapshot = _as_records("", frame, "")
        _refuse_reserved(snapshot)
        return replace(snapshot, sha256=rows_hash(snapshot.frame))

    @classmethod
    def read(cls, path: Path | str, *, multi: Sequence[str] = ()) -> Snapshot:
        """Read a snapshot, or any categorical Parquet or CSV file.

        Parameters
        ----------
        path : Path or str
            Parquet or CSV file in UTF-8 with commas. In a CSV, '' is not reported.
        multi : sequence of str
            Multi-valued columns of a CSV, with `;` between values.

        Returns
        -------
        Snapshot
            Its columns are text, or lists of text for multi-valued columns. Null is not reported.

        Raises
        ------
        BadInput
            If the file is unreadable, has no rows, holds values that are no categories, or lacks a column of `multi`.

        Examples
        --------
        >>> from tempfile import TemporaryDirectory
        >>> with TemporaryDirectory() as folder:
        ...     file = Path(folder, "people.csv")
        ...     _ = file.write_text("sex,means\\nfemale,debt;threats\\nmale,\\n")
        ...     Snapshot.read(file, multi=["means"]).frame["means"].list.len().to_list()
        [2, None]
        """
        return read(Path(path), multi=multi)

    @property
    def origin(self) -> str:
        """Return the identity of the file by which tables of the same file are matched.

        Without a fingerprint this is `sha256`, which no published table bears.
        """
        return self.fingerprint or self.sha256

    @property
    def columns(self) -> list[str]:
        """Return the attributes, without the record key and the person numbers."""
        return [name for name in self.frame.columns if name not in KEYS]

    def list_of(self, column: str) -> str:
        """Return the code list of a column, '' when none is known.

        Parameters
        ----------
        column : str
            Name of a column.

        Returns
        -------
        str
            Name of a code list of the vocabulary.

        Examples
        --------
        >>> Snapshot(pl.DataFrame({"sex": ["male"]}), "victims", "", False, "").list_of("sex")
        'sex'
        """
        try:
            return schema.column(self.unit, column).list
        except LookupError:
            return ""


def write(path: Path, unit: str, rows: Iterable[Mapping[str, Any]], *, as_of: str, invented: bool, key: bytes) -> None:
    """Write rows as a snapshot of a unit, in Parquet with metadata.

    Parameters
    ----------
    path : Path
        File to write; it appears complete or not at all.
    unit : str
        Unit of the snapshot, such as `victims`: it declares the columns.
    rows : iterable of mapping
        A mapping for each row, column to code (or codes, in a multi-valued column), with its identity under
        `record_id`. Rows about people of another unit have the identities of these people under `person_ids`.
    as_of : str
        Reference date, such as 2025-12-31.
    invented : bool
        Whether the rows are of a demo register.
    key : bytes
        Key of the record keys, at most 64 bytes. The record key is the first 8 bytes of a keyed BLAKE2b of the
        identity. Identities themselves are not written: people get numbers that hold within this snapshot.

    Raises
    ------
    ValueError
        If a row has a column that the unit does not declare.

    Notes
    -----
    BLAKE2: RFC 7693.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     file = Path(folder, "victims.parquet")
    ...     rows = [{"record_id": "7", "sex": "male"}]
    ...     write(file, "victims", rows, as_of="2025-12-31", invented=True, key=b"secret")
    ...     Snapshot.read(file).as_of
    '2025-12-31'
    """
    import pyarrow as pa  # here, because only writing needs it: Polars reads snapshots
    import pyarrow.parquet as pq

    columns, rows = schema.columns(unit), list(rows)
    declared = {column.name for column in columns} | {"record_id"}
    has_people = schema.people_of(unit) is not None and all(PERSON_IDS in row for row in rows)
    declared |= {PERSON_IDS} if has_people else set()
    values: dict[str, list[Any]] = {column.name: [] for column in columns}
    keys: list[int] = []
    for number, row in enumerate(rows):
        if extra := set(row) - declared:
            raise ValueError(f"columns that the snapshot of {unit} does not declare: {', '.join(sorted(extra))}")
        for column in columns:
            values[column.name].append(_as_cell(row.get(column.name), column.multi))
        keys.append(_record_key(key, str(row.get("record_id", number))))
    types = {column.name: pa.list_(pa.string()) if column.multi else pa.string() for column in columns}
    table = pa.table(
        {name: pa.array(values[name], type=kind) for name, kind in types.items()}
        | {RECORD_KEY: pa.array(keys, type=pa.uint64())}
    )
    if has_people:
        numbers = number_people([row[PERSON_IDS] for row in rows], key, f"{unit} {as_of}")
        table = table.append_column(PERSON_NUMBERS, pa.array(numbers, type=pa.list_(pa.uint32())))
    metadata = {"format": FORMAT, "unit": unit, "as_of": str(as_of), "invented": invented}
    table = table.replace_schema_metadata({METADATA: json.dumps(metadata, sort_keys=True).encode()})
    with atomic_file(Path(path)) as part:
        pq.write_table(table, part, compression="zstd")


def _as_cell(value: Any, multi: bool) -> Any:
    if multi:
        return sorted({str(code) for code in value}) if value else None
    return None if value is None or value == "" else str(value)


def _record_key(key: bytes, identity: str) -> int:
    digest = hashlib.blake2b(identity.encode(), key=key[:64], digest_size=8)
    return int.from_bytes(digest.digest(), "big")


def read(path: Path, *, multi: Sequence[str] = ()) -> Snapshot:
    """Read a snapshot, or any categorical Parquet or CSV file; `Snapshot.read` takes a text path too.

    Parameters
    ----------
    path : Path
        Parquet or CSV file in UTF-8 with commas. In a CSV, '' is not reported.
    multi : sequence of str
        Multi-valued columns of a CSV; `;` separates values only in these.

    Returns
    -------
    Snapshot
        Rows of codes without names.

    Raises
    ------
    BadInput
        One sentence for each fault: an unreadable file, no rows, a column without a name, values that are no
        categories.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     file = Path(folder, "people.csv")
    ...     _ = file.write_text("sex\\nfemale\\nmale\\n")
    ...     read(file).frame.height
    2
    """
    path = Path(path)
    try:
        content = path.read_bytes()
    except OSError:
        raise BadInput(Fault("cannot be read", "check the path and its permissions", file=str(path))) from None
    digest = hashlib.sha256(content).hexdigest()
    is_parquet = content[:4] == b"PAR1"
    if path.suffix.lower() == ".parquet" and not is_parquet:
        raise BadInput(Fault("is no Parquet file", "make it again, or name a CSV .csv", file=str(path)))
    snapshot = _parquet(path, digest) if is_parquet else _csv(path, content, digest, multi)
    _refuse_reserved(snapshot)
    return snapshot


def _parquet(path: Path, digest: str) -> Snapshot:
    """Read a snapshot; a Parquet file without snapshot metadata is read as ordinary records."""
    try:
        metadata = pl.read_parquet_metadata(path).get(METADATA.decode())
        frame = pl.read_parquet(path)
        if metadata is None:
            return _as_records(path, frame, digest)
        stated = json.loads(metadata)
        unit, as_of, invented = stated["unit"], stated["as_of"], bool(stated["invented"])
        multi = frozenset(column.name for column in schema.columns(unit) if column.multi)
    except (KeyError, LookupError, ValueError, OSError, pl.exceptions.PolarsError):
        fault = Fault("is not a snapshot", "make one with kerege snapshot, or give a CSV", file=str(path))
        raise BadInput(fault) from None
    return Snapshot(frame=frame, unit=unit, as_of=as_of, invented=invented, sha256=digest, multi=multi, path=str(path))


def _as_records(path: Path | str, frame: pl.DataFrame, digest: str) -> Snapshot:
    """Return ordinary records of text, integers, booleans or lists of text; '' and null are not reported."""
    if frame.is_empty():
        raise BadInput(Fault("holds no rows", "give a file with at least one row", file=str(path)))
    columns = [_as_text(path, column) for column in frame.get_columns()]
    multi = frozenset(column.name for column in columns if column.dtype != pl.String)
    return Snapshot(
        frame=pl.DataFrame(columns),
        unit="records",
        as_of="",
        invented=False,
        sha256=digest,
        multi=multi,
        path=str(path),
    )


def _as_text(path: Path | str, column: pl.Series) -> pl.Series:
    if column.dtype == pl.List(pl.String):
        lists = column.list.eval(_split_values()).list.unique()
        return pl.select(pl.when(lists.list.len() > 0).then(lists)).to_series().alias(column.name)
    if column.dtype.is_integer() or column.dtype in (pl.String, pl.Categorical, pl.Enum, pl.Boolean, pl.Null):
        return column.cast(pl.String).replace({"": None})
    raise BadInput(
        Fault(
            "holds neither categories nor lists of them",
            "give text, whole numbers, or yes and no",
            file=str(path),
            column=shown(column.name),
        )
    )


def _csv(path: Path, content: bytes, digest: str, multi: Sequence[str]) -> Snapshot:
    header = [csv_cells.plain(name) for name in names_of(path, content)]
    for name in multi:
        if name not in header:
            raise BadInput(Fault("there is no such column", f"choose among: {listed(header)}", str(path), column=name))
    try:
        frame = pl.read_csv(content, infer_schema=False, encoding="utf8", new_columns=header)
    except pl.exceptions.PolarsError:
        raise _no_table(path) from None
    frame = _without_blank_lines(path, content, frame)
    if frame.is_empty():
        raise BadInput(Fault("holds no rows", "give a file with a header and at least one row", file=str(path)))
    text = pl.all().replace({"": None})
    split = [pl.col(name).str.split(SEPARATOR).list.eval(_split_values()).list.unique() for name in multi]
    clean = plain_frame(frame).select(text).with_columns(split)
    return Snapshot(
        frame=clean, unit="records", as_of="", invented=False, sha256=digest, multi=frozenset(multi), path=str(path)
    )


def _refuse_other_separators(path: Path, header: Sequence[str]) -> None:
    """Refuse a single column that reads as several: a privacy budget would be spent on whole rows."""
    if len(header) == 1 and any(mark in header[0] for mark in ";\t"):
        mark = "semicolons" if ";" in header[0] else "tabs"
        todo = "save the file with commas between cells"
        fault = Fault(f"has one column by its commas, but {mark} in its name", todo, str(path), 1)
        raise BadInput(fault)


def _no_table(path: Path) -> BadInput:
    what = "is not a table of comma-separated values"
    return BadInput(Fault(what, "give each row as many cells as the header", str(path)))


def _without_blank_lines(path: Path, content: bytes, frame: pl.DataFrame) -> pl.DataFrame:
    """Drop blank lines, which would count as people. Refuse short rows.

    In a file of one column a blank line is a cell that is not reported. The values of a row that ends before the header
    does may belong to other columns.
    """
    width = frame.width
    if width == 1 or not frame.get_column(frame.columns[-1]).null_count():
        return frame
    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))
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


def names_of(path: Path, content: bytes) -> list[str]:
    """Return the column names of CSV bytes, without a byte order mark; raises BadInput for a bad header."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise BadInput(Fault("is not UTF-8 text", "save it as CSV in UTF-8", file=str(path))) from None
    if "\0" in text[:100_000]:
        raise BadInput(Fault("is not a text file", "give a CSV or a snapshot in Parquet", file=str(path)))
    header = next(csv.reader(text.splitlines(keepends=True)[:50]), [])
    if not header:
        raise BadInput(Fault("is empty", "give a file with a header and at least one row", file=str(path)))
    for number, name in enumerate(header, 1):
        if not name.strip():
            raise BadInput(Fault(f"column {number} has no name", "name every column", file=str(path), row=1))
        if header.count(name) > 1:
            fault = Fault("two columns have this name", "name every column once", str(path), 1, shown(name))
            raise BadInput(fault)
    _refuse_other_separators(path, header)
    return header


def check_value_sets(snapshot: Snapshot, columns: Iterable[str]) -> None:
    """Raise BadInput for a column of single values in which a row holds several, separated by `;`."""
    for name in columns:
        column = snapshot.frame[name] if name in snapshot.columns and name not in snapshot.multi else None
        if column is not None and column.dtype == pl.String and column.str.contains(SEPARATOR, literal=True).any():
            what = f"holds several values in a row, separated by {SEPARATOR}"
            raise BadInput(
                Fault(what, "name the column with --multi, or in `multi`", snapshot.path, column=shown(name))
            )


def _refuse_reserved(snapshot: Snapshot) -> None:
    """Refuse values that are reserved for totals, not reported and combined small groups."""
    for name in snapshot.columns:
        column = snapshot.frame[name]
        values = column.explode() if name in snapshot.multi else column
        if values.dtype == pl.String and values.is_in(RESERVED).any():
            fault = Fault(
                "_T, _U and _O are kept for totals, not reported and small groups",
                "recode the value",
                snapshot.path,
                column=shown(name),
            )
            raise BadInput(fault)
