"""What handovers and transfer requests put on the home pages of supervisors and coordinators."""

from __future__ import annotations

from typing import Any

from kerege.casework.assistance.queries import handovers
from kerege.core.authorization import Actor
from kerege.web.dashboard import Part, dashboard


def _supervisor(actor: Actor) -> dict[str, Any]:
    offers = handovers.waiting_offers(actor)
    return {"offers": offers, "requests": len(handovers.requests_to_answer(actor))}


def _coordinator(actor: Actor) -> dict[str, Any]:
    return {"requests": sum(row.status == "sent" for row in handovers.requests_for_coordinator(actor))}


dashboard.add(
    Part("supervisor", "assistance/_home_handovers.html", _supervisor, order=55),
    Part("coordinator", "assistance/_home_transfers.html", _coordinator, order=45),
)
