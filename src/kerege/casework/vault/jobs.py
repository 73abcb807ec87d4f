"""Scheduled jobs of the vault: remove old drafts and orphaned files, complete the erasure log."""

from __future__ import annotations

from datetime import datetime, timedelta

from kerege.casework.vault.services import drafts, erasure_log, files
from kerege.core.jobs.registry import Job, jobs


def purge_drafts(now: datetime) -> None:
    """Remove drafts past their retention time."""
    drafts.purge(now)


def log_erasures(now: datetime) -> None:
    """Append the lines that a crash kept out of the erasure log."""
    erasure_log.write()


jobs.add(
    Job("drafts.purge", timedelta(hours=1), purge_drafts, order=60),
    Job("uploads.sweep", timedelta(hours=1), files.sweep, order=61),
    Job("erasures.log", timedelta(days=1), log_erasures, order=62),
)
