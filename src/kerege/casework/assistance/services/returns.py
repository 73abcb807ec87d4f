"""Voluntary return: decision of the person, risks, journey and follow-ups."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_noop

from kerege.base.errors import BadInput, Fault
from kerege.casework.assistance.events import collect_presumed_children
from kerege.casework.assistance.models.returns import FollowUp, Return
from kerege.casework.assistance.models.shelter import Stay
from kerege.casework.assistance.services.shelter import end_stay
from kerege.casework.assistance.services.task_reminders import add_reminder, complete_reminder, delete_reminder
from kerege.casework.cases.age_bands import list_child_bands
from kerege.casework.cases.models.case import Case
from kerege.casework.cases.services.code_checks import check_codes
from kerege.casework.cases.services.lifecycle import require_open
from kerege.casework.cases.services.timeline_events import add_timeline_event
from kerege.casework.vault.identity import age_on
from kerege.casework.vault.queries import identities as vault
from kerege.casework.vault.services.identities import save_text
from kerege.core import audit, authorization
from kerege.core.answers import collect_answers
from kerege.core.authorization import Actor
from kerege.vocabulary.dates import add_months
from kerege.vocabulary.profile import active

ADULT = 18


def is_child(actor: Actor, case: Case, today: date) -> bool:
    """Return whether the person is under 18 on a day, by birth date, else by age band at registration.

    A person whose age is in doubt counts as a child.
    """
    if any(collect_answers(collect_presumed_children, Case, case=case)):
        return True
    age = age_on(vault.read(actor, case.record).get("birth_date", ""), today)
    if age is not None:
        return age < ADULT
    return case.age_band in list_child_bands()


def plan_return(actor: Actor, case: Case, row: Return) -> Return:
    """Record the person's decision to return (unsaved row). One return is under way at a time."""
    with audit.act(actor, "returns.change", target=f"case:{case.id}") as event:
        authorization.require(actor, "cases.change", case)
        require_open(actor, case)
        Case.objects.select_for_update().get(pk=case.pk)
        if case.returns.filter(arrived_on=None, cancelled_on=None).exists():
            raise BadInput(
                Fault(gettext_noop("a return is under way already"), gettext_noop("finish or cancel that one"))
            )
        row.case, row.created_by = case, actor.label
        check_codes(row)
        row.save()
        _remind_of_arrangement(actor, row)
        add_timeline_event(actor, case, row.decided_on, "return", state="decided", country=row.country)
        event.note(journey=str(row.pk))
    return row


def _remind_of_arrangement(actor: Actor, row: Return) -> None:
    add_reminder(
        actor, row.case, "arrange_return", _get_task_source(row), active().due("return_arrangement", row.decided_on)
    )


def _get_task_source(row: Return) -> str:
    return f"return:{row.pk}"


def change_return(actor: Actor, row: Return, values: dict[str, Any], state: str, *, sealed: str = "") -> Return:
    """Record risks or travel arrangements of a return that has not begun.

    `sealed` names the value that is stored as encrypted text.
    """
    with audit.act(actor, "returns.change", target=f"case:{row.case_id}"):
        authorization.require(actor, "cases.change", row.case)
        check_not_begun(row)
        for name, value in values.items():
            if name == sealed:
                value = save_text(row.case.record.data_key, value) if value else None
            setattr(row, name, value)
        check_codes(row)
        row.save()
        add_timeline_event(actor, row.case, timezone.localdate(), "return", state=state, risk=row.risk_level)
    return row


def check_not_begun(row: Return) -> None:
    """Lock the return and raise BadInput when it has begun or was cancelled."""
    stored = Return.objects.select_for_update().get(pk=row.pk)
    if stored.cancelled_on or stored.departed_on:
        raise BadInput(Fault(gettext_noop("this return has begun or was cancelled"), gettext_noop("reload the page")))


