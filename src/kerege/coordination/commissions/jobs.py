"""Scheduled jobs of commissions."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils import timezone

from kerege.base.registry import Entry
from kerege.coordination.commissions import reminders
from kerege.coordination.reminders import CHAIR, send
from kerege.core.accounts.message_queue import message_kinds
from kerege.core.accounts.models import OutgoingMessage
from kerege.core.jobs.registry import Job, jobs


def remind_bodies(now: datetime) -> None:
    """Remind bodies of the decisions that they carry out, and chairs of those that are late."""
    reminders.remind(timezone.localdate(now))


def send_reminder(message: OutgoingMessage) -> None:
    """Send a reminder of a decision; the chair is led to the commissions."""
    send(message, "commissions:list" if message.object_id.endswith(CHAIR) else "commissions:own")


message_kinds.add(Entry(reminders.KIND, send_reminder))
jobs.add(Job("commissions.remind", timedelta(days=1), remind_bodies, order=93))
