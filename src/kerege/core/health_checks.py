"""Health check of the task queue: no row may hold a task path of an older version."""

from __future__ import annotations

from django_tasks_db.models import DBTaskResult

from kerege.base.registry import Entry
from kerege.core.health import Check, health_checks
from kerege.core.jobs.requests import run


def queued_work() -> Check:
    """Warn while queue rows hold an old task path: the next version does not run them."""
    waiting = DBTaskResult.objects.filter(status="READY")
    if old := waiting.exclude(task_path=run.module_path).count():
        words = f"{old} rows were written by an older version: run kerege worker before the next upgrade"
        return Check("queued work", "warn", words)
    return Check("queued work", "ok", f"{waiting.count()} waiting")


health_checks.add(Entry("queued work", queued_work))
