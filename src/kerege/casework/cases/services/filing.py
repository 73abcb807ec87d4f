"""Files of a case: added after they were cleaned, opened with a trace, removed for good."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.utils import timezone
from django.utils.translation import gettext_noop

from kerege.casework.cases.models import Case, CaseFile
from kerege.casework.cases.services.checking import check_codes
from kerege.casework.cases.services.holding import require_free
from kerege.casework.cases.services.telling import tell
from kerege.casework.vault import stored
from kerege.casework.vault.services import open_text, save_text
from kerege.core import access, audit
from kerege.core.access import Actor
from kerege.core.uploads import MEDIA, Cleaned
from kerege.standard.faults import BadInput, Fault

NAME, NOTE = 200, 2000


@dataclass(frozen=True)
class FileDraft:
    """A cleaned file and what is told about it."""

    content: Cleaned
    kind: str
    dated_on: date | None = None
    name: str = ""
    note: str = ""


@dataclass(frozen=True)
class Opened:
    """A file as it leaves: its bytes, media type, and a name that tells nothing."""

    data: bytes
    media: str
    name: str


def add_file(actor: Actor, case: Case, draft: FileDraft) -> CaseFile:
    """Encrypt and store a file on a case."""
    with audit.act(actor, "files.add", target=f"case:{case.id}") as event:
        access.require(actor, "files.add", case)
        key = case.record.data_key
        about = save_text(key, {"name": draft.name[:NAME], "note": draft.note[:NOTE]})
        row = CaseFile(
            case=case, kind=draft.kind, dated_on=draft.dated_on, about=about,
            agency_id=actor.agency_id or case.agency_id, created_at=timezone.now(), created_by=actor.label,
        )  # fmt: skip
        check_codes(row)
        row.stored = stored.keep(key, draft.content.data, draft.content.kind)
        row.save(force_insert=True)
        tell(actor, case, timezone.localdate(), "file", document=row.kind)
        event.note(file=str(row.id), identities=[str(case.record_id)])
    return row


def open_file(actor: Actor, row: CaseFile) -> Opened:
    """The bytes of a file, for somebody who may see it; part of an audited act or page."""
    access.require(actor, "files.view", row)
    audit.note(file=str(row.id), identities=[str(row.case.record_id)])
    kind = row.stored.kind
    return Opened(stored.read(row.stored), MEDIA[kind], f"file-{str(row.id)[:8]}.{kind}")


def told_of(row: CaseFile) -> dict[str, str]:
    """Name and note of a file, unsealed."""
    return open_text(row.about) or {}


def remove_file(actor: Actor, row: CaseFile, reason: str) -> CaseFile:
    """Destroy a file: its key, its bytes, its name. The row stays as the receipt."""
    with audit.act(actor, "files.remove", target=f"case:{row.case_id}") as event:
        access.require(actor, "files.remove", row)
        now = CaseFile.objects.select_for_update().get(pk=row.pk)
        if now.removed_at is not None:
            raise BadInput(Fault(gettext_noop("this file was removed already"), gettext_noop("reload the page")))
        require_free(row.case)
        shred_files(actor, [row], reason)
        tell(actor, row.case, timezone.localdate(), "file_removed", document=row.kind)
        event.note(file=str(row.id), identities=[str(row.case.record_id)])
    return row


def shred_files(actor: Actor, rows: list[CaseFile], reason: str = "") -> int:
    """Destroy files and what was told of them; part of an act that was allowed already."""
    for row in rows:
        about, row.about = row.about, None
        row.removed_at, row.removed_by, row.removal_reason = timezone.now(), actor.label, reason
        check_codes(row)
        row.save(update_fields=["about", "removed_at", "removed_by", "removal_reason"])
        if about is not None:
            about.delete()
    return stored.destroy([row.stored for row in rows])
