"""Requests for records of invented rows, for the tests of the pipeline."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from kerege.evidence.data.snapshot import Snapshot
from kerege.evidence.dp.gaussian_noise import repeatable
from kerege.evidence.ledger.ledger import Ledger
from kerege.evidence.synthesis import Request, synthesize
from kerege.evidence.synthesis.measurement.public_schema import Column, Schema

RECORDS, TABLE, CERTIFICATE = "records.csv", "records.parquet", "records.certificate.json"


RECORDS, TABLE, CERTIFICATE = "records.csv", "records.parquet", "records.certificate.json"
AB: Schema = (Column("a", ("x", "y", "z")), Column("b", ("p", "q")))


def rows(n: int = 600, seed: int = 1) -> pl.DataFrame:
    rng = np.random.default_rng(seed)
    a, b = rng.choice(["x", "y", "z"], n, p=[0.6, 0.3, 0.1]).tolist(), rng.choice(["p", "q"], n).tolist()
    return pl.DataFrame(
        {"a": a, "b": [None if n % 7 == 0 else value for n, value in enumerate(b)]}, schema=texts("a", "b")
    )


def foreign(frame: pl.DataFrame, multi: frozenset[str] = frozenset(), path: str = "people.csv") -> Snapshot:
    digest = hashlib.sha256(frame.write_json().encode()).hexdigest()
    return Snapshot(frame, "records", "", False, digest, multi, "" if frame.is_empty() else path)


def made_of(
    frame: pl.DataFrame,
    folder: Path,
    listed: Schema = (),
    seed: int = 1,
    multi: frozenset[str] = frozenset(),
    **asked: Any,
) -> dict[str, Any]:
    """Make records with repeatable noise; return their certificate."""
    return synthesize(
        foreign(frame, multi),
        Request(**asked),
        Ledger(folder / "ledger"),
        folder / "out",
        listed=listed,
        noise=repeatable(seed),
    )


def texts(*names: str) -> dict[str, type[pl.String]]:
    return dict.fromkeys(names, pl.String)


def asked(tmp_path: Path, folder: str, request: Request, frame: pl.DataFrame | None = None) -> dict[str, Any]:
    snapshot = foreign(rows() if frame is None else frame)
    return synthesize(snapshot, request, Ledger(tmp_path / "ledger"), tmp_path / folder, listed=AB)


def content(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}
