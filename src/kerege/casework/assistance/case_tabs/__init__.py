"""Tabs of assistance on the page of a case, and the parts of them that another agency sees."""

from __future__ import annotations

from kerege.base.registry import Entry
from kerege.casework.assistance.case_tabs import handovers, plans, referrals
from kerege.casework.assistance.queries import shared_data
from kerege.casework.cases.shared_view import shared_rows
from kerege.casework.cases.tabs import Panel, Subject, approval_subjects, badges, case_tabs

case_tabs.add(
    Panel("assistance/_care.html", plans.care, "assistance", order=10, action="cases.change"),
    Panel("assistance/_services.html", plans.services, "assistance", order=50, shared=True),
    Panel("assistance/_consents.html", referrals.consents, "sharing", order=20, action="cases.share"),
    Panel("assistance/_shares.html", referrals.shares, "sharing", order=30, action="cases.share"),
    Panel("assistance/_referrals.html", referrals.referrals, "sharing", order=40, shared=True),
    Panel("assistance/_handover.html", handovers.handovers, "sharing", order=60, action="cases.share"),
)
badges.add(Entry("consents", referrals.consent_state, order=10), Entry("stay", plans.stay_state, order=20))
approval_subjects.add(Subject("plan", "assistance/_approval_plan.html", plans.plan_to_approve))
shared_rows.add(
    Entry("needs", shared_data.needs_rows),
    Entry("health", shared_data.health_rows),
    Entry("family", shared_data.family_rows),
    Entry("services", shared_data.service_rows),
)
