"""Authorization rules of campaigns and hotline contacts. Coordinators read all campaigns."""

from __future__ import annotations

from kerege.casework.awareness.models import Campaign, HotlineContact
from kerege.core.accounts.models import Agency
from kerege.core.authorization import Grant, Rule, everything, own_agency
from kerege.core.authorization.rules import rules

WRITERS = {"coordinator", "supervisor", "caseworker"}
HOTLINE = {"first_responder", "supervisor"}


rules.add(
    Rule("campaigns.record", Agency, [Grant(WRITERS, own_agency("pk")), Grant({"operator"}, everything)]),
    Rule(
        "campaigns.list",
        Campaign,
        [Grant(WRITERS, own_agency("agency")), Grant({"coordinator", "analyst", "publisher"}, everything)],
    ),
    Rule("campaigns.change", Campaign, [Grant(WRITERS, own_agency("agency")), Grant({"operator"}, everything)]),
    Rule("contacts.record", Agency, [Grant(HOTLINE, own_agency("pk")), Grant({"operator"}, everything)]),
    Rule("contacts.list", HotlineContact, [Grant(HOTLINE, own_agency("agency"))]),
    Rule("contacts.count", HotlineContact, [Grant(WRITERS | {"analyst", "publisher"}, everything)]),
)
