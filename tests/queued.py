"""Queued tasks, run as the worker runs them, inside the transaction of a test."""

from __future__ import annotations

from django_tasks_db.models import DBTaskResult

from kerege.core.jobs import requests


def run_queued_tasks() -> None:
    """Run the queued tasks in their order and remove them."""
    for row in DBTaskResult.objects.order_by("enqueued_at"):
        arguments = row.args_kwargs["args"]
        row.delete()
        requests.run.call(*arguments)
