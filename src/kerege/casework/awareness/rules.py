"""Campaigns are recorded by whoever runs them; hotline contacts by the hotline."""

from __future__ import annotations

from kerege.core.access import Grant, Rule, everything, own_agency
from kerege.core.accounts.models import Agency

WRITERS = {"coordinator", "supervisor", "caseworker"}


RULES = [
    Rule("campaigns.record", Agency, [Grant(WRITERS, own_agency("pk")), Grant({"operator"}, everything)]),
    Rule(
        "contacts.record",
        Agency,
        [Grant({"first_responder", "supervisor"}, own_agency("pk")), Grant({"operator"}, everything)],
    ),
]
