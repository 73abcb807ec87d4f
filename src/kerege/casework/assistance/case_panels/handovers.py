"""The handovers panel on the page of a case."""

from __future__ import annotations

from kerege.casework.cases.models.case import Case
from kerege.core import authorization
from kerege.core.authorization import Actor


def build_handovers_panel(actor: Actor, case: Case) -> dict[str, object]:
    """Return the five newest handovers of the case, and whether the actor may offer it."""
    rows = case.handovers.select_related("from_agency", "to_agency").order_by("-offered_at", "pk")
    return {"handovers": list(rows[:5]), "may_hand_over": authorization.allows(actor, "handovers.offer", case)}
