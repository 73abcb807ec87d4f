"""Who may see and change a case: the agency that owns it; others only what is shared with them."""

from __future__ import annotations

from django.db.models import Q
from django.utils import timezone

from kerege.casework.cases.models import Case, Task
from kerege.core.access import Actor, Grant, Rule, everything, own_agency
from kerege.core.accounts.models import Agency

CASEWORK = {"caseworker", "supervisor", "identifying_officer"}


def owned_or_shared(actor: Actor) -> Q:
    """Cases of the actor's agency, and those shared with it now."""
    running = Q(shares__to_at=None) | Q(shares__to_at__gt=timezone.now())
    return Q(agency=actor.agency_id) | Q(shares__agency=actor.agency_id) & running


RULES = [
    Rule("cases.view", Case, [Grant(CASEWORK, owned_or_shared), Grant({"operator"}, everything)]),
    Rule(
        "cases.change",
        Case,
        [Grant({"caseworker", "supervisor"}, own_agency("agency")), Grant({"operator"}, everything)],
    ),
    Rule(
        "cases.share",
        Case,
        [Grant({"caseworker", "supervisor"}, own_agency("agency")), Grant({"operator"}, everything)],
    ),
    Rule("cases.decide", Case, [Grant({"identifying_officer"}, owned_or_shared), Grant({"operator"}, everything)]),
    Rule("cases.decide_many", None, [Grant({"operator"}, everything)]),
    Rule("cases.register", Agency, [Grant(CASEWORK, own_agency("pk")), Grant({"operator"}, everything)]),
    Rule("tasks.view", Task, [Grant(CASEWORK, own_agency("agency"))]),
    Rule("tasks.change", Task, [Grant(CASEWORK, own_agency("agency")), Grant({"operator"}, everything)]),
]