def depart(actor: Actor, row: Return, on: date) -> Return:
    """Record the departure and end the stay in the shelter.

    Raises BadInput without a risk assessment, and for a child unless the best-interest determination allows it.
    """
    with audit.act(actor, "returns.depart", target=f"case:{row.case_id}"):
        authorization.require(actor, "cases.change", row.case)
        check_not_begun(row)
        if not row.risk_level:
            raise BadInput(
                Fault(gettext_noop("the risks of this return were not assessed"), gettext_noop("assess them first"))
            )
        if row.best_interest != "return_serves" and is_child(actor, row.case, on):
            raise BadInput(
                Fault(
                    gettext_noop(
                        "a child returns only when it is determined that the return is in the child's best interests"
                    ),
                    gettext_noop("record the determination first"),
                )
            )
        if on < row.decided_on:
            raise BadInput(
                Fault(gettext_noop("the journey begins before it was decided on"), gettext_noop("correct the day"))
            )
        row.departed_on = on
        row.save(update_fields=["departed_on"])
        complete_reminder(actor, _get_task_source(row))
        # the person has left, so the bed is free
        for stay in authorization.scope(actor, Stay, action="stays.change").filter(case=row.case, left_on=None):
            end_stay(actor, stay, max(on, stay.bed_since), "returned")
        add_timeline_event(actor, row.case, on, "return", state="departed")
    return row


def arrived(actor: Actor, row: Return, on: date) -> list[FollowUp]:
    """Record the arrival and create follow-ups with tasks, in the months of the country profile."""
    with audit.act(actor, "returns.arrive", target=f"case:{row.case_id}"):
        authorization.require(actor, "cases.change", row.case)
        stored = Return.objects.select_for_update().get(pk=row.pk)
        if not stored.departed_on or stored.arrived_on:
            raise BadInput(
                Fault(gettext_noop("this journey has not begun, or is over"), gettext_noop("reload the page"))
            )
        if on < stored.departed_on:
            raise BadInput(
                Fault(gettext_noop("the arrival lies before the departure"), gettext_noop("correct the day"))
            )
        row.arrived_on = on
        row.save(update_fields=["arrived_on"])
        months = active().return_follow_ups.months
        follow_ups = FollowUp.objects.bulk_create(
            FollowUp(journey=row, months=count, due_on=add_months(on, count)) for count in months
        )
        for follow_up in follow_ups:
            add_reminder(actor, row.case, "follow_up", f"follow_up:{follow_up.pk}", follow_up.due_on)
        add_timeline_event(actor, row.case, on, "return", state="arrived")
    return follow_ups


def cancel_return(actor: Actor, row: Return, on: date, reason: str) -> Return:
    """Cancel a return that has not begun."""
    with audit.act(actor, "returns.cancel", target=f"case:{row.case_id}"):
        authorization.require(actor, "cases.change", row.case)
        check_not_begun(row)
        row.cancelled_on, row.cancel_reason = on, reason
        check_codes(row)
        row.save(update_fields=["cancelled_on", "cancel_reason"])
        delete_reminder(_get_task_source(row))
        add_timeline_event(actor, row.case, on, "return", state="cancelled", reason=reason)
    return row


def follow_up(actor: Actor, row: FollowUp, on: date, outcome: str, remark: str = "") -> FollowUp:
    """Record the outcome of a follow-up after the return. Raises BadInput the second time."""
    case = row.journey.case
    with audit.act(actor, "returns.follow_up", target=f"case:{case.pk}"):
        authorization.require(actor, "cases.change", case)
        if FollowUp.objects.select_for_update().get(pk=row.pk).done_on:
            raise BadInput(Fault(gettext_noop("this follow-up was done already"), gettext_noop("reload the page")))
        row.done_on, row.outcome, row.done_by = on, outcome, actor.label
        check_codes(row)
        row.remark = save_text(case.record.data_key, remark) if remark else None
        row.save()
        complete_reminder(actor, f"follow_up:{row.pk}")
        add_timeline_event(actor, case, on, "follow_up", outcome=outcome, months=row.months)
    return row
