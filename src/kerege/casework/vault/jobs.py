"""Removes old drafts and forgotten uploads, and completes the log of erasures."""

from __future__ import annotations

from datetime import datetime, timedelta

from kerege.casework.vault.services import drafts, erasure_log, files
from kerege.core.jobs.registry import Job, jobs


def purge_drafts(now: datetime) -> None:
    """Drafts that nobody came back for are removed."""
    drafts.purge(now)


def log_erasures(now: datetime) -> None:
    """A line that a crash kept out of the log of erasures is written now."""
    erasure_log.write()


jobs.add(
    Job("drafts.purge", timedelta(hours=1), purge_drafts, order=60),
    Job("uploads.sweep", timedelta(hours=1), files.sweep, order=61),
    Job("erasures.log", timedelta(days=1), log_erasures, order=62),
)
