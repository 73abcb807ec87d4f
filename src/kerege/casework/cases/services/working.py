"""Notes, tasks and who carries a case."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils import timezone
from django.utils.translation import gettext_noop

from kerege.casework.cases.models import Case, Note, Task
from kerege.casework.cases.services.checking import check_codes
from kerege.casework.cases.services.telling import tell
from kerege.casework.vault.services import save_text
from kerege.core import access, audit
from kerege.core.access import Actor
from kerege.core.accounts.models import User
from kerege.standard.faults import BadInput, Fault


def add_note(actor: Actor, case: Case, text: str) -> Note:
    """Seal and store a note."""
    with audit.act(actor, "cases.add_note", target=f"case:{case.id}"):
        access.require(actor, "cases.change", case)
        sealed = save_text(case.record.data_key, text)
        author = {"agency_id": actor.agency_id or case.agency_id, "created_by": actor.label}
        note = Note.objects.create(case=case, text=sealed, created_at=timezone.now(), **author)
        tell(actor, case, timezone.localdate(), "note")
    return note


def add_tasks(actor: Actor, tasks: Sequence[Task]) -> list[Task]:
    """Store tasks in one act; every task belongs to the agency of its case."""
    with audit.act(actor, "cases.add_task") as event:
        for agency in {task.agency for task in tasks}:
            access.require(actor, "cases.register", agency)
        for task in tasks:
            check_codes(task)
            task.created_at = timezone.now()
        event.note(tasks=len(tasks))
        return Task.objects.bulk_create(tasks)


def finish_task(actor: Actor, task: Task) -> Task:
    """Mark a task as done."""
    with audit.act(actor, "cases.finish_task", target=f"task:{task.id}"):
        access.require(actor, "tasks.change", task)
        task.done_at, task.done_by = timezone.now(), actor.label
        task.save(update_fields=["done_at", "done_by"])
        if task.case:
            tell(actor, task.case, timezone.localdate(), "task_done", task=task.kind)
    return task


def assign(actor: Actor, case: Case, user: User | None) -> Case:
    """Give a case to a caseworker of the owning agency."""
    with audit.act(actor, "cases.assign", target=f"case:{case.id}") as event:
        access.require(actor, "cases.change", case)
        if user and not user.assignments.filter(agency=case.agency_id).exists():
            raise BadInput(
                Fault(
                    gettext_noop("this person does not work at the agency that owns the case"),
                    gettext_noop("choose a colleague"),
                )
            )
        case.caseworker = user
        case.version += 1
        case.save(update_fields=["caseworker", "version"])
        event.note(user=str(user.id) if user else None)
    return case
