"""How many pairs wait for a reviewer, on her home page."""

from __future__ import annotations

from typing import Any

from kerege.casework.persons.queries.review_queue import waiting
from kerege.core.authorization import Actor
from kerege.web.dashboard import Part, dashboard

# whoever has several of these roles finds the number once
FIRST = ("supervisor", "coordinator", "caseworker")


def _part(role: str, order: int) -> Part:
    def read(actor: Actor) -> dict[str, Any]:
        first = next((known for known in FIRST if known in actor.roles), "")
        return {"waiting": waiting(actor) if role == first else 0}

    return Part(role, "persons/_home.html", read, order)


dashboard.add(_part("caseworker", 15), _part("supervisor", 19), _part("coordinator", 49))
