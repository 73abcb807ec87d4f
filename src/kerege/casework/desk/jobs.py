"""Scheduled job that creates reminder tasks."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils import timezone

from kerege.casework.desk import reminders
from kerege.core.authorization import Actor
from kerege.core.jobs.registry import Job, jobs


def plan(now: datetime) -> None:
    """Create the tasks of clocks that run out soon."""
    reminders.plan(Actor.system("worker"), timezone.localdate(now))


jobs.add(Job("tasks.plan", timedelta(hours=1), plan, order=20))
