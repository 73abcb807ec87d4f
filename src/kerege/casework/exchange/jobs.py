"""Work of the exchange that other rooms ask for by name."""

from __future__ import annotations

from kerege.base.registry import Entry
from kerege.core.authorization import Actor
from kerege.core.jobs.requests import queued_work


def freeze() -> None:
    """Freeze every unit of the register as it is now, for whoever composes releases."""
    # models can be imported only when the apps are loaded
    from kerege.casework.exchange.snapshots import freeze as snapshots_freeze

    snapshots_freeze.write_snapshots(Actor.system("freeze"))


queued_work.add(Entry("register.freeze", freeze))
