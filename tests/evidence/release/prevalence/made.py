"""A snapshot of invented people on four lists with a known total, and a release with its estimate."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from kerege.evidence.data.snapshot import Snapshot, read, write
from kerege.evidence.ledger.ledger import Ledger
from kerege.evidence.mse.detections import snapshot_lists
from kerege.evidence.mse.lists import Lists
from kerege.evidence.release import build as gate
from kerege.evidence.release.manifest import Manifest

KEY = b"k" * 32
CHANCES = {"crisis_centre": 0.3, "ngo": 0.2, "internal_affairs": 0.2, "hotline": 0.15}
VICTIMS = 1500
DETECTED = {"name": "detected", "of": "victims", "by": [], "where": {"year": "2025"}}
ESTIMATE = {
    "name": "undetected",
    "of": "victims",
    "period": "2025",
    "bootstrap": 200,
    "seed": 7,
    "linkage_reviewed": True,
}


def histories(victims: int = VICTIMS) -> list[list[str]]:
    """Return the lists of each victim; [] for an undetected one."""
    met = np.random.default_rng(11).random((victims, len(CHANCES))) < list(CHANCES.values())
    return [[kind for kind, there in zip(CHANCES, row, strict=True) if there] for row in met]


def snapshot(
    folder: Path, *, invented: bool = True, victims: int = VICTIMS, unlisted: int = 3, embassy: int = 0
) -> Snapshot:
    """Write a snapshot of the detected and of a few referred people, some of them detected by an embassy."""
    rows = [
        {"year": "2025", "detected_by": met, "agency_kind": "ngo", "sex": "female"} for met in histories(victims) if met
    ]
    rows += [{"year": "2025", "detected_by": [], "agency_kind": "ngo", "sex": "male"}] * unlisted
    rows += [{"year": "2025", "detected_by": ["embassy"], "agency_kind": "ngo", "sex": "male"}] * embassy
    path = folder / "victims.parquet"
    write(path, "victims", rows, as_of="2025-12-31", invented=invented, key=KEY)
    return read(path)


def lists(folder: Path) -> Lists:
    return snapshot_lists(snapshot(folder), "2025").lists


def spec(*estimates: dict[str, Any], tables: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    return {"title": "T", "period": "2025", "table": tables or [DETECTED], "estimate": list(estimates or [ESTIMATE])}


def build(source: Snapshot, request: dict[str, Any], out: Path, ledger: Path) -> Manifest:
    created = "2026-01-01T00:00:00Z"
    return gate.build([source], request, out, key=KEY, created=created, ledger=Ledger(ledger))
