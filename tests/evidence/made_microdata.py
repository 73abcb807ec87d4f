"""A stand-in for the engine of synthetic records, so that what is around it is tested in a moment."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from kerege.base.errors import BadInput, Fault
from kerege.evidence.data.snapshot import Snapshot
from kerege.evidence.dp.zcdp import epsilon_to_rho
from kerege.evidence.ledger.entry import EntryContents, digest, now
from kerege.evidence.ledger.ledger import Ledger
from kerege.evidence.synthesis import pipeline
from kerege.evidence.synthesis import request as requests

RECORDS = "records.csv"
FILES = (RECORDS, "records.parquet", "records.counts.csv", "records.certificate.json")
UNLISTED = 5e-10  # of delta, that went to values that nobody listed


@dataclass(frozen=True)
class Request:
    """As the engine's."""

    columns: tuple[str, ...] = ()
    epsilon: float = 4.0
    delta: float | None = None
    preset: str = "balanced"
    seed: int = 0
    period: str = ""
    auto: bool = False


def compute_loss(request: Request, rows: int = 0) -> float:
    return epsilon_to_rho(request.epsilon, request.delta or 1e-9)


def expected_error(columns: int, epsilon: float, delta: float, share: float = 1.0) -> list[dict[str, float]]:
    return [{"length": n, "error": n * columns / epsilon, "supported": 5 * n * columns / epsilon} for n in (1, 2, 3)]


def request_of(snapshot: Snapshot, request: Request) -> str:
    if strange := [name for name in request.columns if name not in snapshot.columns]:
        raise BadInput(Fault("there is no such column", "choose another", column=strange[0]))
    return digest({"microdata": asdict(request), "snapshots": [snapshot.sha256]})


def synthesize(
    snapshot: Snapshot, request: Request, ledger: Ledger, folder: Path, progress: Callable[[float, str], None]
) -> dict[str, Any]:
    """Half as many rows as there are, each value in alphabetical order."""
    key, rho = request_of(snapshot, request), compute_loss(request)
    with ledger.locked():
        stored = ledger.stored(key)
        if stored is None:
            ledger.check(request.period, rho)
        for name in FILES if stored else ():
            (folder / name).write_bytes((stored / name).read_bytes())
        if stored is None:
            _write(snapshot, request, rho, folder)
            charge = EntryContents(kind="microdata", at=now(), period=request.period, rho=rho, delta=0)
            ledger.append(key, folder, charge)
    progress(1.0, "written")
    return dict(json.loads((folder / "records.certificate.json").read_text()))


def _write(snapshot: Snapshot, request: Request, rho: float, folder: Path) -> None:
    names = list(request.columns) or snapshot.columns
    half = snapshot.frame.select(names).head(snapshot.frame.height // 2)
    text = [pl.col(name).list.join(";") if name in snapshot.multi else pl.col(name) for name in names]
    frame = half.select(text).select(pl.col(name).sort() for name in names)
    frame.write_csv(folder / RECORDS)
    frame.write_parquet(folder / "records.parquet")
    first = frame.select(value_1=pl.col(names[0])).drop_nulls().group_by("value_1").len("count").sort("value_1")
    counts = first.select(column_1=pl.lit(names[0]), value_1="value_1", count="count", estimate="count")
    counts.write_csv(folder / "records.counts.csv")
    claim = {
        "epsilon": request.epsilon,
        "delta": request.delta or 1e-9,
        "rho": rho,
        "unit": "one record",
        "delta_for_unlisted_values": UNLISTED,
    }
    certificate = {
        "guarantee": claim,
        "worth": True,
        "advice": "",
        "rows": frame.height,
        "expected": expected_error(len(names), request.epsilon, 1e-9),
    }
    (folder / "records.certificate.json").write_text(json.dumps(certificate))


def install(monkeypatch: pytest.MonkeyPatch) -> None:
    """Put the stand-in in the engine's place."""
    monkeypatch.setattr(requests, "Request", Request)
    for replacement in (compute_loss, expected_error, request_of, synthesize):
        monkeypatch.setattr(pipeline, replacement.__name__, replacement)
