"""What comes round at the desks."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone

from kerege.casework.desk import reminders
from kerege.core.access import Actor
from kerege.core.jobs.registry import every


@every("tasks.plan", hours=1)
def plan(now: datetime) -> None:
    """Clocks that run out become tasks."""
    reminders.plan(Actor.system("worker"), timezone.localdate(now))
