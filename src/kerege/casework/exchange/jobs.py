"""Queued work of the exchange that other apps request by name."""

from __future__ import annotations

from kerege.base.registry import Entry
from kerege.core.authorization import Actor
from kerege.core.jobs.requests import queued_work


def freeze() -> None:
    """Write a snapshot of every unit of the register."""
    # imported here, since models need loaded apps
    from kerege.casework.exchange.snapshots import freeze as snapshots_freeze

    snapshots_freeze.write_snapshots(Actor.system("freeze"))


queued_work.add(Entry("register.freeze", freeze))
