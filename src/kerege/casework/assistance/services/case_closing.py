"""The assistance that is still open when a case closes, and how it ends with the case."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kerege.casework.assistance.models.consents import Consent
from kerege.casework.assistance.models.plans import Plan
from kerege.casework.assistance.models.provision import Service
from kerege.casework.assistance.models.referrals import Referral
from kerege.casework.assistance.models.returns import FollowUp, Return
from kerege.casework.assistance.models.shelter import Stay
from kerege.casework.assistance.services.referral_steps import SHOWING, notify_receiver, record_step
from kerege.casework.cases.models.case import Case
from kerege.casework.cases.services.closing import Concern
from kerege.casework.cases.services.timeline_events import add_timeline_event
from kerege.core import audit
from kerege.core.authorization import Actor

# closure reason of the case -> end reason of the stay
STAY_END_REASONS = {
    "returned": "returned",
    "transferred": "transferred",
    "withdrawn": "own_wish",
    "lost_contact": "lost_contact",
    "term_ended": "term_ended",
}


def list_open_assistance(case: Case) -> Iterable[Concern]:
    """Return a concern with its count for services, stays, plans, returns, referrals and consents."""
    today = timezone.localdate()
    consents = Consent.objects.filter(Q(until=None) | Q(until__gte=today), case=case, given=True, withdrawn_on=None)
    follow_ups = FollowUp.objects.filter(journey__case=case, done_on=None)
    return [
        Concern(
            _("Services that are given or were requested"),
            _list_running_services(case).count(),
            _("They will end. If you know the result, record it first."),
            "assistance",
        ),
        Concern(
            _("Bed in a shelter"),
            Stay.objects.filter(case=case, left_on=None).count(),
            _("The stay ends and the bed is free."),
            "assistance",
        ),
        Concern(_("Current plan"), case.plans.filter(ended_on=None).count(), _("The plan ends."), "assistance"),
        Concern(
            _("Planned return"),
            _list_planned_returns(case).count(),
            _("The return is cancelled, unless the case ends because of it."),
            "assistance",
        ),
        Concern(
            _("Referrals that are not completed"),
            _list_open_referrals(case).count(),
            _("They will end, and the other agency is notified."),
            "sharing",
        ),
        Concern(
            _("Valid consents"),
            consents.count(),
            _("They stay in the consent ledger but are no longer a legal basis."),
            "sharing",
        ),
        Concern(
            _("Follow-ups of a return"),
            follow_ups.count(),
            _("They stay planned, and can be written down later."),
            "assistance",
        ),
    ]


def _list_running_services(case: Case) -> QuerySet[Service]:
    return Service.objects.filter(case=case, status__in=["requested", "ongoing"])


def _list_planned_returns(case: Case) -> QuerySet[Return]:
    return Return.objects.filter(case=case, departed_on=None, cancelled_on=None)


def _list_open_referrals(case: Case) -> QuerySet[Referral]:
    return Referral.objects.filter(case=case, status__in=SHOWING)


def end_referrals(actor: Actor, case: Case, on: date) -> None:
    """Withdraw the open referrals, record the step of each, and notify the receiving agencies."""
    ended = []
    for row in _list_open_referrals(case).select_for_update():
        row.status = "withdrawn"
        row.save(update_fields=["status"])
        record_step(actor, row, "withdrawn")
        notify_receiver(row, "referral_withdrawn")
        ended.append(str(row.pk))
    if ended:
        audit.note(referrals=ended)


def end_stay(actor: Actor, case: Case, on: date) -> None:
    """End the running stay, which frees the bed. The reason follows from the reason of the closure."""
    for stay in Stay.objects.select_for_update().filter(case=case, left_on=None):
        stay.left_on, stay.end_reason = (
            max(on, stay.bed_since),
            STAY_END_REASONS.get(case.closure_reason, "other_reason"),
        )
        stay.save(update_fields=["left_on", "end_reason"])
        add_timeline_event(actor, case, stay.left_on, "stay", state="left", reason=stay.end_reason)


def end_services(actor: Actor, case: Case, on: date) -> None:
    """Complete ongoing services and decline requested ones, with the reason `case_closed`."""
    for row in _list_running_services(case).select_for_update():
        row.status = "completed" if row.status == "ongoing" else "declined"
        row.ended_on, row.end_reason = max(on, row.started_on or on), "case_closed"
        row.save(update_fields=["status", "ended_on", "end_reason"])
        add_timeline_event(actor, case, row.ended_on, "service", service=row.kind, status=row.status)


def end_plan(actor: Actor, case: Case, on: date) -> None:
    """End the running plan; its goals keep their outcomes."""
    for plan in Plan.objects.select_for_update().filter(case=case, ended_on=None):
        plan.ended_on = max(on, plan.starts_on)
        plan.save(update_fields=["ended_on"])
        add_timeline_event(actor, case, plan.ended_on, "plan", ended=True)


def cancel_planned_return(actor: Actor, case: Case, on: date) -> None:
    """Cancel a return that has not begun, unless the case closes because of the return.

    In that case the return stays open, so that the journey can be recorded later.
    """
    if case.closure_reason == "returned":
        return
    for row in _list_planned_returns(case).select_for_update():
        row.cancelled_on, row.cancel_reason = on, "other_reason"
        row.save(update_fields=["cancelled_on", "cancel_reason"])
        add_timeline_event(actor, case, on, "return", state="cancelled", reason=row.cancel_reason)


def end_with_case(actor: Actor, case: Case, on: date) -> None:
    """End open referrals, the stay, services, the plan and a planned return, in this order."""
    for end in (end_referrals, end_stay, end_services, end_plan, cancel_planned_return):
        end(actor, case, on)
