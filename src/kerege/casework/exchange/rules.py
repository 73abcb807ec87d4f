"""Rules for imports, exports, snapshots and headline figures."""

from __future__ import annotations

from kerege.casework.cases.models.case import Case
from kerege.core.accounts.models import Agency
from kerege.core.authorization import Grant, Rule, everything, own_agency
from kerege.core.authorization.rules import rules

OPERATOR = "operator"
EXPORTERS = {"supervisor", "api:export"}

rules.add(
    Rule("exchange.import", None, [Grant({OPERATOR})]),
    Rule("exchange.import_own", Agency, [Grant({"api:records", "supervisor"}, own_agency("pk"))]),
    Rule("exchange.add_agencies", None, [Grant({OPERATOR})]),
    Rule(
        "exchange.export",
        Case,
        [Grant(EXPORTERS, own_agency("agency")), Grant({OPERATOR}, everything)],
    ),
    Rule("exchange.export_identities", Case, [Grant({OPERATOR}, everything)]),
    Rule("exchange.snapshot", None, [Grant({"analyst", OPERATOR})]),
    # exact counts, also small ones: for users inside the programme only
    Rule("figures.compute", None, [Grant({"analyst", "coordinator", OPERATOR})]),
)
