"""Emergency access to a case of another agency: by an exact number, for four hours, reported at once."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_noop

from kerege.base.errors import BadInput, Fault
from kerege.casework.cases.models.case import Case
from kerege.casework.cases.models.emergency_access import Emergency
from kerege.casework.cases.services.code_checks import check_codes
from kerege.casework.cases.services.notifications import notify
from kerege.casework.cases.services.timeline_events import add_timeline_event
from kerege.casework.vault.queries import identities as vault
from kerege.casework.vault.services.identities import open_text, save_text
from kerege.core import audit, authorization
from kerege.core.accounts import attempts
from kerege.core.accounts.actors import agency_of
from kerege.core.accounts.models import Agency, Role, User
from kerege.core.audit import clock
from kerege.core.authorization import Actor, session_scope

EMERGENCY_HOURS = 4
OPEN = "emergencies.open"


def open_in_emergency(actor: Actor, number: str, kind: str, reason: str) -> Emergency | None:
    """Open the case with exactly this reference, or whose person has exactly this document number.

    Returns None when no case matches. Every attempt is an audit event, so that guesses are visible. Raises BadInput
    after too many attempts, or when the actor may already view the case.
    """
    try:
        attempts.count_emergency(actor.label)
    except attempts.TooManyAttempts:
        audit.record(actor, OPEN, limit=True)
        _raise_fault(gettext_noop("too many tries"), gettext_noop("call the coordinator"))
    bypass_reason = "a user with emergency access names one case by its exact number"
    with session_scope.bypass_row_security(bypass_reason):
        case = _find_case(number)
    # an attempt without a case saves nothing: it does not claim the form, whose input stays as a draft
    with audit.act(actor, OPEN, reads=case is None) as event:
        authorization.require(actor, OPEN)
        with session_scope.bypass_row_security(bypass_reason):
            event.note(kind=kind, found=case is not None)
            return _open_case(actor, case, kind, reason, event) if case else None


def _find_case(number: str) -> Case | None:
    """Return the case with this reference, else the newest one whose person has this document number."""
    cases = Case.objects.select_related("agency", "record__data_key")
    if match := cases.filter(reference=number.strip().upper()).first():
        return match
    return cases.filter(record__in=vault.with_document(number)).order_by("-registered_on", "-reference").first()


def _open_case(actor: Actor, case: Case, kind: str, reason: str, event: audit.PendingAuditEvent) -> Emergency:
    """Store the emergency, notify the owner and the auditors, and add it to the timeline."""
    event.target = f"case:{case.pk}"
    if authorization.allows(actor, "cases.view", case):
        _raise_fault(
            gettext_noop("you can open this case already"), gettext_noop("search for the case among your own cases")
        )
    now = clock.now()
    user = User.objects.get(pk=str(actor.user_id))
    row = Emergency(
        case=case,
        reference=case.reference,
        owner=case.agency,
        user=user,
        agency=agency_of(actor),
        kind=kind,
        opened_at=now,
        until=now + timedelta(hours=EMERGENCY_HOURS),
    )
    check_codes(row)
    row.reason = save_text(case.record.data_key, reason)
    row.save()
    add_timeline_event(actor, case, timezone.localdate(), "emergency", what=kind)
    notify_reviewers(row)
    event.note(emergency=str(row.pk), until=row.until.isoformat())
    return row


def notify_reviewers(row: Emergency) -> None:
    """Notify the supervisors of the owning agency and all auditors."""
    auditors = Agency.objects.filter(active=True, assignments__role=Role.AUDITOR).distinct()
    recipients = [(row.owner, Role.SUPERVISOR.value), *((agency, Role.AUDITOR.value) for agency in auditors)]
    for agency, role in recipients:
        kind = "emergency_opened" if agency == row.owner else "emergency_opened_of"
        notify(agency, kind, role=role, reference=row.reference, url_name="cases:emergency", object_id=row.pk)


def end_emergency(actor: Actor, row: Emergency) -> Emergency:
    """End emergency access early. The user and the supervisors of the owning agency may do so."""
    with audit.act(actor, "emergencies.end", f"emergency:{row.pk}"):
        authorization.require(actor, "emergencies.end", row)
        now = clock.now()
        Emergency.objects.filter(pk=row.pk, ended_at=None, until__gt=now).update(ended_at=now)
        row.refresh_from_db(fields=["ended_at"])
    return row


def review_emergency(actor: Actor, row: Emergency, verdict: str, comment: str) -> Emergency:
    """Record the assessment of an emergency access, once. Users cannot review their own emergencies."""
    with audit.act(actor, "emergencies.review", f"emergency:{row.pk}") as event:
        authorization.require(actor, "emergencies.review", row)
        with session_scope.bypass_row_security(
            "the auditor cannot read the person's key, with which the comment is encrypted"
        ):
            locked = Emergency.objects.select_for_update(of=("self",)).get(pk=row.pk)
            if locked.verdict or locked.user_id == actor.user_id:
                _raise_fault(gettext_noop("this was assessed already"), gettext_noop("reload the page"))
            locked.verdict, locked.reviewed_at, locked.reviewed_by = verdict, timezone.now(), actor.label
            check_codes(locked)
            locked.comment = save_text(locked.case.record.data_key, comment) if comment else None
            locked.save(update_fields=["verdict", "reviewed_at", "reviewed_by", "comment"])
        event.note(verdict=verdict)
    return locked


def read_review_texts(actor: Actor, row: Emergency) -> dict[str, str]:
    """Return the decrypted reason and comment of an emergency, if the actor may review it."""
    authorization.require(actor, "emergencies.review", row)
    with session_scope.bypass_row_security(
        "the auditor cannot read the person's key, with which the reason is encrypted"
    ):
        emergency = Emergency.objects.select_related("reason__data_key", "comment__data_key").get(pk=row.pk)
        return {"reason": open_text(emergency.reason) or "", "comment": open_text(emergency.comment) or ""}


def running_emergencies(actor: Actor) -> QuerySet[Emergency]:
    """Return the actor's emergencies that have not ended."""
    rows = Emergency.objects.filter(ended_at=None, until__gt=clock.now())
    return rows.filter(user=actor.user_id, agency=actor.agency_id)


def _raise_fault(what: str, todo: str) -> None:
    """Raise BadInput with one fault."""
    raise BadInput(Fault(what, todo))
