"""The assistance tab of a case: risk and needs, plan, stay, documents, return."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from kerege.casework.assistance.models.needs import Assessment
from kerege.casework.assistance.models.plans import Plan
from kerege.casework.assistance.models.provision import Service
from kerege.casework.assistance.models.shelter import Stay
from kerege.casework.assistance.queries.plans import StayTerm, annotate_deliveries, list_goals
from kerege.casework.cases.models.case import Case
from kerege.casework.cases.models.workload import Approval
from kerege.casework.cases.page_layout import Badge
from kerege.core import authorization
from kerege.core.authorization import Actor
from kerege.vocabulary.profile import active
from kerege.web.templatetags.kerege import day

PRESSING_LEVEL = 3
ENDED = ("completed", "declined")


def build_assistance_panel(actor: Actor, case: Case) -> dict[str, Any]:
    """Return needs, plan, documents, returns, contacts and stays of a case for the agency that owns it."""
    today = timezone.localdate()
    assessment: Assessment | None = case.assessments.first()
    plan: Plan | None = case.plans.filter(ended_on=None).first()
    return {
        "assessment": assessment,
        "pressing": list_pressing_needs(assessment),
        "needs_due": None if assessment else active().due("first_needs_assessment", case.registered_on),
        "plan": plan,
        "goals": [goal for goal in list_goals(plan) if goal.ended_on is None] if plan else [],
        "past_plans": list(case.plans.exclude(ended_on=None)),
        "documents": list(case.documents.all()),
        "journeys": list(case.returns.prefetch_related("follow_ups")),
        "last_contact": case.contacts.first(),
        **build_stays_context(actor, case, today),
    }


def list_pressing_needs(assessment: Assessment | None) -> list[tuple[str, int]]:
    """Return the domains with a serious or acute need (level 3 or 4), the highest level first."""
    needs = assessment.needs if assessment else {}
    return sorted(((d, n) for d, n in needs.items() if n >= PRESSING_LEVEL), key=lambda pair: -pair[1])


def build_approval_context(actor: Actor, approval: Approval) -> dict[str, Any]:
    """Return the plan that an approval is about and its goals in plain text."""
    plan: Plan | None = approval.case.plans.filter(pk=approval.subject).first() if approval.subject else None
    return {"plan": plan, "goals": list_goals(plan) if plan else []}


def build_stays_context(actor: Actor, case: Case, today: date) -> dict[str, Any]:
    """Return the running stay with its term, past stays and permissions, within the actor's access."""
    rows = authorization.scope(actor, Stay, action="stays.view").filter(case=case).select_related("bed", "agency")
    matches = list(rows)
    running = next((StayTerm.of(stay, today) for stay in matches if stay.left_on is None), None)
    is_own_centre = running is not None and running.stay.agency_id == actor.agency_id
    return {
        "term": running,
        "past_stays": [stay for stay in matches if stay.left_on],
        "may_move": is_own_centre,
        "may_extend": is_own_centre and authorization.allows(actor, "stays.extend"),
        "may_house": running is None and authorization.allows(actor, "beds.use") and can_add_service(actor, case),
    }


def can_add_service(actor: Actor, case: Case) -> bool:
    """Return whether the case is open for help and the actor may add a service to it."""
    return case.takes_more and authorization.allows(actor, "services.add", case)


def build_services_panel(actor: Actor, case: Case) -> dict[str, Any]:
    """Return the services that the actor may see, split into current and past.

    An agency with a share of the case also gets the stays that it may see: only the owner sees the panel of stays.
    """
    rows = authorization.scope(actor, Service, action="services.view").filter(case=case).select_related("provider")
    matches = list(annotate_deliveries(rows))
    context = {"services": [row for row in matches if row.status not in ENDED]}
    context |= {"past_services": [row for row in matches if row.status in ENDED]}
    guest_context = (
        {}
        if case.agency_id == actor.agency_id
        else build_stays_context(actor, case, timezone.localdate()) | {"guest": True}
    )
    permissions = {
        "may_serve": can_add_service(actor, case),
        "may_open": authorization.allows(actor, "services.add", case),
    }
    return context | guest_context | permissions


def build_stay_badge(actor: Actor, case: Case) -> Badge | None:
    """Return a badge with the end of the stay's term when that is near, else None."""
    stay = authorization.scope(actor, Stay, action="stays.view").filter(case=case, left_on=None).first()
    term = StayTerm.of(stay, timezone.localdate()) if stay else None
    if term is None or not term.near:
        return None
    return Badge(_("Term of the stay"), day(term.ends_on), "red")
