"""Scheduler of the recurring jobs."""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog
from django.db.models import Q
from django.utils import timezone

from kerege.base.steady_clock import CLOCK
from kerege.core.jobs.registry import Job, jobs

RETRY = timedelta(hours=1)
log = structlog.get_logger("kerege.jobs")


def run_due(now: datetime | None = None) -> list[str]:
    """Run every due job that no other worker has claimed; return the names of those that succeeded."""
    now = now or CLOCK.now(timezone.now())
    return [job.name for job in jobs.all() if _claim(job, now) and _run(job, now)]


def _claim(job: Job, now: datetime) -> bool:
    # imported late: models can be imported only after the apps are loaded
    from kerege.core.jobs.models import Schedule

    Schedule.objects.get_or_create(name=job.name, defaults={"due_at": now})
    # the condition in the UPDATE claims the run: of two workers only one finds the row still due. The job is due again
    # soon, and a period later only after it succeeded: a run that failed or was killed is not lost until then
    again = now + min(job.period, RETRY)
    # a run that is due later than one period from now was planned before the clock was set back
    is_due = Q(due_at__lte=now) | Q(due_at__gt=now + max(job.period, RETRY))
    return bool(Schedule.objects.filter(is_due, name=job.name).update(due_at=again, last_at=now))


def _run(job: Job, now: datetime) -> bool:
    from kerege.core.jobs.models import Schedule

    try:
        job.work(now)
        outcome = "done"
    except Exception as error:  # one job must not stop the others; the message may hold data, so only the class is kept
        outcome = type(error).__name__
        log.error("job failed", job=job.name, error=outcome)
    due = {"due_at": now + job.period} if outcome == "done" else {}
    Schedule.objects.filter(name=job.name).update(last_outcome=outcome, **due)
    return outcome == "done"
