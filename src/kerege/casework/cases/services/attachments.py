"""Attachments of a case: add a cleaned file, open it, remove it, restore it, destroy it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from django.utils import timezone
from django.utils.translation import gettext_noop

from kerege.base.errors import BadInput, Fault
from kerege.casework.cases.models.case import Case
from kerege.casework.cases.models.records import CaseFile
from kerege.casework.cases.services.code_checks import check_codes
from kerege.casework.cases.services.legal_holds import held, require_no_hold
from kerege.casework.cases.services.timeline_events import add_timeline_event
from kerege.casework.vault.crypto.envelope import Erased
from kerege.casework.vault.services import files
from kerege.casework.vault.services.identities import open_text, save_text
from kerege.core import audit, authorization
from kerege.core.authorization import Actor
from kerege.core.uploads import MEDIA, Cleaned
from kerege.vocabulary.profile import active

NAME_LENGTH, NOTE_LENGTH = 200, 2000
REMOVAL_FIELDS = ["removed_at", "removed_by", "removal_reason", "kept_until"]


@dataclass(frozen=True)
class FileDraft:
    """A cleaned file with its kind, date, name and note, before it is stored."""

    content: Cleaned
    kind: str
    dated_on: date | None = None
    name: str = ""
    note: str = ""


@dataclass(frozen=True)
class OpenedAttachment:
    """A decrypted file for download: bytes, media type, and a file name without personal data."""

    data: bytes
    media: str
    name: str


def add_file(actor: Actor, case: Case, draft: FileDraft) -> CaseFile:
    """Encrypt and store a file on a case."""
    with audit.act(actor, "files.add", target=f"case:{case.id}") as event:
        authorization.require(actor, "files.add", case)
        key = case.record.data_key
        about = save_text(key, {"name": draft.name[:NAME_LENGTH], "note": draft.note[:NOTE_LENGTH]})
        row = CaseFile(
            case=case,
            kind=draft.kind,
            dated_on=draft.dated_on,
            about=about,
            agency_id=actor.agency_id or case.agency_id,
            created_at=timezone.now(),
            created_by=actor.label,
        )
        check_codes(row)
        row.stored = files.keep(key, draft.content.data, draft.content.kind)
        row.save(force_insert=True)
        add_timeline_event(actor, case, timezone.localdate(), "file", document=row.kind)
        event.note(file=str(row.id), identities=[str(case.record_id)])
    return row


def open_file(actor: Actor, row: CaseFile) -> OpenedAttachment:
    """Return the decrypted file, if the actor may see it. Call it inside an audited act or page.

    Raises Erased when the file was removed.
    """
    authorization.require(actor, "files.view", row)
    if CaseFile.objects.filter(pk=row.pk).exclude(removed_at=None).exists():
        raise Erased("this file was removed")
    audit.note(file=str(row.id), identities=[str(row.case.record_id)])
    kind = row.stored.kind
    return OpenedAttachment(files.read(row.stored), MEDIA[kind], f"file-{str(row.id)[:8]}.{kind}")


def read_file_details(row: CaseFile) -> dict[str, str]:
    """Return the decrypted name and note of a file; an empty dict when they were destroyed."""
    return open_text(row.about) or {}


def remove_file(actor: Actor, row: CaseFile, reason: str) -> CaseFile:
    """Remove a file from its case for all users. Its key, bytes and name are destroyed some days later.

    A hold that the agency cannot see may delay the destruction. The removal does not show this.
    Raises BadInput when the file was already removed, or a legal hold runs on the case.
    """
    with audit.act(actor, "files.remove", target=f"case:{row.case_id}") as event:
        authorization.require(actor, "files.remove", row)
        current = CaseFile.objects.select_for_update().get(pk=row.pk)
        if current.removed_at is not None:
            raise BadInput(Fault(gettext_noop("this file was removed already"), gettext_noop("reload the page")))
        require_no_hold(row.case)
        row.removed_at, row.removed_by, row.removal_reason = timezone.now(), actor.label, reason
        row.kept_until = timezone.localdate() + timedelta(days=active().removed_files.undo_days)
        check_codes(row)
        row.save(update_fields=REMOVAL_FIELDS)
        add_timeline_event(actor, row.case, timezone.localdate(), "file_removed", document=row.kind)
        event.note(file=str(row.id), identities=[str(row.case.record_id)])
    return row


def restore_file(actor: Actor, row: CaseFile) -> CaseFile:
    """Restore a removed file. Raises BadInput when the days for it are over or the person was erased."""
    with audit.act(actor, "files.remove", target=f"case:{row.case_id}") as event:
        authorization.require(actor, "files.remove", row)
        current = CaseFile.objects.select_for_update().get(pk=row.pk)
        if not current.may_be_put_back or row.case.is_erased:
            raise BadInput(Fault(gettext_noop("this file can no longer be restored"), gettext_noop("add it again")))
        row.removed_at, row.removed_by, row.removal_reason, row.kept_until = None, "", "", None
        row.save(update_fields=REMOVAL_FIELDS)
        add_timeline_event(actor, row.case, timezone.localdate(), "file_put_back", document=row.kind)
        event.note(file=str(row.id), undone=True, identities=[str(row.case.record_id)])
    return row


def destroy_removed(actor: Actor, today: date) -> int:
    """Destroy removed files that can no longer be restored; return how many. Files under a hold stay."""
    rows = CaseFile.objects.filter(kept_until__lt=today, stored__wrapped__isnull=False).select_related(
        "stored", "about"
    )
    removed_files = list(rows)
    held_cases = held({row.case_id for row in removed_files})
    due = [row for row in removed_files if row.case_id not in held_cases]
    if not due:
        return 0
    with audit.act(actor, "files.destroy") as event:
        authorization.require(actor, "files.destroy")
        count = destroy_files(due)
        event.note(files=[str(row.pk) for row in due])
    return count


def shred_files(actor: Actor, rows: list[CaseFile], reason: str = "") -> int:
    """Remove files and destroy them at once; return how many. The caller has authorised the act."""
    for row in rows:
        row.removed_at, row.removed_by, row.removal_reason = timezone.now(), actor.label, reason
        check_codes(row)
        row.save(update_fields=REMOVAL_FIELDS)
    return destroy_files(rows)


def destroy_files(rows: list[CaseFile]) -> int:
    """Destroy the keys, bytes and names of removed files; return how many. The rows stay as receipts."""
    for row in rows:
        about, row.about = row.about, None
        row.save(update_fields=["about"])
        if about is not None:
            about.delete()
    return files.destroy([row.stored for row in rows])
