"""What the page of a case shows of assistance: services with payer and provider, consents, referrals."""

from __future__ import annotations

from kerege.casework.assistance import alerts, received
from kerege.casework.assistance.case_tabs import handovers, referrals
from kerege.casework.assistance.case_tabs.plans import CARE, CARE_EVENTS, plan_to_approve, services, stay_state
from kerege.casework.cases.tabs import Panel, Subject

PANELS = [
    *CARE,
    Panel("assistance/_services.html", services, "assistance", order=50, shared=True),
    *referrals.PANELS,
    handovers.PANEL,
]
BADGES = [referrals.consent_state, stay_state]
EVENTS = CARE_EVENTS | handovers.EVENTS | referrals.EVENTS
SHARED = received.SHARED
APPROVALS = {"plan": Subject("assistance/_approval_plan.html", plan_to_approve)}
ALERTS = [alerts.alerts]
INVOLVED = [alerts.involved]
