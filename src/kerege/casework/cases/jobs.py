"""Scheduled jobs of the app cases."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings

from kerege.base.registry import Entry
from kerege.casework.cases.services.attachments import destroy_removed
from kerege.casework.cases.services.notifications import SEND, queue_stored_notice, send_notice
from kerege.casework.cases.services.retention import run_approved
from kerege.core.accounts.message_queue import message_kinds
from kerege.core.authorization import Actor
from kerege.core.jobs.registry import Job, jobs
from kerege.core.jobs.requests import queued_work


def destroy_removed_files(now: datetime) -> None:
    """Destroy files that were removed long enough ago and are under no hold."""
    destroy_removed(Actor.system("schedule"), now.date())


def run_scheduled_disposals(now: datetime) -> None:
    """Run approved disposals, if the setting RETENTION_RUNS allows the schedule to do so."""
    if settings.RETENTION_RUNS:
        run_approved(Actor.system("schedule"), now.date())


queued_work.add(Entry(SEND, queue_stored_notice))
message_kinds.add(Entry(SEND, send_notice))
jobs.add(
    Job("files.destroy", timedelta(days=1), destroy_removed_files, order=50),
    Job("retention.run", timedelta(days=1), run_scheduled_disposals, order=51),
)
