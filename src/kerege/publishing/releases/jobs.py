"""Background jobs of releases: check a draft, finish an interrupted signing, record a publication."""

from __future__ import annotations

from datetime import datetime, timedelta

from kerege.base.registry import Entry
from kerege.core.jobs.registry import Job, jobs
from kerege.core.jobs.requests import queued_work
from kerege.publishing.releases import ledger_losses


def check(pk: int, number: int) -> None:
    """Run check `number` of the release with key `pk`: count, protect and assess."""
    # Models can be imported only after the apps are loaded.
    from kerege.publishing.releases.services.check import check

    check(pk, number)


def settle(now: datetime) -> None:
    """Finish interrupted signings, then record each release whose embargo has ended as published."""
    from kerege.publishing.releases.services import approve

    approve.finish_interrupted_signings(now)
    approve.record_publications(now)


def record_losses(now: datetime) -> None:
    """Record what two people gave up in the privacy ledger."""
    ledger_losses.record_losses()


jobs.add(Job("ledger.record_losses", timedelta(minutes=1), record_losses, order=11))
jobs.add(Job("releases.settle", timedelta(minutes=1), settle, order=10))
queued_work.add(Entry("releases.check", check))
