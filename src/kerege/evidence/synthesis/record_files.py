"""Files of synthetic records: CSV, Parquet and their certificate."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import polars as pl

from kerege.base.files import file_hash
from kerege.evidence.data.record_frames import SEPARATOR
from kerege.evidence.data.text_frames import guard_formulas
from kerege.evidence.synthesis.certificate import Facts
from kerege.evidence.synthesis.request import Certificate

NOISY, RECORDS, CERTIFICATE = "noisy.npz", "records", "records.certificate.json"
COUNTS = "records.counts.csv"


def read_certificate(folder: Path) -> Facts:
    """Return the certificate in a folder."""
    facts: Facts = json.loads((folder / CERTIFICATE).read_text(encoding="utf-8"))
    return facts


def copy_records(stored: Path, folder: Path) -> Facts:
    """Copy records that the ledger stores to a folder; return their certificate."""
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(stored / CERTIFICATE, folder / CERTIFICATE)
    for name in (f"{RECORDS}.csv", f"{RECORDS}.parquet", COUNTS):
        if (stored / name).exists():  # records of earlier versions have no counts, chosen tables have no records
            shutil.copyfile(stored / name, folder / name)
    return read_certificate(folder)


def write_records(frame: pl.DataFrame, facts: Facts, folder: Path, counts: pl.DataFrame | None = None) -> Facts:
    """Write records as CSV and Parquet with noisy counts and the certificate; return the certificate."""
    folder.mkdir(parents=True, exist_ok=True)
    if counts is not None:
        write_frame(counts.cast(pl.String), folder / COUNTS)  # text, so that formulas are marked
    write_frame(frame, folder / f"{RECORDS}.csv")
    write_frame(frame, folder / f"{RECORDS}.parquet")
    return write_certificate(facts | {"rows": frame.height}, folder)


def write_counts(facts: Facts, folder: Path, counts: pl.DataFrame) -> Facts:
    """Write noisy counts without records, and their certificate; return the certificate."""
    folder.mkdir(parents=True, exist_ok=True)
    write_frame(counts.drop("records").cast(pl.String), folder / COUNTS)
    return write_certificate(facts | {"rows": 0}, folder)


def write_certificate(facts: Facts, folder: Path) -> Facts:
    """Write the certificate of the records in a folder with the hashes of their files; return it."""
    files = {"csv": f"{RECORDS}.csv", "parquet": f"{RECORDS}.parquet", "counts": COUNTS}
    hashes = facts["hashes"] | {
        kind: file_hash(folder / name) for kind, name in files.items() if (folder / name).exists()
    }
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
