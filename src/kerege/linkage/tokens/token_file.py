"""Token files: Parquet with a header in its metadata, or CSV whose first line is the header."""

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
from kerege.linkage.tokens.study_key import NAME, RESERVED, Terms, terms_of
from kerege.linkage.tokens.tokenise import COLUMNS, LENGTH, LISTS

FORMAT = "kerege-tokens/2"
START = "# kerege tokens "
META = b"kerege-tokens"


class OtherVersion(Exception):
    """The header is of another format."""


@dataclass(frozen=True)
class Header:
    """What a token file says of itself. `dropped` counts the records whose name was too common, by column."""

    exercise: str
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
    """A token file as read; the rows are in an order of their own, whatever the order in the file."""

    path: Path
    header: Header
    frame: pl.DataFrame

    @cached_property
    def rows(self) -> list[str]:
        """One text a record, which equal records share, in the order of `frame`."""
        return _texts(self.frame)

    @cached_property
    def fingerprint(self) -> str:
        """The hash of all records, in whatever order."""
        return hashlib.sha256("\n".join(sorted(self.rows)).encode()).hexdigest()


def write_token_file(path: Path, header: Header, frame: pl.DataFrame) -> None:
    """Write what `encode_file` made, whole or not at all: Parquet, or CSV where the path ends so."""
    text = json.dumps(asdict(header), ensure_ascii=False)
    with atomic_file(path) as part:
        if path.suffix.lower() == ".csv":
            joined = frame.with_columns(pl.col(pl.List(pl.String)).list.join(";"))
            part.write_text(f"{START}{text}\n{joined.write_csv()}", encoding="utf-8")
        else:
            table = frame.to_arrow()
            pq.write_table(table.replace_schema_metadata({META: text.encode()}), part)


def read(path: Path) -> Tokens:
    """A token file. Raises BadInput, naming the file and no value, for what is none or was cut or changed."""
    try:
        header, frame = _read_csv(path) if path.suffix.lower() == ".csv" else _read_parquet(path)
    except OtherVersion:
        fault = Fault("was made by another version", "let the agency encode it with this one", path.name)
        raise BadInput(fault) from None
    except (OSError, ValueError, KeyError, TypeError, AttributeError, pl.exceptions.PolarsError):
        raise _no_tokens(path) from None
    known = [name for name in COLUMNS if name in frame.columns]
    if not known or len(known) < frame.width or not _clean(frame):
        raise _no_tokens(path)
    if len(frame) != header.records:
        what = f"holds {len(frame)} of the {header.records} records that its header tells of"
        raise BadInput(Fault(what, "ask for the file again", path.name))
    order = pl.Series(_texts(frame)).arg_sort()
    return Tokens(path, header, frame.select(known)[order])


def _no_tokens(path: Path) -> BadInput:
    return BadInput(Fault("is no token file", "give a file that kerege tokens encode made", path.name))


def _read_parquet(path: Path) -> tuple[Header, pl.DataFrame]:
    meta = pq.read_schema(path).metadata or {}
    return _header(meta[META].decode()), pl.read_parquet(path)


def _read_csv(path: Path) -> tuple[Header, pl.DataFrame]:
    first, _, rest = path.read_text("utf-8").partition("\n")
    if not first.startswith(START):
        raise ValueError
    names = next(csv.reader([rest.partition("\n")[0]]))
    frame = pl.read_csv(io.StringIO(rest), schema_overrides=dict.fromkeys(names, pl.String), null_values=[""])
    lists = [pl.col(name).str.split(";") for name in frame.columns if name in LISTS]
    return _header(first.removeprefix(START)), frame.with_columns(lists)


def _header(text: str) -> Header:
    told: dict[str, Any] = json.loads(text)
    if told.get("format") != FORMAT:
        raise OtherVersion
    header = Header(**{**told, "terms": terms_of(told["terms"])})
    if not NAME.fullmatch(header.list) or header.list in RESERVED or not isinstance(header.records, int):
        raise ValueError
    return header


def _clean(frame: pl.DataFrame) -> bool:
    """Whether every cell is a token or a list of tokens."""
    token = f"^[0-9a-f]{{{2 * LENGTH}}}$"
    for column in frame:
        flat = column.explode() if column.dtype == pl.List else column
        if (column.dtype == pl.List) != (column.name in LISTS) or flat.dtype != pl.String:
            return False
        if not flat.drop_nulls().str.contains(token).all():
            return False
    return True


def _texts(frame: pl.DataFrame) -> list[str]:
    ordered = frame.select(sorted(frame.columns)).with_columns(pl.col(pl.List(pl.String)).list.join(";"))
    parts = [pl.lit(name + "=") + pl.col(name).fill_null("") for name in ordered.columns]
    return ordered.select(pl.concat_str(parts, separator=",")).to_series().to_list()
