"""Home-page part: the number of pairs that wait for the reviewer."""

from __future__ import annotations

from typing import Any

from kerege.casework.persons.queries.review_queue import count_waiting
from kerege.core.authorization import Actor
from kerege.web.dashboard import DashboardPanel, dashboard

# a user with several of these roles sees the number once, in the part of the first
FIRST = ("supervisor", "coordinator", "caseworker")


def _waiting_part(role: str, order: int) -> DashboardPanel:
    """Return the home-page part of a role."""

    def read(actor: Actor) -> dict[str, Any]:
        first_role = next((candidate_role for candidate_role in FIRST if candidate_role in actor.roles), "")
        return {"waiting": count_waiting(actor) if role == first_role else 0}

    return DashboardPanel(role, "persons/_home.html", read, order)


dashboard.add(_waiting_part("caseworker", 15), _waiting_part("supervisor", 19), _waiting_part("coordinator", 49))
