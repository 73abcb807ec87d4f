"""Notes on a case, and its assignment to a caseworker."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_noop

from kerege.base.errors import BadInput, Fault
from kerege.casework.cases.models.case import Case, Note
from kerege.casework.cases.services.timeline_events import add_timeline_event
from kerege.casework.vault.services.identities import save_text
from kerege.core import audit, authorization
from kerege.core.accounts.models import User
from kerege.core.authorization import Actor


def add_note(actor: Actor, case: Case, text: str) -> Note:
    """Encrypt and store a note on a case."""
    with audit.act(actor, "cases.add_note", target=f"case:{case.id}"):
        authorization.require(actor, "cases.change", case)
        sealed = save_text(case.record.data_key, text)
        author = {"agency_id": actor.agency_id or case.agency_id, "created_by": actor.label}
        note = Note.objects.create(case=case, text=sealed, created_at=timezone.now(), **author)
        add_timeline_event(actor, case, timezone.localdate(), "note")
    return note


def check_colleague(user: User | None, agency_id: Any) -> None:
    """Raise BadInput unless the user works at the agency; accept None."""
    if user and not user.assignments.filter(agency=agency_id).exists():
        raise BadInput(
            Fault(
                gettext_noop("this person does not work at the agency that owns the case"),
                gettext_noop("choose a colleague"),
            )
        )


def assign(actor: Actor, case: Case, user: User | None) -> Case:
    """Assign a case to a caseworker of the owning agency, or to nobody (None)."""
    with audit.act(actor, "cases.assign", target=f"case:{case.id}") as event:
        authorization.require(actor, "cases.change", case)
        check_colleague(user, case.agency_id)
        case.caseworker = user
        case.version += 1
        case.save(update_fields=["caseworker", "version"])
        add_timeline_event(
            actor, case, timezone.localdate(), "assigned", worker=f"user:{user.username}" if user else ""
        )
        event.note(user=str(user.id) if user else None)
    return case
