"""Work that is asked for once, by its name: a room asks, another one may do it, neither imports the other."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django_tasks import task

from kerege.base.registry import Entry, Registry

Work = Callable[..., None]
# each room adds in its `jobs.py` what can be asked of it
queued_work: Registry[Entry[Work]] = Registry("tasks")
# a worker that lives runs something of the schedule every minute; one that is busy may be late
SEEN = timedelta(minutes=3)


def ask(name: str, *ids: Any) -> None:
    """Put work into the queue, with ids, codes and numbers only; a worker takes it up within seconds."""
    if name not in queued_work:
        raise LookupError(f"nothing declares the task {name!r}")
    run.enqueue(name, list(ids))


def do(name: str, *ids: Any) -> None:
    """Do the same work here and now."""
    work = queued_work.get(name)
    if work is None:
        raise LookupError(f"nothing declares the task {name!r}")
    work.value(*ids)


@task()
def run(name: str, ids: list[Any]) -> None:
    """What the worker calls."""
    do(name, *ids)


def worker_is_there(now: datetime) -> bool:
    """Whether a worker ran anything of the schedule in the last minutes."""
    from kerege.core.jobs.models import Schedule

    return Schedule.objects.filter(last_at__gte=now - SEEN).exists()
