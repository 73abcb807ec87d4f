"""The demo's annual release: built once from snapshots, approved by another person than the one who prepared it."""

from __future__ import annotations

import hashlib
from importlib import resources
from pathlib import Path
from uuid import UUID

from django.utils import timezone

from kerege.core.accounts.models import Role, RoleAssignment
from kerege.core.keys import keyring
from kerege.evidence import release as evidence_release
from kerege.evidence import snapshot, spec
from kerege.evidence.ledger import Ledger
from kerege.publishing.editions import Edition
from kerege.publishing.models import Release
from kerege.publishing.releases import folder, read
from kerege.publishing.report.document import compose
from kerege.publishing.report.voice import LANGUAGES

NAME = "annual-2025"
SPEC = Path(str(resources.files("kerege.publishing"))) / "specs" / "annual.toml"


def ensure(snapshots: list[Path], home: Path) -> Path:
    """The folder of the demo's release of 2025 below `home`; built from these snapshots when it is not there yet."""
    out = folder(home) / NAME
    if not (out / "manifest.json").is_file():
        key = keyring().current("release")[1]
        rows = [snapshot.read(path) for path in snapshots]
        evidence_release.build(rows, spec.read(SPEC), out, key=key, ledger=Ledger(home / "ledger"))
        warm(out)
    if not Release.objects.filter(directory=NAME).exists():
        _record(out)
    return out


def warm(out: Path) -> None:
    """Draw the charts of a new release, so that its first reader does not wait for them."""
    found = read(out)
    edition = Edition(int(str(found.manifest["period"])[:4]), (found,))
    for lang in LANGUAGES:
        compose(edition, lang)


def ready(home: Path) -> bool:
    """Whether the release is there and recorded, so that no snapshot need be taken."""
    return (folder(home) / NAME / "manifest.json").is_file() and Release.objects.filter(directory=NAME).exists()


def _record(out: Path) -> None:
    found = read(out)
    preparer = _somebody(Role.ANALYST)
    approver = _somebody(Role.PUBLISHER, but=preparer)
    if preparer is None or approver is None:
        return  # a register without these people: the folder alone counts as published
    now = timezone.now()
    Release.objects.create(
        title=found.title["en"],
        period=str(found.manifest["period"]),
        directory=out.name,
        manifest_sha256=hashlib.sha256((out / "manifest.json").read_bytes()).hexdigest(),
        state=Release.State.PUBLISHED,
        prepared_by_id=preparer,
        approved_by_id=approver,
        approved_at=now,
        published_at=now,
    )


def _somebody(role: Role, but: UUID | None = None) -> UUID | None:
    rows = RoleAssignment.objects.filter(role=role, user__is_active=True)
    if but is not None:
        rows = rows.exclude(user_id=but)
    return rows.order_by("user__username").values_list("user_id", flat=True).first()
