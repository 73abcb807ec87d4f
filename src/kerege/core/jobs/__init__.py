"""Background work: a task queue, and a schedule of recurring jobs.

Recurring jobs are deadlines, escalation, expiry and retention.
"""

from __future__ import annotations

from kerege.core.jobs.registry import Job, jobs
from kerege.core.jobs.scheduler import run_due

__all__ = ["Job", "jobs", "run_due"]
