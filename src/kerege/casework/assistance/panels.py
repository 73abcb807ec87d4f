"""What the page of a case shows of assistance: services with payer and provider, consents, referrals."""

from __future__ import annotations

from kerege.casework.assistance import alerts, handover_panel, sharing_panels
from kerege.casework.assistance.care_panels import CARE, CARE_EVENTS, plan_to_approve, services, stay_state
from kerege.casework.assistance.queries import shared_data
from kerege.casework.cases.panels import Panel, Subject

PANELS = [
    *CARE,
    Panel("assistance/_services.html", services, "assistance", order=50, shared=True),
    *sharing_panels.PANELS,
    handover_panel.PANEL,
]
BADGES = [sharing_panels.consent_state, stay_state]
EVENTS = CARE_EVENTS | handover_panel.EVENTS | sharing_panels.EVENTS
SHARED = shared_data.SHARED
APPROVALS = {"plan": Subject("assistance/_approval_plan.html", plan_to_approve)}
ALERTS = [alerts.alerts]
INVOLVED = [alerts.involved]
