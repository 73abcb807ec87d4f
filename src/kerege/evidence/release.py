"""A release: protected tables, a manifest that says how each was made, and a signature over it."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import kerege
from kerege.evidence import signing
from kerege.evidence.ledger import Ledger, digest
from kerege.evidence.snapshot import Snapshot, listed
from kerege.evidence.spec import Spec, TableSpec, parse, units
from kerege.evidence.tables import Table, tabulate, to_csv
from kerege.standard.faults import BadInput, Fault, Refused
from kerege.standard.files import atomic_dir

FORMAT = "kerege-release/1"
MANIFEST, SIGNATURE, PUBLIC_KEY = "manifest.json", "manifest.sig", "public_key.pem"


def build(
    snapshots: Sequence[Snapshot], spec: Spec | dict[str, Any], out: Path, *, key: bytes,
    prior: Sequence[Path] = (), created: str | None = None, ledger: Ledger | None = None,
) -> dict[str, Any]:  # fmt: skip
    """Write the release of `spec` to the folder `out`, whole or not at all, and return its manifest.

    `key` is the 32-byte Ed25519 seed. `created` defaults to now (UTC). With a `ledger` the release is entered there and
    the same request on the same snapshots returns what was published then. Raises BadInput and Refused.
    """
    spec = spec if isinstance(spec, Spec) else parse(spec)
    for folder in prior:
        verify(folder)
    if ledger is None:
        _must_be_free(out, None)
        return _write(snapshots, spec, out, key, created)
    with ledger.locked():
        request = digest({"release": spec.source, "snapshots": sorted(each.sha256 for each in snapshots)})
        stored = ledger.stored(request)
        _must_be_free(out, stored)
        if stored is not None:
            return _copy(stored, out)
        manifest = _write(snapshots, spec, out, key, created)
        ledger.append(request, out, _account(manifest))
    return manifest


def _must_be_free(out: Path, same: Path | None) -> None:
    """Raise Refused when another release stands at `out`: what was published is never replaced in silence."""
    there = out / MANIFEST
    if there.exists() and (same is None or there.read_bytes() != (same / MANIFEST).read_bytes()):
        raise Refused(f"{out} holds another release, name another folder or move that one away")


def _copy(stored: Path, out: Path) -> dict[str, Any]:
    with atomic_dir(out) as part:
        shutil.copytree(stored, part, dirs_exist_ok=True)
    return verify(out)


def _account(manifest: dict[str, Any]) -> dict[str, Any]:
    """What the ledger keeps of a release."""
    return {
        "kind": "release", "at": manifest["created"], "period": manifest["period"],
        "snapshots": manifest["snapshots"], "manifest": _sha(_bytes(manifest)),
        "tables": [entry["name"] for entry in manifest["tables"]],
        "methods": sorted({entry["method"] for entry in manifest["tables"]}), "rho": 0, "delta": 0,
    }  # fmt: skip


def _write(snapshots: Sequence[Snapshot], spec: Spec, out: Path, key: bytes, created: str | None) -> dict[str, Any]:
    tables = make_tables(snapshots, spec)
    used = sorted({table.of for table in tables})
    sources = [each for each in snapshots if each.unit in used]
    manifest = _manifest(spec, tables, sources, created or _now())
    with atomic_dir(Path(out)) as part:
        (part / "tables").mkdir()
        for table, entry in zip(tables, manifest["tables"], strict=True):
            (part / entry["file"]).write_bytes(to_csv(table).encode())
        content = _bytes(manifest)
        (part / MANIFEST).write_bytes(content)
        (part / SIGNATURE).write_text(signing.sign(content, key) + "\n")
        (part / PUBLIC_KEY).write_bytes(signing.public_pem(key))
    return manifest


def make_tables(snapshots: Sequence[Snapshot], spec: Spec) -> list[Table]:
    """Count and protect all tables, each by itself and then all together; raises BadInput with every fault found."""
    # the solvers take a second to load, and whoever only reads a release needs none
    from kerege.evidence.protect import protect
    from kerege.evidence.protect.linked import protect_together

    by_unit, counted, faults = units(snapshots), [], []
    for each in spec.tables:
        try:
            counted.append(_count(each, by_unit))
        except BadInput as bad:
            faults += [Fault(f"table {each.name}: {fault.what}", fault.todo, fault.file, fault.row, fault.column)
                       for fault in bad.faults]  # fmt: skip
    if faults:
        raise BadInput(faults)
    safe = [protect(table, each.method, each.threshold) for table, each in zip(counted, spec.tables, strict=True)]
    return protect_together(safe, max(each.threshold for each in spec.tables), snapshots)


def _count(wanted: TableSpec, by_unit: dict[str, Snapshot]) -> Table:
    if wanted.of not in by_unit:
        todo = f"give its snapshot too; there are: {listed(sorted(by_unit)) or 'none'}"
        raise BadInput(Fault(f"no snapshot of {wanted.of}", todo))
    return tabulate(by_unit[wanted.of], wanted.by, wanted.where, name=wanted.name)


def _manifest(spec: Spec, tables: list[Table], sources: list[Snapshot], created: str) -> dict[str, Any]:
    return {
        "format": FORMAT, "title": spec.title, "period": spec.period, "created": created,
        "invented": any(each.invented for each in sources), "code_version": kerege.__version__,
        "snapshots": [{"unit": each.unit, "sha256": each.sha256, "as_of": each.as_of} for each in sources],
        "policy": {"threshold": spec.threshold}, "privacy": {"rho": 0, "delta": 0}, "attack": None, "approvals": [],
        "tables": [_entry(table, each) for table, each in zip(tables, spec.tables, strict=True)],
    }  # fmt: skip


def _entry(table: Table, wanted: TableSpec) -> dict[str, Any]:
    return {
        "name": table.name, "file": f"tables/{table.name}.csv", "of": table.of, "by": list(table.by),
        "where": table.where, "method": wanted.method, "params": table.params, "sha256": _sha(to_csv(table).encode()),
        "title": wanted.title, "cells": table.tally(), "notes": table.notes, "multi": sorted(table.multi),
    }  # fmt: skip


def _bytes(manifest: dict[str, Any]) -> bytes:
    return (json.dumps(manifest, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()


def _sha(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def verify(folder: Path, *, public_key: bytes | None = None) -> dict[str, Any]:
    """The manifest of a release whose signature and hashes hold.

    `public_key` (PEM) is the publisher's key as known from elsewhere; without it the key in the folder is taken, which
    shows damage but not forgery. Raises BadInput when there is no release and Refused when it was changed.
    """
    folder = Path(folder)
    content, signature, own = (_part(folder, name) for name in (MANIFEST, SIGNATURE, PUBLIC_KEY))
    if public_key is not None and public_key.strip() != own.strip():
        raise Refused(f"{folder.name}: signed with another key than the one given")
    signing.check(content, signature.decode("ascii", "replace"), own)
    manifest = json.loads(content)
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
        raise Refused(f"{folder.name}: the manifest is not of the format {FORMAT}")
    _check_files(folder, manifest)
    return manifest


def _part(folder: Path, name: str) -> bytes:
    try:
        return (folder / name).read_bytes()
    except OSError:
        raise BadInput(Fault(f"holds no {name}", "give the folder of a release", file=str(folder))) from None


def _check_files(folder: Path, manifest: dict[str, Any]) -> None:
    listed_files = {entry["file"]: entry["sha256"] for entry in manifest["tables"]}
    for name, expected in listed_files.items():
        path = folder / name
        if not path.is_file() or _sha(path.read_bytes()) != expected:
            raise Refused(f"{folder.name}: {name} is missing or differs from what was signed")
    extra = {f"tables/{path.name}" for path in (folder / "tables").iterdir()} - set(listed_files)
    if extra:
        raise Refused(f"{folder.name}: {min(extra)} is not in the manifest")
