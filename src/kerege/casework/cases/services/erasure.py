"""Erasure of a person: one user requests it, another decides, the keys are destroyed, a receipt stays."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.utils import timezone
from django.utils.translation import gettext_noop

from kerege.base.errors import BadInput, Fault
from kerege.casework.cases.models.case import Case
from kerege.casework.cases.models.records import CaseFile, ErasureRequest
from kerege.casework.cases.services.attachments import destroy_files, shred_files
from kerege.casework.cases.services.code_checks import check_codes
from kerege.casework.cases.services.legal_holds import held, require_no_hold
from kerege.casework.cases.services.timeline_events import add_timeline_event
from kerege.casework.vault.crypto.source_ids import NO_SOURCE
from kerege.casework.vault.models.identities import Person
from kerege.casework.vault.queries.identities import with_merged
from kerege.casework.vault.services import erasure
from kerege.casework.vault.services.identities import surviving_record_id
from kerege.core import audit, authorization
from kerege.core.authorization import Actor, session_scope


@dataclass(frozen=True)
class Obstacles:
    """Why a person cannot be erased now: the number of their open cases and of cases under a hold."""

    running: int = 0
    held: int = 0

    def __bool__(self) -> bool:
        return bool(self.running or self.held)


def list_cases(person: Person) -> list[Case]:
    """Return every case of a person, at all agencies."""
    with session_scope.bypass_row_security("an approved erasure covers the records of all agencies"):
        return list(Case.objects.filter(record__in=erasure.records_of(person)))


def find_obstacles(person: Person) -> Obstacles:
    """Count the person's open and held cases at all agencies. The result does not name the agencies."""
    cases = list_cases(person)
    held_cases = held([case.pk for case in cases])
    return Obstacles(sum(case.status != "closed" for case in cases), len(held_cases))


def request_erasure(actor: Actor, case: Case, ground: str, asked_on: date) -> ErasureRequest:
    """Request the erasure of a person.

    Raises BadInput at once for obstacles that the requesting agency can see itself: a hold, an open case, an earlier
    erasure or a waiting request.
    """
    with audit.act(actor, "erasure.request", target=f"case:{case.id}") as event:
        authorization.require(actor, "erasure.request", case)
        person = Person.objects.get(memberships__record=case.record_id, memberships__to_at=None)
        require_no_hold(case)
        if Case.objects.filter(record=case.record_id, agency=case.agency_id).exclude(status="closed").exists():
            raise BadInput(Fault(gettext_noop("a case of this person is not closed"), gettext_noop("close it first")))
        if case.record.data_key.wrapped is None:
            raise BadInput(Fault(gettext_noop("this person was erased already"), gettext_noop("reload the page")))
        if _is_requested(case):
            raise BadInput(
                Fault(gettext_noop("this was asked for already"), gettext_noop("wait for the coordinator's decision"))
            )
        row = ErasureRequest(
            person=person,
            case=case,
            agency_id=case.agency_id,
            ground=ground,
            asked_on=asked_on,
            requested_at=timezone.now(),
            requested_by=actor.label,
        )
        check_codes(row)
        row.save(force_insert=True)
        add_timeline_event(actor, case, timezone.localdate(), "erasure_asked", ground=ground)
        event.note(request=str(row.id), ground=ground, identities=[str(case.record_id)])
    return row


def _is_requested(case: Case) -> bool:
    """Return whether the agency waits for the erasure of the record of a case, or of one merged with it.

    Another agency's request or a link would disclose who knows the person, so neither counts.
    """
    records = with_merged([surviving_record_id(case.record_id)])
    return ErasureRequest.objects.filter(case__record__in=list(records), agency=case.agency_id, outcome="").exists()


def lock_waiting_request(request: ErasureRequest) -> ErasureRequest:
    """Lock and return the request; raise BadInput when it was decided meanwhile."""
    row = ErasureRequest.objects.select_for_update().get(pk=request.pk)
    if row.outcome:
        raise BadInput(Fault(gettext_noop("this request was decided already"), gettext_noop("reload the page")))
    return row


