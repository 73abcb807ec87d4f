"""Scheduled jobs of the cases room."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings

from kerege.casework.cases.services.attachments import destroy_removed
from kerege.casework.cases.services.retention import run_approved
from kerege.core.authorization import Actor
from kerege.core.jobs.registry import Job, jobs


def destroy_removed_files(now: datetime) -> None:
    """Files that were removed long enough ago, and that nothing keeps."""
    destroy_removed(Actor.system("schedule"), now.date())


def remove_what_is_approved(now: datetime) -> None:
    """What a coordinator approved goes by the schedule only where the operator switched that on."""
    if settings.RETENTION_RUNS:
        run_approved(Actor.system("schedule"), now.date())


jobs.add(
    Job("files.destroy", timedelta(days=1), destroy_removed_files, order=50),
    Job("retention.run", timedelta(days=1), remove_what_is_approved, order=51),
)
