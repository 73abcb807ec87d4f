"""Work of the exchange that other rooms ask for by name."""

from __future__ import annotations

from kerege.core.access import Actor
from kerege.core.jobs.queue import queued_work
from kerege.standard.registry import Entry


def freeze() -> None:
    """Freeze every unit of the register as it is now, for whoever composes releases."""
    # models can be imported only when the apps are loaded
    from kerege.casework.exchange import snapshots

    snapshots.freeze(Actor.system("freeze"))


queued_work.add(Entry("register.freeze", freeze))
