"""Publication of the summary of a half-year: request, decision, withdrawal, reading."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_noop

from kerege.base.errors import BadInput, Fault
from kerege.coordination.measures import public_summary, queries
from kerege.coordination.measures.models import MeasurePlan, PlanPublication
from kerege.coordination.measures.states import report_due_on
from kerege.coordination.reports import check_decision
from kerege.coordination.texts import check_text
from kerege.core import audit, authorization
from kerege.core.authorization import Actor
from kerege.vocabulary.profile import active

PUBLIC = ("published", "withdrawn")


def is_final(half_year: str, today: date) -> bool:
    """Return whether the last day for the reports of a half-year has passed: its states change no more."""
    return report_due_on(half_year, active().plan_report.days) < today


def request_publication(actor: Actor, plan: MeasurePlan, half_year: str, today: date) -> PlanPublication:
    """Store the summary of a half-year as it will be public; a publisher decides on it."""
    with audit.act(actor, "measures.publish", target=f"plan:{plan.pk}") as event:
        authorization.require(actor, "measures.keep", plan)
        if half_year not in queries.list_plan_halves(plan, today) or not is_final(half_year, today):
            what = gettext_noop("the reports of this half-year are not all due yet")
            raise BadInput(Fault(what, gettext_noop("wait until their last day has passed")))
        if PlanPublication.objects.filter(plan=plan, half=half_year, state="submitted").exists():
            what = gettext_noop("this summary waits for approval already")
            raise BadInput(Fault(what, gettext_noop("wait until it is approved or returned")))
        content = public_summary.compose(queries.summarise(actor, plan, half_year, today))
        row = PlanPublication(plan=plan, half=half_year, content=content)
        row.submitted_by, row.submitted_on = actor.label, today
        row.save(force_insert=True)
        event.note(half=half_year, measures=len(content["measures"]))
    return row


def decide(actor: Actor, publication: PlanPublication, *, accept: bool, remark: str = "") -> PlanPublication:
    """Publish a summary, or return it with a remark.

    A published summary replaces the earlier one of its half-year.
    """
    with audit.act(actor, "measures.approve", target=f"plan:{publication.plan_id}") as event:
        authorization.require(actor, "measures.approve", publication)
        check_text(remark)
        row = PlanPublication.objects.select_for_update().get(pk=publication.pk)
        check_decision(actor, row.state, row.submitted_by, accept=accept, remark=remark)
        if accept:
            PlanPublication.objects.filter(plan=row.plan_id, half=row.half, state="published").update(state="replaced")
        row.state = "published" if accept else "returned"
        row.decided_by, row.decided_on, row.remark = actor.label, timezone.localdate(), remark
        row.save()
        event.note(half=row.half, state=row.state)
    return row


def withdraw(actor: Actor, publication: PlanPublication, reasons: Mapping[str, str]) -> PlanPublication:
    """Withdraw a published summary; the public reads why."""
    with audit.act(actor, "measures.approve", target=f"plan:{publication.plan_id}") as event:
        authorization.require(actor, "measures.approve", publication)
        check_text(*reasons.values())
        row = PlanPublication.objects.select_for_update().get(pk=publication.pk)
        if row.state != "published" or not any(reasons.values()):
            what = gettext_noop("this summary is not public, or the reason is missing")
            raise BadInput(Fault(what, gettext_noop("write why it is withdrawn")))
        row.state, row.reasons = "withdrawn", dict(reasons)
        row.withdrawn_by, row.withdrawn_on = actor.label, timezone.localdate()
        row.save()
        event.note(half=row.half, state=row.state)
    return row


def list_publications(actor: Actor) -> QuerySet[PlanPublication]:
    """Return the publications that the actor may read."""
    return authorization.scope(actor, PlanPublication, action="measures.list_publications").select_related("plan")


def list_waiting(actor: Actor) -> QuerySet[PlanPublication]:
    """Return the summaries on which the actor may decide: those of others that wait for approval."""
    rows = authorization.scope(actor, PlanPublication, action="measures.approve").select_related("plan")
    return rows.filter(state="submitted").exclude(submitted_by=actor.label)


def list_public(on: date) -> list[PlanPublication]:
    """Return the summaries that the public reads on a day, and the withdrawn ones, newest half-year first."""
    rows = PlanPublication.objects.filter(state__in=PUBLIC, decided_on__lte=on)
    newest: dict[tuple[UUID, str], PlanPublication] = {}
    for row in rows.order_by("-half", "plan_id", "decided_on", "state"):
        held = newest.get((row.plan_id, row.half))
        if held is None or held.state == "withdrawn":  # a later publication replaces a withdrawn one
            newest[row.plan_id, row.half] = row
    return list(newest.values())


def find_public(plan_id: UUID, half_year: str, on: date) -> PlanPublication | None:
    """Return the public or withdrawn summary of a plan and half-year."""
    rows = (row for row in list_public(on) if row.plan_id == plan_id and row.half == half_year)
    return next(rows, None)
