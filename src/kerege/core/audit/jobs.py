"""Scheduled jobs of the audit app."""

from __future__ import annotations

from datetime import datetime, timedelta

from kerege.base.registry import Entry
from kerege.core.audit import daily_root, forwarding, log_delivery, search
from kerege.core.jobs.registry import Job, jobs, local_work


def verify_daily(now: datetime) -> None:
    """Verify the whole chain and keep the result for the auditor's page."""
    search.check(now)


local_work.add(Entry("logs.forward", log_delivery.ship_waiting))
jobs.add(
    Job("audit.forward", timedelta(seconds=5), forwarding.forward_waiting, order=79),
    Job("audit.root", timedelta(days=1), daily_root.write, order=80),
    Job("audit.verify", timedelta(days=1), verify_daily, order=81),
)
