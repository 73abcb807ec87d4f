"""Transfer requests for a person whom another agency helps; the asking agency learns only the outcome."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from typing import Any
from uuid import UUID

from django.db.models import BooleanField, ExpressionWrapper, Q
from django.utils import timezone
from django.utils.translation import gettext_noop

from kerege.base.errors import BadInput, Fault
from kerege.casework.assistance.models.handovers import Handover, TransferRequest
from kerege.casework.cases import identity_mapping
from kerege.casework.cases.models.case import Case, Task
from kerege.casework.cases.services.code_checks import check_codes
from kerege.casework.cases.services.timeline_events import add_timeline_event
from kerege.casework.vault.identity import normal_number
from kerege.casework.vault.models.identities import IndexEntry
from kerege.casework.vault.queries import identities as vault
from kerege.casework.vault.queries.candidate_search import open_many
from kerege.core import audit, authorization
from kerege.core.accounts.models import Agency
from kerege.core.authorization import Actor, session_scope
from kerege.vocabulary.profile import active

# the most matches by name for which the birth year is compared
MAX_COMPARED = 25
# no record has this id: with it in a list, the database is asked also when the list has no other id
NO_RECORD = UUID(int=0)


def request_transfer(
    actor: Actor, agency: Agency, key: str, text: str, birth_year: str = "", urgency: str = "normal"
) -> TransferRequest:
    """Send a request to the coordinator. Nothing typed is stored, and the actor never sees a match."""
    with audit.act(actor, "transfers.request") as event:
        authorization.require(actor, "transfers.request", agency)
        with session_scope.bypass_row_security("the search compares records of all agencies; no user sees the result"):
            case = find_requested_case(agency, key, text, birth_year)
        row = TransferRequest(
            agency=agency,
            case=case,
            key=key,
            urgency=urgency,
            due_on=active().due("transfer_request", timezone.localdate()),
            sent_at=timezone.now(),
            sent_by=actor.label,
        )
        check_codes(row)
        row.save()
        event.target = f"transferrequest:{row.pk}"
    return row


def find_requested_case(agency: Agency, key: str, text: str, birth_year: str) -> Case | None:
    """Return the case of another agency that matches exactly, else None; open cases come first.

    Whether a person matches changes neither the statements nor their number: the agency that asks learns nothing.
    """
    is_closed = ExpressionWrapper(Q(status="closed"), BooleanField())
    elsewhere = Case.objects.exclude(agency=agency).order_by(is_closed, "closed_on", "-registered_on", "-reference")
    if key == "reference":
        return elsewhere.filter(reference=text.strip().upper()).first()
    records = find_by_document(text) if key == "document" else find_by_name_and_year(text, birth_year)
    return elsewhere.filter(record__in=vault.with_merged([*records, NO_RECORD])).first()


def find_by_document(text: str) -> Sequence[UUID]:
    """Return the ids of records with exactly this document number."""
    number = normal_number(text)
    tokens = vault.tokens(f"d:{number}") if number else []
    return list(IndexEntry.objects.filter(token__in=tokens).values_list("record", flat=True))


def find_by_name_and_year(text: str, birth_year: str) -> Sequence[UUID]:
    """Return the ids of records with every word of the name and this birth year; never erased ones."""
    ranked = list(islice(vault.by_name(text), MAX_COMPARED))
    opened = open_many([*ranked, NO_RECORD])
    return [
        pk
        for pk in ranked
        if birth_year and pk in opened and identity_mapping.birth_year(opened[pk].identity) == birth_year
    ]


def pass_on(actor: Actor, row: TransferRequest) -> TransferRequest:
    """Pass a request on to the agency that helps the person; it gets a task."""
    with audit.act(actor, "transfers.pass_on", target=f"transferrequest:{row.pk}"):
        authorization.require(actor, "transfers.pass_on", row)
        with session_scope.bypass_row_security(
            "the coordinator asks the agency that helps and sees nothing of the case"
        ):
            return send_to_owner(actor, row)


def send_to_owner(actor: Actor, row: TransferRequest) -> TransferRequest:
    """Mark the request as passed on and create the owner's task, within the caller's transaction."""
    row = lock_request(row, "sent")
    if row.case is None:
        raise BadInput(
            Fault(gettext_noop("no person matches this request"), gettext_noop("end it, or ask the sender again"))
        )
    row.status, row.passed_on_at = "passed_on", timezone.now()
    row.save()
    case = row.case
    task_owner = {"agency": case.agency, "assignee_id": case.caseworker_id}
    Task.objects.create(case=case, kind="ask_handover", due_on=row.due_on, created_at=timezone.now(), **task_owner)
    add_timeline_event(actor, case, timezone.localdate(), "transfer_asked", to=str(row.agency_id))
    return row


def end_request(actor: Actor, row: TransferRequest, reason: str, action: str) -> TransferRequest:
    """End a request without a transfer. The asking agency sees the same words for every reason."""
    with audit.act(actor, "transfers.end", target=f"transferrequest:{row.pk}") as event:
        authorization.require(actor, action, row)
        row = lock_request(row, "sent", "passed_on")
        if not reason:
            raise BadInput(
                Fault(gettext_noop("give the reason why no transfer follows"), gettext_noop("choose a reason"))
            )
        row.status, row.end_reason, row.ended_at = "ended", reason, timezone.now()
        check_codes(row)
        row.save()
        event.note(reason=reason)
    return row


def lock_request(row: TransferRequest, *statuses: str) -> TransferRequest:
    """Lock and return the request. Raises BadInput unless it has one of these statuses."""
    stored = TransferRequest.objects.select_for_update(of=("self",)).select_related("case__agency").get(pk=row.pk)
    if stored.status not in statuses:
        raise BadInput(Fault(gettext_noop("this request has been answered already"), gettext_noop("reload the page")))
    return stored


def mark_requests_offered(handovers: Sequence[Handover]) -> None:
    """Mark the requests that these handovers answer as offered."""
    for row in handovers:
        waiting = TransferRequest.objects.filter(
            case=row.case_id, agency=row.to_agency_id, status__in=["sent", "passed_on"]
        )
        waiting.update(status="offered", handover=row)


def end_offered_requests(handovers: Sequence[Handover], reason: str = "other") -> None:
    """End the requests whose handovers were declined or withdrawn."""
    ended: dict[str, Any] = {"status": "ended", "end_reason": reason, "ended_at": timezone.now()}
    TransferRequest.objects.filter(handover__in=handovers, status="offered").update(**ended)
