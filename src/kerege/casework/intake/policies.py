"""Row-level security of signals, screenings and requests for a decision."""

from __future__ import annotations

from kerege.casework.cases.models.case import Decision
from kerege.casework.cases.policies import OF_A_CASE, OWN_OR_OF_A_CASE
from kerege.casework.intake.models import (
    DecisionRequest,
    DecisionReview,
    Notification,
    OutsideReport,
    Screening,
    Signal,
)
from kerege.core.row_security.policies import Policies, TablePolicy, child_of, policies

SENT_OR_RECEIVED = "from_agency_id = (SELECT kerege_agency()) OR to_agency_id = (SELECT kerege_agency())"
ASKED_OR_ASKING = "authority_id = (SELECT kerege_agency()) OR from_agency_id = (SELECT kerege_agency())"
OF_A_SIGNAL, OF_A_DECISION = child_of(Signal, "signal_id"), child_of(Decision, "decision_id")

GUARDS = (
    TablePolicy(Signal, SENT_OR_RECEIVED),
    TablePolicy(Signal.cases.through, OF_A_SIGNAL),
    TablePolicy(OutsideReport, OF_A_SIGNAL),
    TablePolicy(Screening, f"{OWN_OR_OF_A_CASE} OR {OF_A_SIGNAL}"),
    TablePolicy(DecisionRequest, f"{ASKED_OR_ASKING} OR {OF_A_CASE}"),
    TablePolicy(Notification, OF_A_DECISION),
    TablePolicy(DecisionReview, OF_A_DECISION),
)

policies.add(Policies("intake", GUARDS, order=40))
