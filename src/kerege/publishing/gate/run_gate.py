"""Release gate of the evidence layer, with the signing key, the ledger and the folders of this home."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from kerege.base.errors import BadInput, Refused
from kerege.base.file_model import FileModel
from kerege.base.files import atomic_file, file_hash, home
from kerege.core.security import signing_key
from kerege.evidence.ledger.home_ledger import HomeLedger
from kerege.evidence.release import build as evidence
from kerege.evidence.release.manifest import DraftManifest
from kerege.evidence.release.microdata.build import Progress, ignore_progress
from kerege.evidence.release.release_folder import check_files
from kerege.evidence.sdc.disclosure.report import AttackReport
from kerege.evidence.sdc.perturbation.record_keys import secret_of
from kerege.publishing.storage import source_snapshots
from kerege.publishing.storage.release_files import ReleaseFiles, folder

DRAFT = "draft.json"
MANIFEST = "manifest.json"


def open_ledger() -> HomeLedger:
    """Return the ledger of everything that this home has published."""
    return HomeLedger(home())


def drafts(pk: int) -> Path:
    """Return the folder of a release's checked drafts, beside the release folders."""
    return folder() / ".drafts" / str(pk)


def staff_folder(pk: int, number: int) -> Path:
    """Return the folder of a check that only staff read: its progress and the evaluation of microdata."""
    return drafts(pk) / f"{number}.inside"


def prepare(names: Sequence[str], spec: dict[str, Any], out: Path, progress: Progress = ignore_progress) -> str:
    """Write a counted, protected and assessed draft to `out` and return its hash.

    Raises BadInput and Refused.
    """
    out.parent.mkdir(parents=True, exist_ok=True)
    evidence.prepare(
        source_snapshots.read_snapshots(names),
        spec,
        out,
        ledger=open_ledger(),
        secret=secret_of(home()),
        progress=progress,
    )
    return file_hash(out / DRAFT)


class CheckProgress(FileModel):
    """Progress of a check, written by the process that checks and read by the page."""

    percent: int = 0
    stage: str = ""


def record_progress(pk: int, number: int, share: float, stage: str) -> None:
    """Record the progress of a check, so that its page can show it. `share` is between 0 and 1."""
    directory = staff_folder(pk, number)
    directory.mkdir(parents=True, exist_ok=True)
    with atomic_file(directory / "progress.json") as temporary:
        temporary.write_text(json.dumps(CheckProgress(percent=round(100 * share), stage=stage).tree))


def read_progress(pk: int, number: int) -> CheckProgress:
    """Return the recorded progress of a check; no stage when there is none."""
    try:
        return CheckProgress.model_validate_json((staff_folder(pk, number) / "progress.json").read_bytes())
    except (OSError, ValueError):  # ValueError is also pydantic's
        return CheckProgress()


def read_draft(path: Path) -> ReleaseFiles | None:
    """Return a draft as it would be published, or None when there is none that can be read.

    A draft cannot be read when it is damaged or when another version of Kerege wrote it. It must be checked again.
    """
    try:
        content = (path / DRAFT).read_bytes()
        draft = DraftManifest.parsed(json.loads(content), str(path / DRAFT))
        check_files(path, draft, {DRAFT})
    except (OSError, ValueError, RecursionError, BadInput, Refused):
        return None
    return ReleaseFiles(path, draft, hashlib.sha256(content).hexdigest())


def publish(draft: Path, directory: str, approvals: list[dict[str, str]]) -> str:
    """Assess again, sign, enter the ledger, write the release folder; return the hash of its manifest.

    Raises Refused when the release is unsafe together with something published meanwhile.
    """
    out = folder() / directory
    evidence.publish(draft, out, key=signing_key.current()[1], approvals=approvals, ledger=open_ledger())
    return file_hash(out / MANIFEST)


def passes(report: AttackReport) -> bool:
    """Return whether the gate passes a release with this report."""
    return evidence.objection(report) is None


def safe_variant(spec: dict[str, Any], report: AttackReport) -> dict[str, Any]:
    """Return the specification changed as the gate advises."""
    return dict(evidence.safe_variant(spec, report))


def read_budget(period: str) -> dict[str, float]:
    """Return the privacy budget of a period in rho: total, spent or set aside, left.

    Raises BadInput or Refused for a ledger that takes no charge.
    """
    account = open_ledger()
    account.require_evidence()
    return {"budget": account.budget(period), "spent": account.held(period), "left": account.left(period)}


def delete_drafts(pk: int, keep: int = 0) -> None:
    """Delete the drafts and the staff folders of a release, except those of check `keep`."""
    for path in drafts(pk).glob("*"):
        if path.name.partition(".")[0] != str(keep):
            shutil.rmtree(path, ignore_errors=True)
