"""Snapshots: coded rows without names, in Parquet with metadata, and other categorical files."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import polars as pl

from kerege.base.errors import BadInput, Fault
from kerege.base.extras import MissingExtra
from kerege.base.files import atomic_file
from kerege.base.message_text import shown
from kerege.evidence.data.content_hash import hash_rows
from kerege.evidence.data.person_numbers import PERSON_IDS, PERSON_NUMBERS, number_people
from kerege.evidence.data.record_frames import SEPARATOR, convert_to_text, read_csv, read_field_codes
from kerege.evidence.data.snapshot_metadata import FORMAT, METADATA, PackStamp, SnapshotMetadata
from kerege.vocabulary import snapshot_columns as schema

RECORD_KEY = "record_key"
KEYS = (RECORD_KEY, PERSON_NUMBERS)  # columns that are not attributes
RESERVED = ("_T", "_U", "_O")  # total, not reported, combined small groups


@dataclass(frozen=True)
class Snapshot:
    """Rows of coded attributes.

    `frame` has string columns (lists of strings in `multi`); null is *not reported*. Do not publish `sha256`: an
    intruder who guesses all rows of a small file can confirm the guess by it. `fingerprint` is the name of the file in
    publications (`Ledger.fingerprint`), '' when no ledger named it. The specification of a release says of a file
    without `as_of` which `period` it is about, and whether it counts everybody up to the end of the period
    (`is_cumulative`) or the people of the period; None when it is not stated. `pack` is the pack of the country under
    whose code lists the rows were written, `version` that of the columns of the unit.
    """

    frame: pl.DataFrame
    unit: str
    as_of: str
    invented: bool
    sha256: str
    multi: frozenset[str] = field(default_factory=frozenset)
    path: str = ""
    fingerprint: str = ""
    period: str = ""
    is_cumulative: bool | None = None
    pack: PackStamp | None = None
    version: int = 1

    @classmethod
    def from_frame(cls, frame: pl.DataFrame, *, coded: Collection[str] = ()) -> Snapshot:
        """Take the rows of a data frame. A row is a person; '' and null are not reported.

        Parameters
        ----------
        frame : DataFrame
            Columns of text, whole numbers, booleans, or lists of text (several values of a person).
        coded : collection of str
            Columns of fractions or dates, which a schema of synthetic records divides into bins.

        Returns
        -------
        Snapshot
            The rows as text; the unit is `records`.

        Raises
        ------
        BadInput
            If the frame has no rows, a column has another type, or a value is reserved (`_T`, `_U`, `_O`).

        Examples
        --------
        >>> Snapshot.from_frame(pl.DataFrame({"sex": ["female", None], "children": [0, 2]})).columns
        ['sex', 'children']
        """
        snapshot = _of_records("", convert_to_text("", frame, coded), "")
        _refuse_reserved(snapshot)
        return replace(snapshot, sha256=hash_rows(snapshot.frame))

    @classmethod
    def read(
        cls, path: Path | str, *, multi: Sequence[str] = (), encoding: str = "", coded: Collection[str] = ()
    ) -> Snapshot:
        """Read a snapshot, or any categorical Parquet or CSV file.

        Parameters
        ----------
        path : Path or str
            Parquet or CSV file with any usual separator. In a CSV, '' is not reported.
        multi : sequence of str
            Multi-valued columns of a CSV, with `;` between values.
        encoding : str, default ""
            Encoding of a CSV that is neither UTF-8 nor UTF-16, such as cp1251.
        coded : collection of str
            Columns of fractions or dates, which a schema of synthetic records divides into bins.

        Returns
        -------
        Snapshot
            Its columns are text, or lists of text for multi-valued columns. Null is not reported.

        Raises
        ------
        BadInput
            If the file is unreadable, has no rows, holds values that are not categories, or lacks a column of `multi`.

        Examples
        --------
        >>> from tempfile import TemporaryDirectory
        >>> with TemporaryDirectory() as folder:
        ...     file = Path(folder, "people.csv")
        ...     _ = file.write_text("sex,means\\nfemale,debt;threats\\nmale,\\n")
        ...     Snapshot.read(file, multi=["means"]).frame["means"].list.len().to_list()
        [2, None]
        """
        return read(Path(path), multi=multi, encoding=encoding, coded=coded)

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


def write(
    path: Path,
    unit: str,
    rows: Iterable[Mapping[str, Any]],
    *,
    as_of: str,
    invented: bool,
    key: bytes,
    pack: PackStamp | None = None,
) -> None:
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
        Whether the rows come from a demo register.
    key : bytes
        Key of the record keys, at most 64 bytes. The record key is the first 8 bytes of a keyed BLAKE2b of the
        identity. Identities themselves are not written: people get numbers that hold within this snapshot.
    pack : PackStamp, optional
        Pack of the country whose code lists the rows follow.

    Raises
    ------
    ValueError
        If a row has a column that the unit does not declare.
    MissingExtra
        If PyArrow is not installed.

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
    try:
        import pyarrow.parquet  # here, because only writing needs it: Polars reads snapshots
    except ImportError as error:
        raise MissingExtra("kerege.evidence.data.snapshot.write", "synthesis") from error

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
    types = {column.name: pyarrow.list_(pyarrow.string()) if column.multi else pyarrow.string() for column in columns}
    table = pyarrow.table(
        {name: pyarrow.array(values[name], type=kind) for name, kind in types.items()}
        | {RECORD_KEY: pyarrow.array(keys, type=pyarrow.uint64())}
    )
    if has_people:
        numbers = number_people([row[PERSON_IDS] for row in rows], key, f"{unit} {as_of}")
        table = table.append_column(PERSON_NUMBERS, pyarrow.array(numbers, type=pyarrow.list_(pyarrow.uint32())))
    further = {"pack": pack} if pack else {}
    version = schema.version(unit)
    stated = SnapshotMetadata(format=FORMAT, unit=unit, as_of=str(as_of), invented=invented, columns=version, **further)
    table = table.replace_schema_metadata({METADATA: json.dumps(stated.tree, sort_keys=True).encode()})
    with atomic_file(Path(path)) as part:
        pyarrow.parquet.write_table(table, part, compression="zstd")


def _as_cell(value: Any, multi: bool) -> Any:
    if multi:
        return sorted({str(code) for code in value}) if value else None
    return None if value is None or value == "" else str(value)


def _record_key(key: bytes, identity: str) -> int:
    digest = hashlib.blake2b(identity.encode(), key=key[:64], digest_size=8)
    return int.from_bytes(digest.digest(), "big")


def read(path: Path, *, multi: Sequence[str] = (), encoding: str = "", coded: Collection[str] = ()) -> Snapshot:
    """Read a snapshot, or any categorical Parquet or CSV file; `Snapshot.read` takes a text path too.

    Parameters
    ----------
    path : Path
        Parquet or CSV file with any usual separator. In a CSV, '' is not reported.
    multi : sequence of str
        Multi-valued columns of a CSV; `;` separates values only in these.
    encoding : str, default ""
        Encoding of a CSV that is neither UTF-8 nor UTF-16, such as cp1251.
    coded : collection of str
        Columns of fractions or dates, which a schema of synthetic records divides into bins.

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
        raise BadInput(Fault("is not a Parquet file", "make it again, or name a CSV .csv", file=str(path)))
    if is_parquet:
        snapshot = _parquet(path, digest, coded)
    else:
        snapshot = _of_records(path, read_csv(path, content, multi, encoding), digest)
    _refuse_reserved(snapshot)
    return snapshot


