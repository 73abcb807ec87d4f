"""What the tab *assistance* shows: risk and needs, plan, stay, documents, return; and the words of their events."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from kerege.casework.assistance.care_queries import Term, goals, with_counts
from kerege.casework.assistance.models import Assessment, Plan, Service, Stay
from kerege.casework.cases.models import Approval, Case
from kerege.casework.cases.tabs import Badge, Panel
from kerege.casework.cases.timeline import Directory, Words, Writer
from kerege.core import access
from kerege.core.access import Actor
from kerege.standard.profile import active
from kerege.web.templatetags.kerege import code, day

PRESSING = 3
ENDED = ("completed", "declined")


def care(actor: Actor, case: Case) -> dict[str, Any]:
    """Everything of the owner's agency at one glance."""
    today = timezone.localdate()
    assessment: Assessment | None = case.assessments.first()
    plan: Plan | None = case.plans.filter(ended_on=None).first()
    return {
        "assessment": assessment,
        "pressing": pressing(assessment),
        "needs_due": None if assessment else active().due("first_needs_assessment", case.registered_on),
        "plan": plan,
        "goals": [goal for goal in goals(plan) if goal.ended_on is None] if plan else [],
        "past_plans": list(case.plans.exclude(ended_on=None)),
        "documents": list(case.documents.all()),
        "journeys": list(case.returns.prefetch_related("follow_ups")),
        "last_contact": case.contacts.first(),
        **stays(actor, case, today),
    }


def pressing(assessment: Assessment | None) -> list[tuple[str, int]]:
    """Domains with a serious or acute need, the most pressing first."""
    needs = assessment.needs if assessment else {}
    return sorted(((d, n) for d, n in needs.items() if n >= PRESSING), key=lambda pair: -pair[1])


def plan_to_approve(actor: Actor, approval: Approval) -> dict[str, Any]:
    """The plan that an approval is about, with its goals in words."""
    plan: Plan | None = approval.case.plans.filter(pk=approval.subject).first() if approval.subject else None
    return {"plan": plan, "goals": goals(plan) if plan else []}


def stays(actor: Actor, case: Case, today: date) -> dict[str, Any]:
    """The running stay with its clock, and earlier ones, as far as the actor's agency may see them."""
    rows = access.scope(actor, Stay, action="stays.view").filter(case=case).select_related("bed", "agency")
    found = list(rows)
    running = next((Term.of(stay, today) for stay in found if stay.left_on is None), None)
    here = running is not None and running.stay.agency_id == actor.agency_id
    return {
        "term": running,
        "past_stays": [stay for stay in found if stay.left_on],
        "may_move": here,
        "may_extend": here and access.allows(actor, "stays.extend"),
        "may_house": running is None and access.allows(actor, "beds.use") and may_serve(actor, case),
    }


def may_serve(actor: Actor, case: Case) -> bool:
    """Whether the actor's agency may give this person something now."""
    return case.takes_more and access.allows(actor, "services.add", case)


def services(actor: Actor, case: Case) -> dict[str, Any]:
    """Services; an agency that the case is only shared with sees its own lines and nothing else."""
    rows = access.scope(actor, Service, action="services.view").filter(case=case).select_related("provider")
    found = list(with_counts(rows))
    shown = {"services": [row for row in found if row.status not in ENDED]}
    shown |= {"past_services": [row for row in found if row.status in ENDED]}
    guest = {} if case.agency_id == actor.agency_id else stays(actor, case, timezone.localdate()) | {"guest": True}
    may = {"may_serve": may_serve(actor, case), "may_open": access.allows(actor, "services.add", case)}
    return shown | guest | may


def stay_state(actor: Actor, case: Case) -> Badge | None:
    """The end of the term, when it is near."""
    stay = access.scope(actor, Stay, action="stays.view").filter(case=case, left_on=None).first()
    term = Term.of(stay, timezone.localdate()) if stay else None
    if term is None or not term.near:
        return None
    return Badge(_("Term of the stay"), day(term.ends_on), "red")


def _plan(detail: dict[str, Any], known: Directory) -> Words:
    return _("The plan has ended") if detail.get("ended") else _("A plan has begun"), ""


def _plan_agreement(detail: dict[str, Any], known: Directory) -> Words:
    return _("The person's answer to the plan"), code(detail.get("answer", ""), "plan_agreement")


def _plan_review(detail: dict[str, Any], known: Directory) -> Words:
    return _("Plan reviewed"), code(detail.get("result", ""), "review_result")


def _goal(detail: dict[str, Any], known: Directory) -> Words:
    title = _("Goal: %(domain)s") % {"domain": code(detail.get("domain", ""), "need_domain")}
    return title, code(detail.get("outcome", ""), "goal_outcome")


def _stay(detail: dict[str, Any], known: Directory) -> Words:
    state = detail.get("state", "")
    title = {
        "arrived": _("Moved into the shelter"),
        "left": _("Left the shelter"),
        "extended": _("The stay is extended"),
    }
    reason_list = "stay_end" if state == "left" else "extension_reason"
    return title.get(state, _("Entry")), code(detail.get("reason", ""), reason_list)


def _document(detail: dict[str, Any], known: Directory) -> Words:
    return code(detail.get("document", ""), "document_kind"), str(stage(detail.get("stage", "")))


def stage(name: str) -> str:
    """How far a document is, in words."""
    known = {
        "wanted": _("wanted"), "applied": _("applied for"), "issued": _("issued"), "handed_over": _("handed over"),
        "refused": _("refused"),
    }  # fmt: skip
    return known.get(name, "")


def _return(detail: dict[str, Any], known: Directory) -> Words:
    title = {
        "decided": _("Decided to return home"), "assessed": _("Risks of the return assessed"),
        "arranged": _("Journey home arranged"), "departed": _("Departed"), "arrived": _("Arrived"),
        "cancelled": _("The return is cancelled"),
    }.get(detail.get("state", ""), _("Entry"))  # fmt: skip
    told = code(detail.get("country", ""), "country") or code(detail.get("reason", ""), "return_cancel")
    return title, told


def _follow_up(detail: dict[str, Any], known: Directory) -> Words:
    return _("Follow-up after the return"), code(detail.get("outcome", ""), "follow_up_outcome")


def _contact(detail: dict[str, Any], known: Directory) -> Words:
    return _("Contact attempt"), code(detail.get("result", ""), "reach_result")


CARE = [Panel("assistance/_care.html", care, "assistance", order=10, action="cases.change")]
CARE_EVENTS: dict[str, Writer] = {
    "plan": _plan,
    "plan_agreement": _plan_agreement,
    "plan_review": _plan_review,
    "goal": _goal,
    "stay": _stay,
    "document": _document,
    "return": _return,
    "follow_up": _follow_up,
    "contact": _contact,
}
