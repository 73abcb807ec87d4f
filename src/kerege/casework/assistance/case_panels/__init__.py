"""Panels, badges and shared sections that the assistance app adds to the page of a case."""

from __future__ import annotations

from kerege.base.registry import Entry
from kerege.casework.assistance.case_panels import handovers, plans, referrals
from kerege.casework.assistance.queries import shared_data
from kerege.casework.cases.page_layout import CasePanel, Subject, approval_subjects, badges, case_panels
from kerege.casework.cases.shared_view import shared_rows

case_panels.add(
    CasePanel("assistance/_care.html", plans.build_assistance_panel, "assistance", order=10, action="cases.change"),
    CasePanel("assistance/_services.html", plans.build_services_panel, "assistance", order=50, shared=True),
    CasePanel("assistance/_consents.html", referrals.build_consents_panel, "sharing", order=20, action="cases.share"),
    CasePanel("assistance/_shares.html", referrals.build_shares_panel, "sharing", order=30, action="cases.share"),
    CasePanel("assistance/_referrals.html", referrals.build_referrals_panel, "sharing", order=40, shared=True),
    CasePanel("assistance/_handover.html", handovers.build_handovers_panel, "sharing", order=60, action="cases.share"),
)
badges.add(Entry("consents", referrals.build_consent_badge, order=10), Entry("stay", plans.build_stay_badge, order=20))
approval_subjects.add(Subject("plan", "assistance/_approval_plan.html", plans.build_approval_context))
shared_rows.add(
    Entry("needs", shared_data.list_needs_rows),
    Entry("health", shared_data.list_health_rows),
    Entry("family", shared_data.list_family_rows),
    Entry("services", shared_data.list_service_rows),
)
