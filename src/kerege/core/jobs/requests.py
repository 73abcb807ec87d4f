"""One-time tasks, requested by name.

One app requests, another app does the work, neither imports the other.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

from django_tasks import task

from kerege.base.registry import Entry, Registry
from kerege.core.authorization.actor import Actor

Work = Callable[..., None]
# each app adds its tasks in its `jobs.py`
queued_work: Registry[Entry[Work]] = Registry("tasks")
# adds the check of the rights of a user who asked; raises Denied
originator_checks: Registry[Entry[Callable[[str, str, Sequence[object]], None]]] = Registry("originator checks")
# a running worker starts a scheduled job every minute, but a busy one can be late
SEEN = timedelta(minutes=3)


def ask(name: str, *ids: Any, asked_by: Actor | None = None, action: str = "") -> None:
    """Queue a task; its arguments are ids, codes and numbers only. A worker starts it within seconds.

    For a task that a user asks for, name the user and the action: the worker requires the right again.
    """
    if name not in queued_work:
        raise LookupError(f"nothing declares the task {name!r}")
    originator = asked_by.reference if asked_by else ""
    run.enqueue(name, list(ids), *([originator, action] if originator else []))


def do(name: str, *ids: Any) -> None:
    """Run a task at once, in this process."""
    work = queued_work.get(name)
    if work is None:
        raise LookupError(f"nothing declares the task {name!r}")
    work.value(*ids)


@task()
def run(name: str, ids: list[Any], originator: str = "", action: str = "") -> None:
    """Run a queued task, if the user who asked for it may still ask; the worker calls this."""
    if originator:
        for check in originator_checks.all():
            check.value(originator, action, ids)
    do(name, *ids)


def worker_is_there(now: datetime) -> bool:
    """Return whether a worker ran a scheduled job in the last three minutes."""
    from kerege.core.jobs.models import Schedule

    return Schedule.objects.filter(last_at__gte=now - SEEN).exists()
