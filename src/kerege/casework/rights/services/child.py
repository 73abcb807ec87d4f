"""A child: guardian, best interests, doubt about the age."""

from __future__ import annotations

from datetime import date

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_noop

from kerege.base.errors import BadInput, Fault
from kerege.casework.assistance.services.task_reminders import (
    add_reminder,
    complete_reminder,
    delete_reminder,
    move_reminder,
)
from kerege.casework.cases.age_bands import list_child_bands
from kerege.casework.cases.models.case import Case, Task
from kerege.casework.rights.models.child import AgeDoubt, BestInterest, Guardian
from kerege.casework.rights.services.case_records import Texts, store_record
from kerege.core import audit
from kerege.core.authorization import Actor

INTERVIEW_PARTIES = {"psychologist", "lawyer"}
OTHER_METHODS = {"documents", "interview", "psychologist"}


def get_guardian_source(case: Case, since: date) -> str:
    """Return the source key of the task to find a guardian since a day on which nobody speaks."""
    return f"guardian:{case.pk}" if since == case.registered_on else f"guardian:{case.pk}:{since}"


def running_guardians(today: date) -> QuerySet[Guardian]:
    """Return the guardians of a day, of all cases."""
    return Guardian.objects.filter(Q(until=None) | Q(until__gte=today), from_on__lte=today)


def fit_guardians(today: date) -> QuerySet[Guardian]:
    """Return the guardians of a day who have no conflict of interest, of all cases."""
    return running_guardians(today).exclude(conflict="yes")


def presuming_doubts() -> QuerySet[AgeDoubt]:
    """Return the doubts for which a person counts as a child: open ones, and those decided so."""
    return AgeDoubt.objects.exclude(result="adult")


def has_fit_guardian(case: Case) -> bool:
    """Return whether a guardian without a conflict of interest speaks for the child today."""
    return fit_guardians(timezone.localdate()).filter(case=case).exists()


def has_only_unfit_guardians(case: Case) -> bool:
    """Return whether every recorded guardian of today has a conflict of interest."""
    return running_guardians(timezone.localdate()).filter(case=case).exists() and not has_fit_guardian(case)


def is_presumed_child(case: Case) -> bool:
    """Return whether the person counts as a child because their age is in doubt, or was decided so."""
    return presuming_doubts().filter(case=case).exists()


def is_child_by_code(case: Case) -> bool:
    """Return whether a case is about a child, by the coded age and by doubts about it."""
    return case.age_band in list_child_bands() or is_presumed_child(case)


def save_guardian(actor: Actor, case: Case, row: Guardian, texts: Texts) -> Guardian:
    """Store a guardian. One with a conflict of interest cannot consent to anything."""
    with audit.act(actor, "guardians.record", target=f"case:{case.pk}"):
        if row.conflict == "yes" and not row.conflict_ground:
            raise BadInput(Fault(gettext_noop("a conflict of interest needs its ground"), gettext_noop("choose one")))
        if row.conflict == "yes" and row.consented_to:
            raise BadInput(
                Fault(
                    gettext_noop("a guardian with a conflict of interest cannot consent"),
                    gettext_noop("remove the consents and find another guardian"),
                )
            )
        if row.until and row.until < row.from_on:
            raise BadInput(Fault(gettext_noop("the guardian ends before they begin"), gettext_noop("correct the days")))
        store_record(actor, case, row, texts)
        if has_fit_guardian(case):
            _complete_searches(actor, case)
    return row


def _complete_searches(actor: Actor, case: Case) -> None:
    """Complete the tasks to find a guardian: a guardian speaks for the child, or the person is no child."""
    for task in Task.objects.filter(case=case, source__startswith=f"guardian:{case.pk}", done_at=None):
        complete_reminder(actor, task.source)


def save_best_interest(actor: Actor, case: Case, row: BestInterest, texts: Texts) -> BestInterest:
    """Store an assessment of the best interests. The review becomes a task."""
    with audit.act(actor, "best_interests.record", target=f"case:{case.pk}"):
        is_interview = row.question == "interview" and row.answer == "serves"
        if is_interview and not INTERVIEW_PARTIES & set(row.took_part):
            raise BadInput(
                Fault(
                    gettext_noop("no interview of a child without a psychologist or a lawyer"),
                    gettext_noop("record who takes part"),
                )
            )
        if row.review_on and row.review_on <= row.decided_on:
            raise BadInput(Fault(gettext_noop("the review is not after the decision"), gettext_noop("correct the day")))
        store_record(actor, case, row, texts)
        _complete_reviews(actor, case, row)
        source = f"best_interest:{row.pk}"
        if row.review_on:
            add_reminder(actor, case, "review_interests", source, row.review_on)
            move_reminder(source, row.review_on)
        else:
            delete_reminder(source)
    return row


def _complete_reviews(actor: Actor, case: Case, row: BestInterest) -> None:
    """Complete the reviews of earlier assessments of the same question: this assessment is their review."""
    rows = BestInterest.objects.filter(case=case, question=row.question, decided_on__lt=row.decided_on)
    for earlier in rows.exclude(pk=row.pk):
        complete_reminder(actor, f"best_interest:{earlier.pk}")


def save_age_doubt(actor: Actor, case: Case, row: AgeDoubt, texts: Texts) -> AgeDoubt:
    """Store a doubt about the age. A medical examination needs a less intrusive method before it."""
    with audit.act(actor, "age_doubts.record", target=f"case:{case.pk}"):
        if "medical" in row.methods and not OTHER_METHODS & set(row.methods):
            raise BadInput(
                Fault(
                    gettext_noop("a medical examination is the last method"),
                    gettext_noop("use documents, an interview or the opinion of a psychologist first"),
                )
            )
        if bool(row.decided_on) != bool(row.result):
            raise BadInput(
                Fault(gettext_noop("a decision on the age needs a day and a result"), gettext_noop("enter both"))
            )
        if row.decided_on and row.decided_on < row.raised_on:
            raise BadInput(Fault(gettext_noop("the decision is before the doubt"), gettext_noop("correct the days")))
        store_record(actor, case, row, texts)
        if not is_child_by_code(case):
            _complete_searches(actor, case)
    return row
