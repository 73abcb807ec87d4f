"""Parts of the home page that the casework apps fill, in their order on the page."""

from __future__ import annotations

from typing import Any

from kerege.casework.awareness import queries as awareness
from kerege.casework.cases.models.emergency_access import Emergency
from kerege.casework.cases.models.records import ErasureRequest
from kerege.casework.cases.queries.workload import approvals_to_decide, own_approvals
from kerege.casework.desk import queries
from kerege.casework.intake.queries import identification
from kerege.casework.justice import queries as justice
from kerege.casework.justice import victim_support
from kerege.core import authorization
from kerege.core.authorization import Actor
from kerege.web.dashboard import DashboardPanel, dashboard


def _caseworker(actor: Actor) -> dict[str, Any]:
    work = queries.work(actor)
    shown_cases = [*work.cases, *(task.case for task in work.rows if task.case)]
    return {
        "work": work,
        "names": queries.names(actor, shown_cases),
        "referrals": queries.referrals(actor),
        "signals": queries.signals(actor),
        "unanswered": queries.unanswered(actor),
        "asked": own_approvals(actor),
        "covering": queries.running_covers(actor),
    }


def _supervisor(actor: Actor) -> dict[str, Any]:
    overdue_tasks = queries.WorkList.of(queries.overdue(actor))
    queries.mask_cases(actor, overdue_tasks.rows)
    return {
        "loads": queries.workload(actor),
        "unassigned": queries.unassigned(actor),
        "overdue": overdue_tasks,
        "today": queries.due_today(actor),
        "unanswered": queries.unanswered(actor),
        "asked": own_approvals(actor),
        "referrals": queries.referrals(actor),
        "signals": queries.signals(actor),
        "approvals": queries.WorkList.of(approvals_to_decide(actor)),
        "emergencies": _count_unreviewed_emergencies(actor),
    }


def _identifying_officer(actor: Actor) -> dict[str, Any]:
    return {
        "waiting": queries.without_decision(actor),
        "late": identification.count_queue(actor).overdue,
        "reviews": queries.reviews(actor),
        "work": queries.tasks(actor),
        "referrals": queries.referrals(actor),
        "signals": queries.signals(actor),
        "unanswered": queries.unanswered(actor),
    }


def _justice_officer(actor: Actor) -> dict[str, Any]:
    return {
        "hearings": queries.hearings(actor),
        "protections": queries.WorkList.of(justice.ending_protection(actor)),
        "crimes": queries.crimes(actor),
        "stages": justice.stages(actor),
        "sent": queries.unanswered_signals(actor),
        **victim_support.list_reminders(actor),
    }


def _coordinator(actor: Actor) -> dict[str, Any]:
    return {
        "pipeline": queries.pipeline(actor),
        "referrals": queries.referrals(actor),
        "erasures": authorization.scope(actor, ErasureRequest, action="erasure.decide").filter(outcome="").count(),
        "awareness": awareness.overview(actor),
    }


def _first_responder(actor: Actor) -> dict[str, Any]:
    return {"sent": queries.sent_signals(actor), "waiting": queries.unanswered_signals(actor)}


def _auditor(actor: Actor) -> dict[str, Any]:
    return {"emergencies": _count_unreviewed_emergencies(actor)}


def _count_unreviewed_emergencies(actor: Actor) -> int:
    """Return the number of emergencies that wait for a review."""
    return authorization.scope(actor, Emergency, action="emergencies.review").filter(reviewed_at=None).count()


dashboard.add(
    DashboardPanel("caseworker", "desk/_caseworker.html", _caseworker, 10),
    DashboardPanel("supervisor", "desk/_supervisor.html", _supervisor, 20),
    DashboardPanel("identifying_officer", "desk/_identifying_officer.html", _identifying_officer, 30),
    DashboardPanel("justice_officer", "desk/_justice_officer.html", _justice_officer, 40),
    DashboardPanel("coordinator", "desk/_coordinator.html", _coordinator, 50),
    DashboardPanel("first_responder", "desk/_first_responder.html", _first_responder, 60),
    DashboardPanel("auditor", "desk/_auditor.html", _auditor, 70),
)
