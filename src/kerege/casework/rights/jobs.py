"""Scheduled jobs of the rights app."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils import timezone

from kerege.casework.rights import reminders
from kerege.core.authorization import Actor
from kerege.core.jobs.registry import Job, jobs


def plan_stay_tasks(now: datetime) -> None:
    """Create the tasks about rights to stay that are due soon."""
    reminders.plan(Actor.system("worker"), timezone.localdate(now))


jobs.add(Job("stays.plan", timedelta(hours=1), plan_stay_tasks, order=42))