def _parquet(path: Path, digest: str, coded: Collection[str]) -> Snapshot:
    """Read a snapshot; a Parquet file without snapshot metadata is read as ordinary records."""
    try:
        metadata = pl.read_parquet_metadata(path).get(METADATA.decode())
        frame = pl.read_parquet(path)
        if metadata is None:
            return _of_records(path, convert_to_text(path, frame, coded), digest)
        stated = SnapshotMetadata.model_validate_json(metadata)
        multi = frozenset(schema.multi(stated.unit))
    except (LookupError, ValueError, OSError, pl.exceptions.PolarsError):  # ValueError is also pydantic's
        fault = Fault("is not a snapshot", "make one with kerege snapshot, or give a CSV", file=str(path))
        raise BadInput(fault) from None
    return Snapshot(
        frame=frame,
        unit=stated.unit,
        as_of=stated.as_of,
        invented=stated.invented,
        sha256=digest,
        multi=multi,
        path=str(path),
        pack=stated.pack,
        version=stated.columns or 1,
    )


def _of_records(path: Path | str, frame: pl.DataFrame, digest: str) -> Snapshot:
    """Return the snapshot of ordinary records; columns of lists are multi-valued."""
    frame = read_field_codes(frame)
    multi = frozenset(name for name, kind in frame.schema.items() if kind != pl.String)
    return Snapshot(frame=frame, unit="records", as_of="", invented=False, sha256=digest, multi=multi, path=str(path))


def check_value_sets(snapshot: Snapshot, columns: Iterable[str]) -> None:
    """Raise BadInput for the columns of single values in which a row holds several, separated by `;`."""
    single = [name for name in columns if name in snapshot.columns and name not in snapshot.multi]
    what, todo = (
        f"holds several values in a row, separated by {SEPARATOR}",
        "name the column with --multi, or in `multi`",
    )
    _refuse(
        [Fault(what, todo, snapshot.path, column=shown(name)) for name in single if _has_sets(snapshot.frame[name])]
    )


def _has_sets(column: pl.Series) -> bool:
    return column.dtype == pl.String and bool(column.str.contains(SEPARATOR, literal=True).any())


def _refuse_reserved(snapshot: Snapshot) -> None:
    """Refuse values that are reserved for totals, not reported and combined small groups."""
    what, todo = "_T, _U and _O are reserved for totals, not reported and small groups", "recode the value"
    names = [name for name in snapshot.columns if _has_reserved(snapshot.frame[name])]
    _refuse([Fault(what, todo, snapshot.path, column=shown(name)) for name in names])


def _has_reserved(column: pl.Series) -> bool:
    values = column.explode() if isinstance(column.dtype, pl.List) else column
    return values.dtype == pl.String and bool(values.is_in(RESERVED).any())


def _refuse(faults: list[Fault]) -> None:
    if faults:
        raise BadInput(faults)
