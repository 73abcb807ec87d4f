"""Rights that were told, reflection period, complaints, and the five questions at the end."""

from __future__ import annotations

from datetime import timedelta

from django.utils.translation import gettext_noop

from kerege.base.errors import BadInput, Fault
from kerege.casework.assistance.services.task_reminders import (
    add_reminder,
    complete_reminder,
    move_reminder,
)
from kerege.casework.cases.models.case import Case
from kerege.casework.cases.services.code_checks import check_codes
from kerege.casework.rights.models.legal_stay import StayRight
from kerege.casework.rights.models.person_rights import Complaint, Reflection, RightsTold, SurveyAnswer
from kerege.casework.rights.services.case_records import Texts, store_record
from kerege.casework.rights.services.legal_stay import save_right
from kerege.core import audit, authorization
from kerege.core.authorization import Actor
from kerege.vocabulary.profile import active

NOTICE = timedelta(days=3)


def save_rights_told(actor: Actor, case: Case, row: RightsTold, texts: Texts) -> RightsTold:
    """Store which rights were told. Only a right that was told can be one that was not understood."""
    with audit.act(actor, "rights_told.record", target=f"case:{case.pk}"):
        if not row.rights:
            raise BadInput(Fault(gettext_noop("no right is chosen"), gettext_noop("choose those that were told")))
        if not set(row.not_understood) <= set(row.rights):
            raise BadInput(
                Fault(
                    gettext_noop("a right that was not told is marked as not understood"),
                    gettext_noop("mark it as told, or remove the mark"),
                )
            )
        store_record(actor, case, row, texts)
    return row


def save_reflection(actor: Actor, case: Case, row: Reflection, texts: Texts) -> Reflection:
    """Store a reflection period.

    A new one also adds the right to stay for its days, where a lawyer has confirmed that the law knows such a period:
    else a day of the profile that is a guess would hide the last lawful day.
    """
    with audit.act(actor, "reflections.record", target=f"case:{case.pk}"):
        is_new = row._state.adding
        if row.ends_on < row.starts_on or (row.extended_until and row.extended_until <= row.ends_on):
            raise BadInput(Fault(gettext_noop("the days are out of order"), gettext_noop("correct one of the days")))
        store_record(actor, case, row, texts)
        source = f"reflection:{row.pk}"
        add_reminder(actor, case, "end_reflection", source, row.last_day - NOTICE)
        move_reminder(source, row.last_day - NOTICE)
        stay = case.stay_rights.filter(ground="reflection", from_on=row.starts_on).first()
        if stay or (is_new and active().reflection.confirmed):
            right = stay or StayRight(ground="reflection", from_on=row.starts_on, source="seen")
            right.until = row.last_day
            save_right(actor, case, right)
    return row


def save_complaint(actor: Actor, case: Case, row: Complaint, texts: Texts) -> Complaint:
    """Store a complaint that was sent to an independent receiver, or its answer. The clock becomes a task.

    An agency does not record complaints about itself: nobody judges their own conduct.
    """
    with audit.act(actor, "complaints.record", target=f"case:{case.pk}"):
        if row.about_id == case.agency_id:
            raise BadInput(
                Fault(
                    gettext_noop("a complaint about your own agency does not belong in its own records"),
                    gettext_noop("give the person the address of an independent receiver"),
                )
            )
        if row.receiver == row.about.kind:
            raise BadInput(
                Fault(
                    gettext_noop("the receiver is of the same kind as the agency that the complaint is about"),
                    gettext_noop("choose an independent receiver"),
                )
            )
        if bool(row.answered_on) != bool(row.outcome) or (row.answered_on and row.answered_on < row.sent_on):
            raise BadInput(
                Fault(
                    gettext_noop("an answer needs an outcome and a day after the complaint"),
                    gettext_noop("correct the answer"),
                )
            )
        store_record(actor, case, row, texts)
        _follow_complaint(actor, case, row)
    return row


def _follow_complaint(actor: Actor, case: Case, row: Complaint) -> None:
    source = f"complaint:{row.pk}"
    if row.answered_on:
        complete_reminder(actor, source)
        return
    due_on = active().due("complaint_answer", row.sent_on)
    add_reminder(actor, case, "answer_complaint", source, due_on)
    move_reminder(source, due_on)


def record_survey(actor: Actor, row: SurveyAnswer) -> SurveyAnswer:
    """Store the answers to the five questions. Neither the row nor the audit event names a case."""
    with audit.act(actor, "surveys.record", target=f"agency:{row.agency_id}"):
        authorization.require(actor, "cases.register", row.agency)
        check_codes(row)
        row.save(force_insert=True)
    return row
