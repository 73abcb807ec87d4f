"""Identity documents that are being restored."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_noop

from kerege.base.errors import BadInput, Fault
from kerege.casework.assistance.models.documents import Document
from kerege.casework.assistance.services.task_reminders import (
    add_reminder,
    complete_reminder,
    delete_reminder,
    move_reminder,
)
from kerege.casework.cases.models.case import Case
from kerege.casework.cases.services.code_checks import check_codes
from kerege.casework.cases.services.lifecycle import require_open
from kerege.casework.cases.services.timeline_events import add_timeline_event
from kerege.core import audit, authorization
from kerege.core.authorization import Actor

# the days of a document in the order in which they must follow one another
STEPS = ("requested_on", "applied_on", "issued_on", "handed_over_on")


def want_document(actor: Actor, case: Case, document: Document) -> Document:
    """Record a document (unsaved row) to be restored; a due date becomes a task."""
    with audit.act(actor, "documents.change", target=f"case:{case.id}") as event:
        authorization.require(actor, "cases.change", case)
        require_open(actor, case)
        document.case = case
        _save_document(actor, document)
        event.note(document=str(document.pk))
    return document


def update_document(actor: Actor, document: Document, values: dict[str, Any]) -> Document:
    """Record a step of a document: applied for, issued, handed over or refused."""
    with audit.act(actor, "documents.change", target=f"case:{document.case_id}"):
        authorization.require(actor, "cases.change", document.case)
        for name, value in values.items():
            setattr(document, name, value)
        _save_document(actor, document)
    return document


def _save_document(actor: Actor, document: Document) -> None:
    check_codes(document)
    check_order(document)
    document.save()
    source = f"document:{document.pk}"
    if document.stage in {"handed_over", "refused"}:
        complete_reminder(actor, source)
    elif document.due_on:
        add_reminder(actor, document.case, "documents", source, document.due_on)
        move_reminder(source, document.due_on)
    else:
        delete_reminder(source)
    add_timeline_event(
        actor, document.case, timezone.localdate(), "document", document=document.kind, stage=document.stage
    )


def check_order(document: Document) -> None:
    """Raise BadInput when the days of the document's steps are out of order."""
    days: list[date] = [day for name in STEPS if (day := getattr(document, name))]
    if days != sorted(days):
        raise BadInput(
            Fault(gettext_noop("the days of this document are out of order"), gettext_noop("correct one of the days"))
        )
