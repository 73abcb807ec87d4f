"""Case plans: begin, goals, agreement of the person, reviews, end."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext_noop

from kerege.base.errors import BadInput, Fault
from kerege.casework.assistance.models.plans import Goal, Plan, PlanReview
from kerege.casework.assistance.models.provision import Service
from kerege.casework.assistance.services.task_reminders import add_reminder, complete_reminder, delete_reminder
from kerege.casework.cases.models.case import Case
from kerege.casework.cases.models.workload import Approval
from kerege.casework.cases.services.approvals import ask_approval
from kerege.casework.cases.services.code_checks import check_codes
from kerege.casework.cases.services.lifecycle import require_open
from kerege.casework.cases.services.timeline_events import add_timeline_event
from kerege.casework.vault.services.identities import save_text
from kerege.core import audit, authorization
from kerege.core.authorization import Actor
from kerege.vocabulary.profile import active


def begin_plan(actor: Actor, case: Case, plan: Plan) -> Plan:
    """Begin a plan (unsaved row). One plan runs at a time. The country profile sets the first review date."""
    with audit.act(actor, "plans.begin", target=f"case:{case.id}") as event:
        authorization.require(actor, "cases.change", case)
        require_open(actor, case)
        Case.objects.select_for_update().get(pk=case.pk)
        if case.plans.filter(ended_on=None).exists():
            raise BadInput(Fault(gettext_noop("a plan is running already"), gettext_noop("end it first")))
        plan.case, plan.created_by = case, actor.label
        plan.review_on = plan.review_on or active().due("plan_review", plan.starts_on)
        check_codes(plan)
        check_period(plan.starts_on, plan.planned_end_on)
        plan.save()
        add_reminder(actor, case, "review_plan", f"plan:{plan.pk}", plan.review_on)
        add_timeline_event(actor, case, plan.starts_on, "plan")
        event.note(plan=str(plan.pk))
    return plan


def check_period(first: date, last: date | None) -> None:
    """Raise BadInput when a period ends before it begins."""
    if last and last < first:
        raise BadInput(Fault(gettext_noop("the plan ends before it begins"), gettext_noop("correct one of the days")))


def add_goal(actor: Actor, plan: Plan, domain: str, text: str, by: date | None = None) -> Goal:
    """Add a goal in a domain of need to a running plan."""
    with audit.act(actor, "plans.add_goal", target=f"case:{plan.case_id}"):
        authorization.require(actor, "cases.change", plan.case)
        require_open(actor, plan.case)
        check_running(plan)
        goal = Goal(plan=plan, domain=domain, by=by, created_at=timezone.now())
        check_codes(goal)
        goal.text = save_text(plan.case.record.data_key, text) if text else None
        goal.save()
        add_timeline_event(actor, plan.case, timezone.localdate(), "goal", domain=domain)
    return goal


def end_goal(actor: Actor, goal: Goal, outcome: str, on: date) -> Goal:
    """Record a goal's outcome: reached, reached in part or not. Raises BadInput when it has one."""
    with audit.act(actor, "plans.end_goal", target=f"case:{goal.plan.case_id}"):
        authorization.require(actor, "cases.change", goal.plan.case)
        if Goal.objects.select_for_update().get(pk=goal.pk).ended_on:
            raise BadInput(Fault(gettext_noop("this goal was closed already"), gettext_noop("reload the page")))
        goal.outcome, goal.ended_on = outcome, on
        check_codes(goal)
        goal.save(update_fields=["outcome", "ended_on"])
        add_timeline_event(actor, goal.plan.case, on, "goal", domain=goal.domain, outcome=outcome)
    return goal


def put_under_goal(actor: Actor, service: Service, goal: Goal | None) -> None:
    """Set the goal of the plan that a service works for; None removes it."""
    with audit.act(actor, "plans.place_service", target=f"case:{service.case_id}"):
        authorization.require(actor, "cases.change", service.case)
        service.goal = goal
        service.save(update_fields=["goal"])


def agree(actor: Actor, plan: Plan, answer: dict[str, Any]) -> Plan:
    """Record the person's answer to the plan: answer, day, language, manner. A refusal stops nothing."""
    with audit.act(actor, "plans.agree", target=f"case:{plan.case_id}") as event:
        authorization.require(actor, "cases.change", plan.case)
        for name in ("agreement", "agreed_on", "agreement_language", "agreement_manner"):
            setattr(plan, name, answer[name])
        check_codes(plan)
        plan.save(update_fields=["agreement", "agreed_on", "agreement_language", "agreement_manner"])
        add_timeline_event(
            actor, plan.case, plan.agreed_on or timezone.localdate(), "plan_agreement", answer=plan.agreement
        )
        event.note(agreement=plan.agreement)
    return plan


def review(actor: Actor, plan: Plan, row: PlanReview, text: str, next_on: date | None = None) -> PlanReview:
    """Record a review of a running plan and set the next review date (default: by the country profile)."""
    with audit.act(actor, "plans.review", target=f"case:{plan.case_id}"):
        authorization.require(actor, "cases.change", plan.case)
        check_running(plan)
        row.plan, row.reviewed_by, row.created_at = plan, actor.label, timezone.now()
        check_codes(row)
        row.text = save_text(plan.case.record.data_key, text) if text else None
        complete_reminder(actor, get_review_source(plan))
        row.save()
        plan.review_on = next_on or active().due("plan_review", row.on)
        plan.save(update_fields=["review_on"])
        add_reminder(actor, plan.case, "review_plan", get_review_source(plan), plan.review_on)
        add_timeline_event(actor, plan.case, row.on, "plan_review", result=row.result)
    return row


def get_review_source(plan: Plan) -> str:
    """Return the source key of the task for the next review."""
    done = plan.reviews.count()
    return f"plan:{plan.pk}:{done}" if done else f"plan:{plan.pk}"


def end_plan(actor: Actor, plan: Plan, on: date) -> Plan:
    """End a running plan; open goals keep their state, and services go on."""
    with audit.act(actor, "plans.end", target=f"case:{plan.case_id}"):
        authorization.require(actor, "cases.change", plan.case)
        check_running(plan)
        check_period(plan.starts_on, on)
        delete_reminder(get_review_source(plan))
        plan.ended_on = on
        plan.save(update_fields=["ended_on"])
        add_timeline_event(actor, plan.case, on, "plan", ended=True)
    return plan


def ask_for_approval(actor: Actor, plan: Plan, comment: str = "") -> Approval:
    """Ask the supervisors to approve a running plan. Services go on meanwhile."""
    return ask_approval(actor, plan.case, "plan", comment, subject=plan.pk)


def is_running(case: Case, plan: UUID | None) -> bool:
    """Return whether the case has this plan and the plan has not ended."""
    return plan is not None and case.plans.filter(pk=plan, ended_on=None).exists()


def check_running(plan: Plan) -> None:
    """Lock the plan and raise BadInput when it has ended."""
    if Plan.objects.select_for_update().get(pk=plan.pk).ended_on:
        raise BadInput(Fault(gettext_noop("this plan has ended"), gettext_noop("begin a new one")))
