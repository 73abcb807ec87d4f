"""Steps of a referral and the notices about them."""

from __future__ import annotations

from django.utils import timezone

from kerege.casework.assistance.models.referrals import Referral, ReferralStep
from kerege.casework.cases.services.notifications import notify
from kerege.core.accounts.models import User
from kerege.core.authorization import Actor
from kerege.core.integrations.services import emit

# statuses without an answer, and statuses in which the receiver sees the shared data
WAITING = ("sent", "seen")
SHOWING = ("sent", "seen", "accepted", "started")
PAGE = "assistance:referral"


def record_step(actor: Actor, referral: Referral, kind: str) -> ReferralStep:
    """Record a step with its time and author, and inform the systems of the agencies."""
    _emit_state(referral, kind)
    return ReferralStep.objects.create(
        referral=referral, kind=kind, at=timezone.now(), by=actor.label, agency_id=actor.agency_id
    )


def _emit_state(referral: Referral, kind: str) -> None:
    """Send reference, status and step to the systems of both agencies; `sent` goes to the receiver only."""
    state = {"reference": referral.reference, "state": referral.status, "step": kind}
    if kind == "sent":
        emit(referral.to_agency_id, "referral.sent", **state)
        return
    for agency_id in (referral.from_agency_id, referral.to_agency_id):
        emit(agency_id, "referral.state", **state)


def lock_referral(referral: Referral) -> None:
    """Lock the referral and refresh its status and assignee, so that the first of two answers counts."""
    row = Referral.objects.select_for_update().get(pk=referral.pk)
    referral.status, referral.assignee_id = row.status, row.assignee_id


def notify_receiver(referral: Referral, kind: str, role: str = "") -> None:
    """Notify the assignee, else the receiving agency; with `role`, the users of that role."""
    user = referral.assignee if not role else None
    notify(
        referral.to_agency,
        kind,
        user=user,
        role=role,
        reference=referral.reference,
        url_name=PAGE,
        object_id=referral.pk,
    )


def notify_sender(referral: Referral, kind: str, role: str = "") -> None:
    """Notify the user who sent it, else the sending agency; with `role`, the users of that role."""
    user = None if role else find_sender(referral)
    notify(
        referral.from_agency,
        kind,
        user=user,
        role=role,
        reference=referral.reference,
        url_name=PAGE,
        object_id=referral.pk,
    )


def find_sender(referral: Referral) -> User | None:
    """Return the user who sent the referral if they still work at the agency, else None."""
    username = referral.sent_by.removeprefix("user:")
    users = User.objects.filter(username=username, is_active=True, assignments__agency=referral.from_agency_id)
    return users.first()
