"""Approvals: request one, and approve or return it.

The country profile lists the kinds of change that need an approval. The requester never decides.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext_noop

from kerege.base.errors import BadInput, Fault
from kerege.casework.cases.events import approval_given, collect_missing_subjects
from kerege.casework.cases.models.case import Case
from kerege.casework.cases.models.notices import Notice
from kerege.casework.cases.models.workload import Approval
from kerege.casework.cases.services.code_checks import check_codes
from kerege.casework.cases.services.notifications import notify
from kerege.casework.cases.services.timeline_events import add_timeline_event
from kerege.casework.vault.services.identities import save_text
from kerege.core import audit, authorization
from kerege.core.accounts.models import User
from kerege.core.answers import collect_answers
from kerege.core.authorization import Actor
from kerege.vocabulary.profile import active


def needs_approval(kind: str) -> bool:
    """Return whether the profile requires a supervisor's approval for this kind of change."""
    return kind in active().approvals.kinds


def ask_approval(
    actor: Actor,
    case: Case,
    kind: str,
    comment: str = "",
    subject: UUID | None = None,
    proposal: dict[str, Any] | None = None,
) -> Approval:
    """Request an approval from the supervisors of the owning agency.

    Services to the person continue meanwhile. Raises BadInput when an approval of this kind already waits, or when its
    subject is missing.
    """
    with audit.act(actor, "approvals.ask", target=f"case:{case.id}") as event:
        authorization.require(actor, "cases.change", case)
        _check_subject_exists(case, kind, subject)
        if Approval.objects.select_for_update().filter(case=case, kind=kind, decided_at=None).exists():
            raise BadInput(
                Fault(gettext_noop("this waits for approval already"), gettext_noop("wait for the answer to it"))
            )
        row = Approval(
            case=case,
            kind=kind,
            subject=subject,
            proposal=proposal or {},
            requested_by=actor.label,
            requested_at=timezone.now(),
        )
        check_codes(row)
        row.comment = save_text(case.record.data_key, comment) if comment.strip() else None
        row.save()
        add_timeline_event(actor, case, timezone.localdate(), "approval_asked", approval=kind)
        event.note(approval=str(row.id), kind=kind)
        for supervisor in _list_deciders(actor, case):
            notify(case.agency, "approval_asked", user=supervisor, url_name="cases:approval", object_id=row.id)
    return row


def _check_subject_exists(case: Case, kind: str, subject: UUID | None) -> None:
    """Raise BadInput when a receiver reports that the subject of the approval is missing."""
    if any(collect_answers(collect_missing_subjects, Approval, kind=kind, case=case, subject=subject)):
        raise BadInput(
            Fault(
                gettext_noop("the subject of the approval is missing"), gettext_noop("begin it first, or return this")
            )
        )


def _list_deciders(actor: Actor, case: Case) -> list[User]:
    """Return the active supervisors of the owning agency, without the requester."""
    users = User.objects.filter(is_active=True, assignments__agency=case.agency_id, assignments__role="supervisor")
    return [user for user in users.distinct() if user.pk != actor.user_id]


def decide_approval(actor: Actor, approval: Approval, outcome: str, comment: str = "") -> Approval:
    """Approve a request, or return it for change with a comment.

    Raises BadInput when it is already decided, when the actor requested it, or when a return has no comment.
    """
    with audit.act(actor, "approvals.decide", target=f"approval:{approval.id}") as event:
        authorization.require(actor, "approvals.decide", approval)
        # Read the row again under the lock: when two supervisors answer at once, only the first answer counts.
        if Approval.objects.select_for_update().get(pk=approval.pk).decided_at:
            raise BadInput(Fault(gettext_noop("a colleague has answered already"), gettext_noop("reload the page")))
        if approval.requested_by == actor.label:
            raise BadInput(
                Fault(gettext_noop("you asked for this approval yourself"), gettext_noop("a colleague decides"))
            )
        if outcome == "returned" and not comment.strip():
            raise BadInput(Fault(gettext_noop("a return needs a comment"), gettext_noop("write what is to be changed")))
        if outcome == "approved":
            _check_subject_exists(approval.case, approval.kind, approval.subject)
        approval.outcome, approval.decided_by, approval.decided_at = outcome, actor.label, timezone.now()
        check_codes(approval)
        if comment.strip():
            approval.answer = save_text(approval.case.record.data_key, comment)
        approval.save()
        add_timeline_event(
            actor, approval.case, timezone.localdate(), "approval", approval=approval.kind, outcome=outcome
        )
        event.note(outcome=outcome)
        # The request is decided, so no supervisor needs its notice any more.
        Notice.objects.filter(object_id=approval.pk, read_at=None).update(read_at=approval.decided_at)
        _notify_requester(approval)
        if outcome == "approved":
            approval_given.send(Approval, actor=actor, approval=approval)
    return approval


def _notify_requester(approval: Approval) -> None:
    """Notify the requester of the decision, if they still work at the agency."""
    agency = approval.case.agency
    requester = User.objects.filter(
        username=approval.requested_by.removeprefix("user:"), assignments__agency=agency
    ).first()
    if requester:
        notify(agency, "approval_answered", user=requester, url_name="cases:approval", object_id=approval.id)
