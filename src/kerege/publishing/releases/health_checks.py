"""Health checks of the ledger and of the release folders."""

from __future__ import annotations

from kerege.base.files import file_hash, home
from kerege.base.registry import Entry
from kerege.core.health import Check, health_checks
from kerege.evidence.ledger.home_ledger import HomeLedger
from kerege.publishing.releases import ledger_entries
from kerege.publishing.releases.models import Release
from kerege.publishing.storage.release_files import folder


def ledger() -> Check:
    """Check that the ledger is the one that the daily roots, the manifests and the database name."""
    if faults := ledger_entries.list_faults():
        rest = f" (and {len(faults) - 1} more: kerege ledger verify)" if len(faults) > 1 else ""
        return Check("ledger", "fail", f"nothing can be charged: {faults[0]}{rest}")
    ledger_ = HomeLedger(home())
    count = len(ledger_.entries())
    if warnings := ledger_.warnings():
        return Check("ledger", "warn", "; ".join(warnings))
    return Check("ledger", "ok", f"{count} entries, as the daily roots and the releases name them")


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
    return file_hash(path) if path.is_file() else ""


health_checks.add(Entry("ledger", ledger, order=36), Entry("releases", release_folders, order=37))
