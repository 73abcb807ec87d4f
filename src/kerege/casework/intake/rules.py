"""Policy rules for signals: the sender sees the state, only the receiving agency reads the content."""

from __future__ import annotations

from kerege.casework.intake import identification_rules
from kerege.casework.intake.models import Signal
from kerege.core.accounts.models import Agency
from kerege.core.authorization import Grant, Rule, everything, own_agency
from kerege.core.authorization.rules import rules

SENDERS = {"first_responder", "caseworker", "supervisor", "identifying_officer", "justice_officer", "coordinator"}
RECEIVERS = {"caseworker", "supervisor", "identifying_officer", "coordinator"}


rules.add(
    Rule("signals.send", Agency, [Grant({*SENDERS, "api:signals"}, own_agency("pk")), Grant({"operator"}, everything)]),
    Rule("signals.follow", Signal, [Grant({*SENDERS, "api:signals"}, own_agency("from_agency"))]),
    Rule("signals.read", Signal, [Grant(RECEIVERS, own_agency("to_agency"))]),
    # references and urgency for the agency's own system; the content stays on the pages
    Rule("signals.inbox", Signal, [Grant({"api:inbox"}, own_agency("to_agency"))]),
    Rule("signals.answer", Signal, [Grant(RECEIVERS, own_agency("to_agency")), Grant({"operator"}, everything)]),
    *identification_rules.RULES,
)
