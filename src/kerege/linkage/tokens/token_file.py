"""Token files: Parquet with a header in its metadata, or CSV with the header as first line."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow.parquet as pq

from kerege.base.errors import BadInput, Fault
from kerege.base.files import atomic_file
from kerege.linkage.tokens.study_key import NAME, RESERVED, Terms, study_of, terms_of
from kerege.linkage.tokens.tokenise import COLUMNS, LENGTH, LISTS

FORMAT = "kerege-tokens/2"
START = "# kerege tokens "
META = b"kerege-tokens"


class OtherVersion(Exception):
    """Error for a header of another format version."""


@dataclass(frozen=True)
class Header:
    """Header of a token file. `dropped` counts by column the records with an over-frequent name."""

    study: str
    key: str  # fingerprint
    terms: Terms
    fold: str
    list: str
    records: int
    left_out: int
    dropped: dict[str, int]
    made: str
    format: str = FORMAT


@dataclass(frozen=True)
class Tokens:
    """Content of a token file; rows are sorted, so that the order in the file has no effect."""

    path: Path
    header: Header
    frame: pl.DataFrame

    @cached_property
    def rows(self) -> list[str]:
        """Return one text per record, the same for equal records, in the order of `frame`."""
        return _write_texts(self.frame)

    @cached_property
    def fingerprint(self) -> str:
        """Return the SHA-256 hash of all records, independent of their order in the file."""
        return hashlib.sha256("\n".join(sorted(self.rows)).encode()).hexdigest()


def write_token_file(path: Path, header: Header, frame: pl.DataFrame) -> None:
    """Write the result of `encode_file` atomically: CSV for the suffix .csv, otherwise Parquet.

    Parameters
    ----------
    path : Path
        File to write. An existing file is replaced.
    header : Header
        `Encoded.header`.
    frame : DataFrame
        `Encoded.frame`: a row for each record, a column of tokens for each field.

    Raises
    ------
    OSError
        If the file cannot be written.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> header = Header("2026", "0" * 16, Terms(("police", "shelter")), "3", "police", 1, 0, {}, "2026-11-28")
    >>> with TemporaryDirectory() as folder:
    ...     file = Path(folder, "police.csv")
    ...     write_token_file(file, header, pl.DataFrame({"sex": ["0123456789abcdef"]}))
    ...     read(file).header.list
    'police'
    """
    text = json.dumps(asdict(header), ensure_ascii=False)
    with atomic_file(path) as part:
        if path.suffix.lower() == ".csv":
            joined = frame.with_columns(pl.col(pl.List(pl.String)).list.join(";"))
            part.write_text(f"{START}{text}\n{joined.write_csv()}", encoding="utf-8")
        else:
            table = frame.to_arrow()
            pq.write_table(table.replace_schema_metadata({META: text.encode()}), part)


def read(path: Path) -> Tokens:
    """Read a token file; raises BadInput without cell values for an invalid, truncated or modified file."""
    try:
        header, frame = _read_csv(path) if path.suffix.lower() == ".csv" else _read_parquet(path)
    except OtherVersion:
        fault = Fault("was made by another version", "let the agency encode it with this one", path.name)
        raise BadInput(fault) from None
    except (OSError, ValueError, KeyError, TypeError, AttributeError, pl.exceptions.PolarsError):
        raise _report_invalid_file(path) from None
    columns = [name for name in COLUMNS if name in frame.columns]
    if not columns or len(columns) < frame.width or not _is_valid(frame):
        raise _report_invalid_file(path)
    if len(frame) != header.records:
        problem = f"holds {len(frame)} of the {header.records} records that its header states"
        raise BadInput(Fault(problem, "ask for the file again", path.name))
    order = pl.Series(_write_texts(frame)).arg_sort()
    return Tokens(path, header, frame.select(columns)[order])


def _report_invalid_file(path: Path) -> BadInput:
    return BadInput(Fault("is not a token file", "give a file that kerege tokens encode made", path.name))


def _read_parquet(path: Path) -> tuple[Header, pl.DataFrame]:
    meta = pq.read_schema(path).metadata or {}
    return _parse_header(meta[META].decode()), pl.read_parquet(path)


def _read_csv(path: Path) -> tuple[Header, pl.DataFrame]:
    first, _, rest = path.read_text("utf-8").partition("\n")
    if not first.startswith(START):
        raise ValueError
    names = next(csv.reader([rest.partition("\n")[0]]))
    frame = pl.read_csv(io.StringIO(rest), schema_overrides=dict.fromkeys(names, pl.String), null_values=[""])
    lists = [pl.col(name).str.split(";") for name in frame.columns if name in LISTS]
    return _parse_header(first.removeprefix(START)), frame.with_columns(lists)


def _parse_header(text: str) -> Header:
    content: dict[str, Any] = json.loads(text)
    if content.get("format") != FORMAT:
        raise OtherVersion
    content |= {"study": study_of(content), "terms": terms_of(content["terms"])}
    content.pop("exercise", None)
    header = Header(**content)
    if not NAME.fullmatch(header.list) or header.list in RESERVED or not isinstance(header.records, int):
        raise ValueError
    return header


def _is_valid(frame: pl.DataFrame) -> bool:
    """Return whether every cell is a token or a list of tokens."""
    token = f"^[0-9a-f]{{{2 * LENGTH}}}$"
    for column in frame:
        flat = column.explode() if column.dtype == pl.List else column
        if (column.dtype == pl.List) != (column.name in LISTS) or flat.dtype != pl.String:
            return False
        if not flat.drop_nulls().str.contains(token).all():
            return False
    return True


def _write_texts(frame: pl.DataFrame) -> list[str]:
    ordered = frame.select(sorted(frame.columns)).with_columns(pl.col(pl.List(pl.String)).list.join(";"))
    parts = [pl.lit(name + "=") + pl.col(name).fill_null("") for name in ordered.columns]
    return ordered.select(pl.concat_str(parts, separator=",")).to_series().to_list()
