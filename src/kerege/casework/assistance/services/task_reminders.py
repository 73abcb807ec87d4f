"""Tasks that a date in the assistance of a person makes, each once; done when what it stands for is done."""

from __future__ import annotations

from datetime import date

from django.utils import timezone

from kerege.casework.cases.models.case import Case, Task
from kerege.casework.cases.services.tasks import add_tasks
from kerege.core.accounts.actors import agency_of
from kerege.core.authorization import Actor


def add_reminder(actor: Actor, case: Case, kind: str, source: str, due_on: date) -> None:
    """Have a task on the desk of whoever carries the case, at the agency that gives the help; once for each source."""
    if Task.objects.filter(source=source).exists():
        return
    own = actor.agency_id in {None, case.agency_id}
    agency, assignee = (case.agency, case.caseworker) if own else (agency_of(actor), None)
    add_tasks(actor, [Task(agency=agency, case=case, assignee=assignee, kind=kind, due_on=due_on, source=source)])


def complete_reminder(actor: Actor, source: str) -> None:
    """What the task stands for is done."""
    Task.objects.filter(source=source, done_at=None).update(done_at=timezone.now(), done_by=actor.label)


def move_reminder(source: str, due_on: date) -> None:
    """What the task stands for is due on another day."""
    Task.objects.filter(source=source, done_at=None).update(due_on=due_on)


def delete_reminder(source: str) -> None:
    """What the task stands for will not come to pass."""
    Task.objects.filter(source=source, done_at=None).delete()
