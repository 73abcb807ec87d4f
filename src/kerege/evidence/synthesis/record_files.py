"""Files of synthetic records: CSV, Parquet and their certificate."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from kerege.base.files import file_hash
from kerege.evidence.data.record_frames import SEPARATOR
from kerege.evidence.data.text_frames import guard_formulas
from kerege.evidence.synthesis.generation.records import CodedRecords
from kerege.evidence.synthesis.measurement.public_schema import Schema
from kerege.evidence.synthesis.request import Certificate

NOISY, RECORDS, CERTIFICATE = "noisy.npz", "records", "records.certificate.json"


def read_certificate(folder: Path) -> dict[str, Any]:
    """Return the certificate in a folder."""
    facts: dict[str, Any] = json.loads((folder / CERTIFICATE).read_text(encoding="utf-8"))
    return facts


def copy_records(stored: Path, folder: Path) -> dict[str, Any]:
    """Copy records that the ledger stores to a folder; return their certificate."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in (f"{RECORDS}.csv", f"{RECORDS}.parquet", CERTIFICATE):
        shutil.copyfile(stored / name, folder / name)
    return read_certificate(folder)


def write_records(frame: pl.DataFrame, facts: dict[str, Any], folder: Path) -> dict[str, Any]:
    """Write records as CSV and Parquet to a folder, with their certificate, which is returned."""
    folder.mkdir(parents=True, exist_ok=True)
    write_frame(frame, folder / f"{RECORDS}.csv")
    write_frame(frame, folder / f"{RECORDS}.parquet")
    return write_certificate(facts | {"rows": frame.height}, folder)


def write_certificate(facts: dict[str, Any], folder: Path) -> dict[str, Any]:
    """Write the certificate of the records in a folder with the hashes of their files; return it."""
    hashes = facts["hashes"] | {kind: file_hash(folder / f"{RECORDS}.{kind}") for kind in ("csv", "parquet")}
    facts |= {"hashes": hashes}
    Certificate.parsed(facts, CERTIFICATE)
    (folder / CERTIFICATE).write_text(json.dumps(facts, ensure_ascii=False, indent=1), encoding="utf-8")
    return facts


def write_frame(frame: pl.DataFrame, path: Path) -> None:
    """Write records by the file extension: Parquet with lists, or CSV with `;` between several values."""
    if path.suffix == ".parquet":
        frame.write_parquet(path, compression="zstd", statistics=False)
        return
    lists = [name for name, kind in frame.schema.items() if isinstance(kind, pl.List)]
    guard_formulas(frame.with_columns(pl.col(lists).list.join(SEPARATOR))).write_csv(path)


def decode_records(records: CodedRecords, public: Schema) -> pl.DataFrame:
    """Return records as text: null is not reported; a multi-valued column holds lists in the public order."""
    row = np.repeat(np.arange(records.people), np.diff(records.start))
    first = 0
    columns: list[pl.Series] = []
    for column in public:
        size = len(column.values)
        own = np.flatnonzero((records.values >= first) & (records.values < first + size))
        own = own[np.lexsort((records.values[own], row[own]))]  # by row, then in the public order
        values, rows = records.values[own] - first, row[own]
        first += size
        names = pl.Series(column.values, dtype=pl.String)
        if column.multi:
            table = pl.DataFrame({"row": rows, "value": names.gather(values)})
            lists = table.group_by("row", maintain_order=True).agg("value")
            all_rows = pl.DataFrame({"row": np.arange(records.people)}).join(lists, on="row", how="left")
            columns.append(all_rows["value"].alias(column.name))
        else:
            index = np.full(records.people, size, dtype=np.int64)
            index[rows] = values
            columns.append(pl.Series([*column.values, None], dtype=pl.String).gather(index).alias(column.name))
    return pl.DataFrame(columns)
