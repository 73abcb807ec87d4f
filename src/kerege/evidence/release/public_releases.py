"""Releases that are public already: the given folders, and the releases of the ledger."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from kerege.base.errors import BadInput, Fault
from kerege.evidence.data.snapshot import Snapshot
from kerege.evidence.ledger.ledger import Ledger
from kerege.evidence.release import MANIFEST, SIGNATURE
from kerege.evidence.release.manifest import FORMAT, hash_content
from kerege.evidence.release.release_folder import verify
from kerege.evidence.release.stated_release import StatedRelease

if TYPE_CHECKING:
    from kerege.evidence.sdc.published_tables.publication import Publication


def find_public_folders(prior: Sequence[Path], ledger: Ledger | None) -> list[Path]:
    """Return all public folders: the given ones and the releases of the ledger.

    Raise Refused if a given release does not verify.
    """
    for folder in prior:
        if _is_release(Path(folder)):
            verify(folder)
    ledger_folders = [] if ledger is None else _ledger_releases(ledger)
    hashes = {release_hash(folder) for folder in prior}
    return [*map(Path, prior), *[folder for folder in ledger_folders if release_hash(folder) not in hashes]]


def _is_release(folder: Path) -> bool:
    """Return whether a folder claims to be a release.

    A manifest of another format may only describe whom a third party's tables count.
    """
    stated = StatedRelease.read(folder)
    has_format = stated is not None and stated.format.startswith(FORMAT.partition("/")[0])
    return has_format or (folder / SIGNATURE).exists()


def check_columns(prior: Iterable[Publication], snapshots: Sequence[Snapshot]) -> None:
    """Raise BadInput if an earlier release of the same unit uses columns that the snapshot does not have."""
    columns = {item.unit: item.columns for item in snapshots}
    for sheet in (sheet for item in prior for sheet in item.sheets if sheet.stated and sheet.of in columns):
        if unknown := sorted({*sheet.by, *sheet.where} - set(columns[sheet.of])):
            what = (
                f"its table {sheet.name} uses the column {unknown[0]}, which the snapshot of {sheet.of} does not have"
            )
            raise BadInput(Fault(what, "give earlier releases of the same data", file=sheet.release))


def _ledger_releases(ledger: Ledger) -> list[Path]:
    """Return the release folders of a ledger, oldest first."""
    requests = [entry.request for entry in ledger.entries() if entry.kind == "release"]
    folders = [ledger.stored(request) for request in dict.fromkeys(requests)]
    return [folder for folder in folders if folder is not None]


def release_hash(folder: Path) -> str:
    """Return the hash of the manifest of a folder, or its path when there is none."""
    path = Path(folder) / MANIFEST
    return hash_content(path.read_bytes()) if path.is_file() else str(folder)
