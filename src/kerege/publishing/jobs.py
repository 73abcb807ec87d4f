"""What the worker does for releases: check a draft, finish a signing, write down what has become public."""

from __future__ import annotations

from datetime import datetime, timedelta

from kerege.core.jobs.queue import queued_work
from kerege.core.jobs.registry import Job, jobs
from kerege.standard.registry import Entry


def check(pk: int, number: int) -> None:
    """Count, protect and attack a draft."""
    # models can be imported only when the apps are loaded
    from kerege.publishing.services import check

    check(pk, number)


def settle(now: datetime) -> None:
    """Interrupted signings are finished; releases whose hour has come are written down as published."""
    from kerege.publishing import services

    services.sign_what_is_approved(now)
    services.settle(now)


jobs.add(Job("releases.settle", timedelta(minutes=1), settle, order=10))
queued_work.add(Entry("releases.check", check))
