"""Home page section of the people who confirm facts: requests that wait for a second person."""

from __future__ import annotations

from kerege.core import authorization
from kerege.core.accounts.models import FactConfirmation, FactCorrection
from kerege.core.authorization import Actor
from kerege.web.dashboard import DashboardPanel, dashboard


def _read(actor: Actor) -> dict[str, object]:
    waiting = authorization.scope(actor, FactConfirmation, action="facts.confirm").filter(outcome="")
    corrections = authorization.scope(actor, FactCorrection, action="facts.correct").filter(outcome="")
    return {
        "facts": waiting.exclude(asked_by=actor.label).count(),
        "corrections": corrections.exclude(asked_by=actor.label).count(),
    }


dashboard.add(
    DashboardPanel("administrator", "accounts/_home_facts.html", _read, order=85),
    DashboardPanel("coordinator", "accounts/_home_facts.html", _read, order=85),
)
