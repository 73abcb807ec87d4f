"""Scheduled jobs of the vault: their periods and their order."""

from __future__ import annotations

from datetime import timedelta

from kerege.core.jobs.registry import jobs


def test_drafts_and_orphans_are_removed_each_hour_and_the_log_is_completed_each_day() -> None:
    """Drafts go first: the files and the log follow from what is left."""
    vault = [job for job in jobs.all() if job.name in {"drafts.purge", "uploads.sweep", "erasures.log"}]
    assert [(job.name, job.period) for job in sorted(vault, key=lambda job: job.order)] == [
        ("drafts.purge", timedelta(hours=1)),
        ("uploads.sweep", timedelta(hours=1)),
        ("erasures.log", timedelta(days=1)),
    ]
    assert len({job.order for job in vault}) == 3
