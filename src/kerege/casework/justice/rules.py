"""Crimes belong to the justice officers of their agency; service providers cannot see that one exists."""

from __future__ import annotations

from kerege.casework.justice.models import Crime
from kerege.core.access import Grant, Rule, everything, own_agency
from kerege.core.accounts.models import Agency

RULES = [
    Rule("crimes.record", Agency, [Grant({"justice_officer"}, own_agency("pk")), Grant({"operator"}, everything)]),
    Rule("crimes.view", Crime, [Grant({"justice_officer"}, own_agency("agency")), Grant({"operator"}, everything)]),
    Rule("crimes.change", Crime, [Grant({"justice_officer"}, own_agency("agency")), Grant({"operator"}, everything)]),
]
