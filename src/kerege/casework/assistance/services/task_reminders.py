"""Tasks for due dates in assistance: one task for each source key."""

from __future__ import annotations

from datetime import date

from django.utils import timezone

from kerege.casework.cases.models.case import Case, Task
from kerege.casework.cases.services.tasks import add_tasks
from kerege.core.accounts.actors import agency_of
from kerege.core.authorization import Actor


def add_reminder(actor: Actor, case: Case, kind: str, source: str, due_on: date) -> None:
    """Add a task for the caseworker, or for the actor's agency on a shared case; once for each source."""
    if Task.objects.filter(source=source).exists():
        return
    own = actor.agency_id in {None, case.agency_id}
    agency, assignee = (case.agency, case.caseworker) if own else (agency_of(actor), None)
    add_tasks(actor, [Task(agency=agency, case=case, assignee=assignee, kind=kind, due_on=due_on, source=source)])


def complete_reminder(actor: Actor, source: str) -> None:
    """Mark the open tasks of a source as done."""
    Task.objects.filter(source=source, done_at=None).update(done_at=timezone.now(), done_by=actor.label)


def move_reminder(source: str, due_on: date) -> None:
    """Move the open tasks of a source to another day."""
    Task.objects.filter(source=source, done_at=None).update(due_on=due_on)


def delete_reminder(source: str) -> None:
    """Delete the open tasks of a source."""
    Task.objects.filter(source=source, done_at=None).delete()
