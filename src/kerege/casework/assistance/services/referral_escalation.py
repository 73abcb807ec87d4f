"""Referral escalation: reminder, supervisors of both agencies, coordinators, expiry."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time, timedelta

from django.utils import timezone

from kerege.casework.assistance.models.referrals import Referral
from kerege.casework.assistance.services.referral_steps import WAITING, notify_receiver, notify_sender, record_step
from kerege.casework.cases.services.notifications import notify
from kerege.casework.cases.services.shares import end_shares_of
from kerege.casework.cases.services.timeline_events import add_timeline_event
from kerege.core import audit, authorization
from kerege.core.accounts.models import Agency, Role
from kerege.core.authorization import Actor
from kerege.vocabulary.profile import active

ESCALATION_PAGE = "assistance:silent"


def get_half_time(referral: Referral) -> datetime:
    """Return the moment at which half the time for an answer has passed."""
    end = timezone.make_aware(datetime.combine(referral.due_on + timedelta(days=1), time.min))
    return referral.sent_at + (end - referral.sent_at) / 2


def coordinator_on(due_on: date) -> date:
    """Return the last day before the coordinators are notified."""
    return active().due("referral_coordinator", due_on)


def get_expiry_day(due_on: date) -> date:
    """Return the last day on which the receiver can answer; the referral expires the day after."""
    return active().due("referral_expiry", due_on)


def escalate_referrals(actor: Actor, now: datetime) -> int:
    """Take each escalation step that is due, once; return the number of referrals escalated."""
    waiting = Referral.objects.filter(status__in=WAITING).select_related("to_agency", "from_agency", "assignee")
    due_referrals = [
        (row, due_steps) for row in waiting.prefetch_related("steps") if (due_steps := _list_due_steps(row, now))
    ]
    if not due_referrals:
        return 0
    with audit.act(actor, "referrals.chase") as event:
        authorization.require(actor, "referrals.answer")
        for row, step_kinds in due_referrals:
            # skip a referral that was answered meanwhile
            if Referral.objects.select_for_update().filter(pk=row.pk, status__in=WAITING).exists():
                for kind in step_kinds:
                    STEPS[kind](actor, row)
        event.note(referrals=[str(row.pk) for row, _ in due_referrals])
    return len(due_referrals)


def _list_due_steps(row: Referral, now: datetime) -> list[str]:
    """Return the steps that are due and not yet taken; an expiring referral gets no other step."""
    today = timezone.localdate(now)
    if today > get_expiry_day(row.due_on):
        return ["expired"]
    is_due_by_kind = {
        "reminded": now >= get_half_time(row),
        "escalated": today > row.due_on,
        "escalated_coordinator": today > coordinator_on(row.due_on),
    }
    taken_kinds = {step.kind for step in row.steps.all()}
    return [kind for kind, is_due in is_due_by_kind.items() if is_due and kind not in taken_kinds]


def _remind(actor: Actor, row: Referral) -> None:
    record_step(actor, row, "reminded")
    notify_receiver(row, "referral_reminder")


def _escalate(actor: Actor, row: Referral) -> None:
    record_step(actor, row, "escalated")
    notify_receiver(row, "referral_late", Role.SUPERVISOR)
    notify_sender(row, "referral_late", Role.SUPERVISOR)


def _notify_coordinators(actor: Actor, row: Referral) -> None:
    record_step(actor, row, "escalated_coordinator")
    for agency in Agency.objects.filter(active=True, assignments__role=Role.COORDINATOR).distinct():
        notify(agency, "referral_silent", role=Role.COORDINATOR, reference=row.reference, url_name=ESCALATION_PAGE)


def _expire(actor: Actor, row: Referral) -> None:
    row.status = "expired"
    row.save(update_fields=["status"])
    record_step(actor, row, "expired")
    add_timeline_event(actor, row.case, timezone.localdate(), "referral_answer", status="expired")
    notify_sender(row, "referral_expired")
    notify_receiver(row, "referral_expired")
    end_shares_of(row.pk)


STEPS: dict[str, Callable[[Actor, Referral], None]] = {
    "reminded": _remind,
    "escalated": _escalate,
    "escalated_coordinator": _notify_coordinators,
    "expired": _expire,
}