def approve_erasure(actor: Actor, request: ErasureRequest) -> ErasureRequest:
    """Erase the person. Raises BadInput for the requester, and while a case is open or under a hold."""
    with audit.act(actor, "erasure.decide", target=f"erasure:{request.id}") as event:
        authorization.require(actor, "erasure.decide", request)
        row = lock_waiting_request(request)
        if row.requested_by == actor.label:
            raise BadInput(Fault(gettext_noop("you asked for this yourself"), gettext_noop("let a colleague decide")))
        _follow_record(row)
        if find_obstacles(row.person):
            raise BadInput(
                Fault(
                    gettext_noop("a case of this person runs or must be kept"),
                    gettext_noop("decline the request, or wait"),
                )
            )
        _erase(actor, row)
        event.note(receipt=row.receipt, outcome=row.outcome)
    return row


def _follow_record(row: ErasureRequest) -> None:
    """Point the request to the person to whom its record belongs now, and lock the person's records.

    Since the request, the record may have been merged or linked with others, or a link undone.
    """
    with session_scope.bypass_row_security("an approved erasure covers the records of all agencies"):
        row.person = erasure.lock_person_of(row.case.record_id)


def decline_erasure(actor: Actor, request: ErasureRequest, refusal: str) -> ErasureRequest:
    """Decline the request for a coded reason, which can be given to the person. Nothing is erased."""
    with audit.act(actor, "erasure.decide", target=f"erasure:{request.id}") as event:
        authorization.require(actor, "erasure.decide", request)
        row = lock_waiting_request(request)
        row.refusal = refusal
        _close(actor, row, "declined")
        event.note(outcome=row.outcome, refusal=refusal)
    return row


def withdraw_erasure(actor: Actor, request: ErasureRequest) -> ErasureRequest:
    """Withdraw the request of the agency before it is decided."""
    with audit.act(actor, "erasure.withdraw", target=f"erasure:{request.id}"):
        authorization.require(actor, "erasure.withdraw", request)
        row = lock_waiting_request(request)
        _close(actor, row, "withdrawn")
    return row


def erase_after_term(actor: Actor, person: Person, approved_by: str) -> ErasureRequest:
    """Erase a person whose retention period is over.

    One user approved it and another runs it, inside an audited act. A waiting request for the same person is withdrawn.
    """
    cases = list_cases(person)
    now = timezone.now()
    row = ErasureRequest(
        person=person,
        case=cases[0],
        agency_id=cases[0].agency_id,
        ground="term_over",
        asked_on=timezone.localdate(),
        requested_at=now,
        requested_by=approved_by,
    )
    ErasureRequest.objects.filter(case__in=cases, outcome="").update(
        outcome="withdrawn", decided_at=now, decided_by=actor.label
    )
    row.save(force_insert=True)
    _follow_record(row)
    _erase(actor, row)
    return row


def _erase(actor: Actor, row: ErasureRequest) -> None:
    """Destroy all personal data of the person; the codes that statistics need stay on the cases.

    Other waiting requests about the same cases are withdrawn. Raises BadInput when no record could be read any more: a
    receipt must not state an erasure that destroyed nothing.
    """
    with session_scope.bypass_row_security("an approved erasure covers the records of all agencies"):
        cases = list_cases(row.person)
        files = CaseFile.objects.filter(case__in=cases, stored__wrapped__isnull=False).select_related("about", "stored")
        removed = shred_files(actor, [file for file in files if file.removed_at is None])
        removed += destroy_files([file for file in files if file.removed_at is not None])
        erased = erasure.erase(actor, row.person)
        if not erased.records:
            what = gettext_noop("no record of this person can be read any more, so nothing was erased")
            raise BadInput(Fault(what, gettext_noop("decline the request")))
        others = ErasureRequest.objects.filter(case__in=cases, outcome="").exclude(pk=row.pk)
        others.update(outcome="withdrawn", decided_at=timezone.now(), decided_by=actor.label)
        Case.objects.filter(pk__in=[case.pk for case in cases]).update(**NO_SOURCE)
        for case in cases:
            add_timeline_event(actor, case, timezone.localdate(), "erased")
        row.records, row.texts, row.files = erased.records, erased.texts, erased.files + removed
        _close(actor, row, "erased")


def _close(actor: Actor, row: ErasureRequest, outcome: str) -> None:
    """Save the outcome of the request, with the time and the actor."""
    row.outcome, row.decided_at, row.decided_by = outcome, timezone.now(), actor.label
    check_codes(row)
    row.save()
