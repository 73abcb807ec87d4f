"""Reminder tasks that the clocks of the profile request, each once: assess needs, request a decision."""

from __future__ import annotations

from datetime import date, timedelta

from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from kerege.casework.assistance.models.needs import Assessment
from kerege.casework.cases.models.case import Case, Task
from kerege.casework.cases.queries.decisions import formal_decisions
from kerege.casework.cases.services.tasks import plan_tasks
from kerege.casework.intake.models import DecisionRequest
from kerege.core.authorization import Actor
from kerege.vocabulary.profile import active

# older cases are on the data-quality list instead, so that an import does not create many tasks
YOUNG = timedelta(days=60)
AHEAD = timedelta(days=7)


def plan(actor: Actor, today: date) -> int:
    """Create the tasks that are due within a week, and complete those whose work is done.

    Returns how many are new.
    """
    _complete_done_tasks(actor)
    return plan_tasks(actor, [*_needs_tasks(today), *_decision_tasks(today)])


def _recent_open_cases(today: date) -> QuerySet[Case]:
    return Case.objects.filter(status="open", registered_on__gte=today - YOUNG).select_related("agency", "caseworker")


def _needs_tasks(today: date) -> list[Task]:
    done = Assessment.objects.filter(case=OuterRef("pk"))
    cases = _recent_open_cases(today).filter(~Exists(done))
    return _build_tasks(cases, "assess_needs", "needs", "first_needs_assessment", today)


def _decision_tasks(today: date) -> list[Task]:
    formal = formal_decisions().filter(case=OuterRef("pk"))
    requested = DecisionRequest.objects.filter(case=OuterRef("pk"), withdrawn_at=None)
    cases = _recent_open_cases(today).filter(~Exists(formal), ~Exists(requested), social_status="presumed")
    return _build_tasks(cases, "request_decision", "decision", "identification_decision", today)


def _build_tasks(cases: QuerySet[Case], kind: str, source: str, clock: str, today: date) -> list[Task]:
    due = {case: active().due(clock, case.registered_on) for case in cases}
    return [
        Task(
            agency=case.agency, case=case, assignee=case.caseworker, kind=kind, due_on=day, source=f"{source}:{case.pk}"
        )
        for case, day in due.items()
        if day <= today + AHEAD
    ]


def _complete_done_tasks(actor: Actor) -> None:
    """Complete clock tasks whose assessment, decision or request exists."""
    waiting = Task.objects.filter(done_at=None)
    assessed = waiting.filter(source__startswith="needs:", case__in=Assessment.objects.values("case"))
    formal = formal_decisions().values("case")
    requested = DecisionRequest.objects.filter(withdrawn_at=None).values("case")
    decided = waiting.filter(source__startswith="decision:")
    done = {"done_at": timezone.now(), "done_by": actor.label}
    assessed.update(**done)
    (decided.filter(case__in=formal) | decided.filter(case__in=requested)).update(**done)
