"""Tasks: created by hand or by a clock of the profile, changed, completed and reopened."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_noop

from kerege.base.errors import BadInput, Fault
from kerege.casework.cases.models.case import Task
from kerege.casework.cases.services.assignment import check_colleague
from kerege.casework.cases.services.code_checks import check_codes
from kerege.casework.cases.services.timeline_events import add_timeline_event
from kerege.casework.vault.models.identities import SealedText
from kerege.casework.vault.services.identities import new_key, save_text
from kerege.core import audit, authorization
from kerege.core.authorization import Actor
from kerege.core.security.keyring import keyring

CHANGEABLE = ("kind", "due_on", "assignee")


def add_tasks(actor: Actor, tasks: Sequence[Task]) -> list[Task]:
    """Store tasks in one act, for agencies where the actor may register cases."""
    with audit.act(actor, "cases.add_task") as event:
        for agency in {task.agency for task in tasks}:
            authorization.require(actor, "cases.register", agency)
        for task in tasks:
            check_codes(task)
            check_colleague(task.assignee, task.agency_id)
            task.created_at = timezone.now()
        event.note(tasks=len(tasks))
        return Task.objects.bulk_create(tasks)


def add_task(actor: Actor, task: Task, remark: str = "") -> Task:
    """Store one task with an encrypted remark."""
    with audit.act(actor, "cases.add_task"):
        authorization.require(actor, "cases.register", task.agency)
        task.remark = _encrypt_remark(task, remark)
        return add_tasks(actor, [task])[0]


def plan_tasks(actor: Actor, tasks: Sequence[Task]) -> int:
    """Store the tasks that clocks request; return how many are new.

    A task whose `source` is already stored is skipped.
    """
    known = set(Task.objects.filter(source__in=[task.source for task in tasks]).values_list("source", flat=True))
    new_tasks = [task for task in tasks if task.source not in known]
    if not new_tasks:
        return 0
    with audit.act(actor, "tasks.plan") as event:
        authorization.require(actor, "tasks.plan")
        for task in new_tasks:
            check_codes(task)
            task.created_at = timezone.now()
        # When two workers plan at once, the unique constraint on `source` discards the second task.
        Task.objects.bulk_create(new_tasks, ignore_conflicts=True, batch_size=1000)
        event.note(tasks=len(new_tasks))
    return len(new_tasks)


def change_task(actor: Actor, task: Task, values: dict[str, Any], remark: str | None = None) -> Task:
    """Change the kind, day, assignee or remark of a task; a remark of None leaves it as it is."""
    with audit.act(actor, "cases.change_task", target=f"task:{task.id}") as event:
        authorization.require(actor, "tasks.change", task)
        for name in CHANGEABLE:
            setattr(task, name, values.get(name, getattr(task, name)))
        check_codes(task)
        check_colleague(task.assignee, task.agency_id)
        before = task.remark
        if remark is not None:
            task.remark = _encrypt_remark(task, remark)
        task.save(update_fields=[*CHANGEABLE, "remark"])
        if before and before != task.remark:
            before.delete()
        event.note(assignee=str(task.assignee_id or ""), due_on=task.due_on.isoformat())
    return task


def finish_task(actor: Actor, task: Task) -> Task:
    """Mark a task as done; a second call changes nothing."""
    with audit.act(actor, "cases.finish_task", target=f"task:{task.id}"):
        authorization.require(actor, "tasks.change", task)
        if Task.objects.filter(pk=task.pk, done_at=None).update(done_at=timezone.now(), done_by=actor.label):
            _record_event(actor, task, "task_done")
    task.refresh_from_db(fields=["done_at", "done_by"])
    return task


def reopen_task(actor: Actor, task: Task) -> Task:
    """Reopen a task that was marked as done. Raises BadInput when it is open."""
    with audit.act(actor, "cases.reopen_task", target=f"task:{task.id}"):
        authorization.require(actor, "tasks.change", task)
        if not Task.objects.filter(pk=task.pk, done_at__isnull=False).update(done_at=None, done_by=""):
            raise BadInput(Fault(gettext_noop("this task is open already"), gettext_noop("reload the page")))
        _record_event(actor, task, "task_reopened")
    task.refresh_from_db(fields=["done_at", "done_by"])
    return task


def _record_event(actor: Actor, task: Task, kind: str) -> None:
    """Add an event to the timeline of the task's case, if it has one."""
    if task.case:
        add_timeline_event(actor, task.case, timezone.localdate(), kind, task=task.kind)


def _encrypt_remark(task: Task, remark: str) -> SealedText | None:
    """Encrypt a remark under the key of the person; a task without a case gets a key of its own."""
    if not remark.strip():
        return None
    if task.case:
        return save_text(task.case.record.data_key, remark)
    row, _plain = new_key(keyring().current("kek"))
    row.save()
    return save_text(row, remark)
