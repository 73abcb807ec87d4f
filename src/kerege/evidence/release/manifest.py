"""The manifest of a release: what it says of tables and records, what the ledger and the public are told of it."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import kerege
from kerege.evidence.counting.frequency_table import Table, to_csv
from kerege.evidence.data.snapshot import Snapshot
from kerege.evidence.dp.zcdp import DELTA, rho_to_epsilon
from kerege.evidence.release.spec import ReleaseSpec, TableSpec

FORMAT = "kerege-release/1"


def manifest_of(spec: ReleaseSpec, tables: list[Table], sources: list[Snapshot], created: str) -> dict[str, Any]:
    """The manifest-to-be of counted and protected tables; attack and approvals are still open."""
    told = {"embargo": spec.embargo, "prose": spec.prose, "revision_of": spec.revision_of,
            "revision_note": spec.revision_note}  # fmt: skip
    return {
        "format": FORMAT, "title": spec.title, "period": spec.period, "created": created,
        "invented": any(each.invented for each in sources), "code_version": kerege.__version__,
        "snapshots": [_named(each) for each in sources],
        "policy": {"threshold": spec.threshold, "sensitive": sorted({name for each in spec.tables for name in
                   each.sensitive})},
        "privacy": privacy(spec.rho), "attack": None, "approvals": [],
        "tables": [_entry(table, each) for table, each in zip(tables, spec.tables, strict=True)],
    } | {name: value for name, value in told.items() if value}  # fmt: skip


def _named(source: Snapshot) -> dict[str, str]:
    """What the public is told of a snapshot: what it is called, if a ledger named it, and never its hash."""
    called = {"fingerprint": source.fingerprint} if source.fingerprint else {}
    return {"unit": source.unit, "as_of": source.as_of} | called


def privacy(rho: float, unlisted: float = 0.0) -> dict[str, float]:
    """The privacy loss of noised tables and records (zCDP), and what it is as epsilon at delta; all else is outside.

    `unlisted` is what went to values that nobody listed, and adds to delta.
    """
    if not rho:
        return {"rho": 0, "delta": 0}
    return {"rho": rho, "delta": DELTA + unlisted, "epsilon": rho_to_epsilon(rho, DELTA)}


def files_of(manifest: dict[str, Any]) -> dict[str, str]:
    """The hash of every file that a manifest names: tables, then what belongs to synthetic records and estimates."""
    parts = [*manifest.get("microdata", []), *manifest.get("estimates", [])]
    named = [*manifest["tables"], *(file for each in parts for file in each["files"])]
    return {str(each["file"]): str(each["sha256"]) for each in named}


def _entry(table: Table, wanted: TableSpec) -> dict[str, Any]:
    return {
        "name": table.name, "file": f"tables/{table.name}.csv", "of": table.of, "by": list(table.by),
        "where": table.where, "method": wanted.method, "params": table.params, "sha256": sha(to_csv(table).encode()),
        "title": wanted.title, "cells": table.tally(), "notes": table.notes, "multi": sorted(table.multi),
    }  # fmt: skip


def account(manifest: dict[str, Any], hashes: dict[str, str]) -> dict[str, Any]:
    """What the ledger keeps of a release, with the hashes of the snapshots by unit, which nobody outside is told.

    Noise was charged when it was drawn.
    """
    named = {part: [entry["name"] for entry in manifest.get(part, [])] for part in ("microdata", "estimates")}
    known = [each | {"sha256": hashes[each["unit"]]} for each in manifest["snapshots"]]
    return {
        "kind": "release", "at": manifest["created"], "period": manifest["period"],
        "snapshots": known, "manifest": sha(as_bytes(manifest)),
        "tables": [entry["name"] for entry in manifest["tables"]],
        "methods": sorted({entry["method"] for entry in manifest["tables"]}), "rho": 0, "delta": 0,
    } | {part: names for part, names in named.items() if names}  # fmt: skip


def summary(report: dict[str, Any]) -> dict[str, Any]:
    """What the public is told of the attack: how far it reached, and how much cannot be called back."""
    return {name: report[name] for name in ("safe", "threshold", "already_public", "examined")}


def as_bytes(manifest: dict[str, Any]) -> bytes:
    """What is written and signed: the same manifest has the same bytes."""
    return (json.dumps(manifest, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()


def sha(content: bytes) -> str:
    """SHA-256 as manifests write it."""
    return hashlib.sha256(content).hexdigest()
