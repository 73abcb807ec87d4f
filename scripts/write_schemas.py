"""Write the JSON schemas of the evidence floor's files.

Run `python scripts/write_schemas.py`; a test compares them.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from kerege.core.backup.archive import BackupManifest
from kerege.core.backup.key_file import SealedKeys
from kerege.evidence.data.snapshot_metadata import SnapshotMetadata
from kerege.evidence.ledger.entry import LedgerEntry, LedgerHead
from kerege.evidence.release.dp_tables import StoredTable
from kerege.evidence.release.manifest import DraftManifest, Manifest
from kerege.evidence.release.prevalence.estimate_file import EstimateContents
from kerege.evidence.release.spec import ReleaseSpec
from kerege.evidence.sdc.disclosure.report import AttackReport
from kerege.evidence.synthesis.request import Certificate, Request
from kerege.vocabulary.kept_labels import KeptLabels

FOLDER = Path(__file__).parents[1] / "docs/reference/schemas"
DIALECT = "https://json-schema.org/draft/2020-12/schema"
# file name -> model and title
MODELS: dict[str, tuple[Any, str]] = {
    "release-spec": (ReleaseSpec, "SPEC.toml of kerege release"),
    "manifest": (Manifest, "manifest.json of a signed release"),
    "draft": (DraftManifest, "draft.json of a release that is not published yet"),
    "labels": (KeptLabels, "labels.json of a release"),
    "snapshot-metadata": (SnapshotMetadata, "Metadata of a snapshot, in its Parquet file"),
    "estimate": (EstimateContents, "estimates/NAME.json of a release"),
    "stored-table": (StoredTable, "table.json of a noised table in the ledger"),
    "backup-manifest": (BackupManifest, "manifest.json of a backup"),
    "backup-keys": (SealedKeys, "OUT.keys beside a backup"),
    "attack-report": (AttackReport, "Report of kerege attack --json"),
    "synthesis-request": (Request, "What is asked of kerege synthesize"),
    "certificate": (Certificate, "Certificate beside synthetic records"),
    "ledger-entry": (LedgerEntry, "A line of ledger.jsonl"),
    "ledger-head": (LedgerHead, "ledger.head: number and hash of the last entry"),
}


def schemas() -> dict[str, str]:
    """Return the text of each schema by its file name."""
    return {f"{name}.json": _text(model, title) for name, (model, title) in MODELS.items()}


def _text(model: Any, title: str) -> str:
    schema = TypeAdapter(model).json_schema(by_alias=True, mode="validation")
    return json.dumps({"$schema": DIALECT} | schema | {"title": title}, ensure_ascii=False, indent=1) + "\n"


def main() -> None:
    """Write all schemas and remove those of no model."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    texts = schemas()
    for path in FOLDER.glob("*.json"):
        if path.name not in texts:
            path.unlink()
    for name, text in texts.items():
        (FOLDER / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
