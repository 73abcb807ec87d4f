"""Right to stay in the country: grounds, times in the country, and steps to a document.

Nothing here goes to the police. An application is the person's own decision.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.utils import timezone
from django.utils.translation import gettext_noop

from kerege.base.errors import BadInput, Fault
from kerege.casework.assistance.models.shelter import Stay
from kerege.casework.assistance.services.task_reminders import complete_reminder
from kerege.casework.cases.models.case import Case, Task
from kerege.casework.cases.services.attachments import FileDraft, add_file
from kerege.casework.cases.services.code_checks import check_codes
from kerege.casework.cases.services.lifecycle import require_open
from kerege.casework.cases.services.timeline_events import add_timeline_event
from kerege.casework.rights.models.legal_stay import CountryStay, StayRight, StayStep
from kerege.casework.vault.services.identities import save_text
from kerege.core import audit, authorization
from kerege.core.authorization import Actor

ONCE = gettext_noop("this day lies within a time that is recorded already")


@dataclass(frozen=True)
class PermitTerm:
    """First and last day of a permit; without a first day it begins on the day of the step."""

    from_on: date | None = None
    until: date | None = None


def get_question_source(case: Case) -> str:
    """Return the source key of the task to find out the right to stay."""
    return f"stay_question:{case.pk}"


def get_notice_source(stay: Stay) -> str:
    """Return the source key of the task to send the notice of the host about a stay in a shelter."""
    return f"host_notice:{stay.pk}"


def save_right(actor: Actor, case: Case, row: StayRight, number: str = "") -> StayRight:
    """Store a right to stay, new or corrected. `number` is that of its document, stored encrypted."""
    with audit.act(actor, "stay_rights.record", target=f"case:{case.pk}") as event:
        authorization.require(actor, "cases.change", case)
        require_open(actor, case)
        if row.from_on and row.until and row.until < row.from_on:
            raise BadInput(
                Fault(gettext_noop("the right to stay ends before it begins"), gettext_noop("correct the days"))
            )
        if row._state.adding:
            row.recorded_at, row.created_by = timezone.now(), actor.label
        row.case = case
        row.number = save_text(case.record.data_key, number) if number else None
        check_codes(row)
        row.save()
        _forget_end(case)
        complete_reminder(actor, get_question_source(case))
        add_timeline_event(actor, case, timezone.localdate(), "legal_stay", ground=row.ground)
        event.note(right=str(row.pk))
    return row


def save_country_stay(actor: Actor, case: Case, row: CountryStay) -> CountryStay:
    """Store a time in the country, new or corrected; it must not overlap another one."""
    with audit.act(actor, "country_stays.record", target=f"case:{case.pk}") as event:
        authorization.require(actor, "cases.change", case)
        require_open(actor, case)
        row.case = case
        _check_time(row, list(case.country_stays.exclude(pk=row.pk)))
        if row._state.adding:
            row.created_by = actor.label
        check_codes(row)
        row.save()
        _forget_end(case)
        event.note(time=str(row.pk))
    return row


def _check_time(row: CountryStay, others: list[CountryStay]) -> None:
    """Raise BadInput when a time ends before it begins, or overlaps another one; days of travel may touch."""
    if row.left_on and row.left_on < row.entered_on:
        raise BadInput(
            Fault(gettext_noop("the person left before they entered"), gettext_noop("correct one of the days"))
        )
    end = row.left_on or date.max
    if any(other.entered_on < end and row.entered_on < (other.left_on or date.max) for other in others):
        raise BadInput(Fault(ONCE, gettext_noop("enter the day on which that time ended, or correct the day")))


def record_step(
    actor: Actor,
    case: Case,
    row: StayStep,
    *,
    permit: PermitTerm | None = None,
    remark: str = "",
    document: FileDraft | None = None,
) -> StayStep:
    """Record a step that was done, with its document as a file of the case.

    A permit adds the right to stay, an exit ends the time in the country.
    """
    with audit.act(actor, "stay_steps.record", target=f"case:{case.pk}") as event:
        authorization.require(actor, "cases.change", case)
        require_open(actor, case)
        row.case, row.recorded_at, row.created_by = case, timezone.now(), actor.label
        row.remark = save_text(case.record.data_key, remark) if remark else None
        if row.kind == "host_notice" and row.shelter_stay is None:
            row.shelter_stay = case.stays.filter(left_on=None, host_notices=None).first()
        check_codes(row)
        _check_step(row)
        row.file = add_file(actor, case, document) if document else None
        row.save()
        _follow_step(actor, row, permit)
        add_timeline_event(actor, case, row.done_on, "stay_step", step=row.kind)
        event.note(step=row.kind)
    return row


def _check_step(row: StayStep) -> None:
    if row.kind == "refusal" and not row.refusal:
        raise BadInput(Fault(gettext_noop("a refusal needs its reason"), gettext_noop("choose one")))
    stay = row.shelter_stay
    if stay and row.done_on < stay.arrived_on:
        raise BadInput(
            Fault(gettext_noop("the notice is dated before the person arrived"), gettext_noop("correct the day"))
        )
    if stay and StayStep.objects.filter(kind="host_notice", shelter_stay=stay).exists():
        raise BadInput(
            Fault(gettext_noop("the notice about this stay is recorded already"), gettext_noop("reload the page"))
        )


def _follow_step(actor: Actor, row: StayStep, permit: PermitTerm | None) -> None:
    """Do what follows from a step: end its task, add the right of a permit, end the time in the country."""
    if row.shelter_stay:
        complete_reminder(actor, get_notice_source(row.shelter_stay))
    if row.kind == "permit":
        term = permit or PermitTerm()
        right = StayRight(
            ground="trp_victim",
            from_on=term.from_on or row.done_on,
            until=term.until,
            document="temporary_residence_permit",
            source="seen",
        )
        save_right(actor, row.case, right)
    if row.kind == "exit":
        row.case.country_stays.filter(left_on=None, entered_on__lte=row.done_on).update(left_on=row.done_on)
        _forget_end(row.case)


def _forget_end(case: Case) -> None:
    """Delete the open tasks about the end of the right to stay: the day may be another one now.

    The job plans them again for the new day.
    """
    Task.objects.filter(case=case, source__startswith=f"stay_end:{case.pk}:", done_at=None).delete()
