"""Handover and transfer request panels on the home pages of supervisors and coordinators."""

from __future__ import annotations

from typing import Any

from kerege.casework.assistance.queries import handovers
from kerege.core.authorization import Actor
from kerege.web.dashboard import DashboardPanel, dashboard


def _build_supervisor_part(actor: Actor) -> dict[str, Any]:
    offers = handovers.count_waiting_offers(actor)
    return {"offers": offers, "requests": len(handovers.list_requests_to_answer(actor))}


def _build_coordinator_part(actor: Actor) -> dict[str, Any]:
    return {"requests": sum(row.status == "sent" for row in handovers.list_requests_for_coordinator(actor))}


dashboard.add(
    DashboardPanel("supervisor", "assistance/_home_handovers.html", _build_supervisor_part, order=55),
    DashboardPanel("coordinator", "assistance/_home_transfers.html", _build_coordinator_part, order=45),
)
