"""Pages on which the work of a task is recorded. Apps add theirs in `case_panels.py`."""

from __future__ import annotations

from django.urls import reverse

from kerege.base.registry import Entry, Registry
from kerege.casework.cases.models.case import Task
from kerege.core import authorization
from kerege.core.authorization import Actor

# kind of a task -> name of the page of its case
task_pages: Registry[Entry[str]] = Registry("pages of tasks")


def find_page(actor: Actor, task: Task) -> str:
    """Return the URL of the page of a task; "" without one, or when the actor may not change the case."""
    entry = task_pages.get(task.kind)
    if entry is None or task.case is None or not authorization.allows(actor, "cases.change", task.case):
        return ""
    return reverse(entry.value, args=[task.case_id])
