"""Scheduled jobs of the plan of measures."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial

from django.utils import timezone

from kerege.base.registry import Entry
from kerege.coordination.measures import reminders
from kerege.coordination.reminders import send
from kerege.core.accounts.message_queue import message_kinds
from kerege.core.jobs.registry import Job, jobs


def remind_bodies(now: datetime) -> None:
    """Remind bodies of the reports that they owe."""
    reminders.remind(timezone.localdate(now))


message_kinds.add(Entry(reminders.KIND, partial(send, page="measures:own")))
jobs.add(Job("measures.remind", timedelta(days=1), remind_bodies, order=92))
