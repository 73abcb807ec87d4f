"""One-time tasks, requested by name.

One app requests, another app does the work, neither imports the other.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django_tasks import task

from kerege.base.registry import Entry, Registry

Work = Callable[..., None]
# each app adds its tasks in its `jobs.py`
queued_work: Registry[Entry[Work]] = Registry("tasks")
# a running worker starts a scheduled job every minute, but a busy one can be late
SEEN = timedelta(minutes=3)


def ask(name: str, *ids: Any) -> None:
    """Queue a task; its arguments are ids, codes and numbers only. A worker starts it within seconds."""
    if name not in queued_work:
        raise LookupError(f"nothing declares the task {name!r}")
    run.enqueue(name, list(ids))


def do(name: str, *ids: Any) -> None:
    """Run a task at once, in this process."""
    work = queued_work.get(name)
    if work is None:
        raise LookupError(f"nothing declares the task {name!r}")
    work.value(*ids)


@task()
def run(name: str, ids: list[Any]) -> None:
    """Run a queued task; the worker calls this."""
    do(name, *ids)


def worker_is_there(now: datetime) -> bool:
    """Return whether a worker ran a scheduled job in the last three minutes."""
    from kerege.core.jobs.models import Schedule

    return Schedule.objects.filter(last_at__gte=now - SEEN).exists()
