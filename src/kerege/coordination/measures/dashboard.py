"""Reports of the plan on the home page of secretaries, and summaries to approve on that of publishers."""

from __future__ import annotations

from django.utils import timezone

from kerege.coordination.measures import publications, queries
from kerege.coordination.measures.reminders import AHEAD
from kerege.core.authorization import Actor
from kerege.web.dashboard import DashboardPanel, dashboard


def _build_part(actor: Actor) -> dict[str, object]:
    today = timezone.localdate()
    unsent = [row for row in queries.list_due_reports(actor, today) if not row.is_sent]
    late = sum(row.due_on < today for row in unsent)
    near = sum(row.due_on - AHEAD <= today for row in unsent)
    return {"late": late, "soon": near - late, "waiting": queries.list_waiting(actor).count()}


def _build_approvals(actor: Actor) -> dict[str, object]:
    return {"waiting": publications.list_waiting(actor)}


dashboard.add(
    DashboardPanel("secretary", "measures/_home.html", _build_part, order=40),
    DashboardPanel("publisher", "measures/_approvals.html", _build_approvals, order=40),
)
