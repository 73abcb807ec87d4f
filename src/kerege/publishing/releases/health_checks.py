"""Health checks of the ledger and of the release folders."""

from __future__ import annotations

import hashlib

from kerege.base.errors import BadInput, Refused
from kerege.base.files import home
from kerege.base.registry import Entry
from kerege.core.health import Check, health_checks
from kerege.evidence.ledger.home_ledger import HomeLedger
from kerege.publishing.releases.models import Release
from kerege.publishing.storage.release_files import folder

RESTORE = "restore it from the newest backup, and publish nothing before that"


def ledger() -> Check:
    """Check that the ledger is the one that the daily roots, the manifests and the database name."""
    account = HomeLedger(home())
    try:
        faults, entries = account.faults(), account.entries()
    except (BadInput, Refused) as error:
        return Check("ledger", "fail", str(error))
    hashes = {entry.hash for entry in entries}
    signed = Release.objects.exclude(ledger_entry="").order_by("pk").values_list("directory", "ledger_entry")
    faults += [
        f"the entry of the release {directory} is not in {account.path}: {RESTORE}"
        for directory, entry in signed
        if entry not in hashes
    ]
    if faults:
        rest = f" (and {len(faults) - 1} more: kerege ledger verify)" if len(faults) > 1 else ""
        return Check("ledger", "fail", f"nothing can be charged: {faults[0]}{rest}")
    return Check("ledger", "ok", f"{len(entries)} entries, as the daily roots and the releases name them")


def release_folders() -> Check:
    """Check that the folder of each signed release is there, with the manifest that was signed."""
    name = "releases"
    signed = Release.objects.exclude(manifest_sha256="").order_by("pk").values_list("directory", "manifest_sha256")
    lost = [directory for directory, manifest in signed if _manifest_hash(directory) != manifest]
    if lost:
        return Check(name, "fail", f"missing or changed in {folder()}: {', '.join(lost)}; restore them from the backup")
    return Check(name, "ok", f"{len(signed)} signed, all in {folder()}")


def _manifest_hash(directory: str) -> str:
    path = folder() / directory / "manifest.json"
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""


health_checks.add(Entry("ledger", ledger, order=36), Entry("releases", release_folders, order=37))
