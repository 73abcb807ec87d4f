"""The steps of a referral, and who is told of them."""

from __future__ import annotations

from django.utils import timezone

from kerege.casework.assistance.models.referrals import Referral, ReferralStep
from kerege.casework.cases.services.notifications import notify
from kerege.core.accounts.models import User
from kerege.core.authorization import Actor
from kerege.core.integrations.services import emit

# states in which the receiver has not answered, and those in which it sees what was shared
WAITING = ("sent", "seen")
SHOWING = ("sent", "seen", "accepted", "started")
PAGE = "assistance:referral"


def record_step(actor: Actor, referral: Referral, kind: str) -> ReferralStep:
    """Stamp a step with its time and who took it."""
    _emit_state(referral, kind)
    return ReferralStep.objects.create(
        referral=referral, kind=kind, at=timezone.now(), by=actor.label, agency_id=actor.agency_id
    )


def _emit_state(referral: Referral, kind: str) -> None:
    """The systems of both agencies learn the new state, and nothing else."""
    state = {"reference": referral.reference, "state": referral.status, "step": kind}
    if kind == "sent":
        emit(referral.to_agency_id, "referral.sent", **state)
        return
    for agency_id in (referral.from_agency_id, referral.to_agency_id):
        emit(agency_id, "referral.state", **state)


def lock_referral(referral: Referral) -> None:
    """Read again under the lock: of two answers, or an answer and a withdrawal, only the first counts."""
    row = Referral.objects.select_for_update().get(pk=referral.pk)
    referral.status, referral.assignee_id = row.status, row.assignee_id


def notify_receiver(referral: Referral, kind: str, role: str = "") -> None:
    """A notice for the colleague who took it, else for the receiving agency."""
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
    """A notice for whoever sent it, else for the sending agency."""
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
    """The user who sent it, if she still works at the agency."""
    username = referral.sent_by.removeprefix("user:")
    users = User.objects.filter(username=username, is_active=True, assignments__agency=referral.from_agency_id)
    return users.first()
