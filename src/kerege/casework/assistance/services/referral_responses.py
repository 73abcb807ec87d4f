"""Referral responses of the receiving agency: claim, assign, answer, outcome."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_noop

from kerege.base.errors import BadInput, Fault
from kerege.casework.assistance.models.referrals import Referral
from kerege.casework.assistance.services.referral_steps import (
    SHOWING,
    lock_referral,
    notify_receiver,
    notify_sender,
    record_step,
)
from kerege.casework.cases.services.assignment import check_colleague
from kerege.casework.cases.services.code_checks import check_codes
from kerege.casework.cases.services.shares import end_shares_of
from kerege.casework.cases.services.timeline_events import add_timeline_event
from kerege.casework.vault.services.identities import save_text
from kerege.core import audit, authorization
from kerege.core.accounts.models import User
from kerege.core.authorization import Actor

# answer -> statuses from which the receiving agency may give it
ALLOWED_FROM: dict[str, set[str]] = {
    "seen": {"sent"},
    "accepted": {"sent", "seen"},
    "declined": {"sent", "seen"},
    "started": {"accepted"},
    "completed": {"accepted", "started"},
}
TIME_COLUMNS = {"seen": "seen_at", "accepted": "answered_at", "declined": "answered_at", "completed": "completed_at"}
NOTICES = {
    "accepted": "referral_answered",
    "started": "referral_answered",
    "declined": "referral_declined",
    "completed": "referral_outcome",
}


@dataclass(frozen=True)
class Answer:
    """The content of an answer to the sender. The reply is stored encrypted."""

    reason: str = ""
    reply: str = ""
    outcome: str = ""
    delivered: list[str] = field(default_factory=list)
    ended_on: date | None = None


def answer_referral(
    actor: Actor, referral: Referral, status: str, reason: str = "", answer: Answer | None = None
) -> Referral:
    """Record an answer of the receiver: seen, accepted, declined, started or completed.

    Raises BadInput when the answer does not follow the status, or lacks its reason or outcome.
    """
    content = answer or Answer(reason)
    with audit.act(actor, "referrals.answer", target=f"referral:{referral.id}") as event:
        authorization.require(actor, "referrals.answer", referral)
        lock_referral(referral)
        _check_answer(referral, status, content)
        referral.status, referral.decline_reason = status, content.reason if status == "declined" else ""
        if column := TIME_COLUMNS.get(status):
            setattr(referral, column, timezone.now())
        if status == "completed":
            referral.outcome, referral.delivered = content.outcome, content.delivered
            referral.ended_on = content.ended_on or timezone.localdate()
        if status == "accepted" and referral.assignee_id is None and actor.user_id:
            referral.assignee_id = actor.user_id
        if content.reply.strip():
            referral.reply = save_text(referral.case.record.data_key, content.reply)
        check_codes(referral)
        referral.save()
        _announce_answer(actor, referral, status, content)
        event.note(status=status)
        if status in {"declined", "completed"}:
            # last, because the steps above still read the shared data
            end_shares_of(referral.pk)
    return referral


def _check_answer(referral: Referral, status: str, content: Answer) -> None:
    if referral.status == "withdrawn":
        raise BadInput(Fault(gettext_noop("this referral was withdrawn"), gettext_noop("nothing is left to do")))
    if referral.status not in ALLOWED_FROM.get(status, set()):
        raise BadInput(
            Fault(
                gettext_noop("this answer does not follow the state of the referral"), gettext_noop("reload the page")
            )
        )
    if status == "declined" and not content.reason:
        raise BadInput(Fault(gettext_noop("a declined referral needs a reason"), gettext_noop("choose one")))
    if status == "completed" and not content.outcome:
        raise BadInput(
            Fault(gettext_noop("a completed referral needs its outcome"), gettext_noop("choose how it ended"))
        )


def _announce_answer(actor: Actor, referral: Referral, status: str, content: Answer) -> None:
    record_step(actor, referral, status)
    if status != "seen":
        reason = content.reason if status == "declined" else ""
        detail: dict[str, Any] = {"status": status, "reason": reason}
        add_timeline_event(actor, referral.case, timezone.localdate(), "referral_answer", **detail)
        notify_sender(referral, NOTICES[status])


def claim_referral(actor: Actor, referral: Referral) -> Referral:
    """Assign a referral to the actor. Raises BadInput when a colleague has claimed it or it has ended."""
    with audit.act(actor, "referrals.claim", target=f"referral:{referral.pk}"):
        authorization.require(actor, "referrals.answer", referral)
        unclaimed = Referral.objects.filter(pk=referral.pk, assignee=None, status__in=SHOWING)
        if not unclaimed.update(assignee=actor.user_id):
            raise BadInput(
                Fault(
                    gettext_noop("a colleague has taken this referral, or it has ended"),
                    gettext_noop("reload the page"),
                )
            )
        referral.assignee_id = actor.user_id
        record_step(actor, referral, "claimed")
    return referral


def assign_referral(actor: Actor, referral: Referral, user: User) -> Referral:
    """Assign a referral to a colleague of the receiving agency."""
    with audit.act(actor, "referrals.assign", target=f"referral:{referral.pk}") as event:
        authorization.require(actor, "referrals.answer", referral)
        check_colleague(user, referral.to_agency_id)
        lock_referral(referral)
        if referral.status not in SHOWING:
            raise BadInput(Fault(gettext_noop("this referral has ended"), gettext_noop("reload the page")))
        referral.assignee = user
        referral.save(update_fields=["assignee"])
        record_step(actor, referral, "assigned")
        if user.pk != actor.user_id:
            notify_receiver(referral, "referral_assigned")
        event.note(user=str(user.pk))
    return referral
