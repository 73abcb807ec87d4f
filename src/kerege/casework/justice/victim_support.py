"""Compensation and protection of one linked person: steps, reviews, breaches.

The officer sees the case reference only. The agency that helps the person is notified of a danger, never of the crime.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Q, QuerySet
from django.utils import timezone

from kerege.casework.cases.models.case import Task
from kerege.casework.cases.services.code_checks import check_codes
from kerege.casework.cases.services.notifications import notify
from kerege.casework.justice.case_links import find_basis
from kerege.casework.justice.models import (
    Breach,
    CaseLink,
    Compensation,
    CompensationStep,
    Crime,
    ProtectionMeasure,
)
from kerege.casework.justice.services import check_line
from kerege.core import audit, authorization
from kerege.core.authorization import Actor, session_scope
from kerege.vocabulary.profile import active


@dataclass(frozen=True)
class FundState:
    """State of the fund for a crime: eligibility of its article, number of linked persons not told."""

    is_eligible: bool
    untold: int


def change_measure(actor: Actor, measure: ProtectionMeasure, values: Mapping[str, object]) -> None:
    """Record the decision, the refusal, the days, the threat or the review of a measure."""
    with audit.act(actor, "protections.change", target=f"crime:{measure.crime_id}") as event:
        authorization.require(actor, "protections.change", measure)
        _set_values(measure, values)
        event.note(measure=str(measure.pk))


def change_compensation(actor: Actor, compensation: Compensation, values: Mapping[str, object]) -> None:
    """Record amounts and days that became known later: claimed, awarded, paid."""
    with audit.act(actor, "compensations.change", target=f"crime:{compensation.crime_id}") as event:
        authorization.require(actor, "compensations.change", compensation)
        _set_values(compensation, values)
        event.note(compensation=str(compensation.pk))


def _set_values(row: ProtectionMeasure | Compensation, values: Mapping[str, object]) -> None:
    for name, value in values.items():
        setattr(row, name, value)
    check_codes(row)
    check_line(row)
    row.save()


def record_breach(actor: Actor, measure: ProtectionMeasure, row: Breach) -> bool:
    """Record a breach; return whether the agency that helps the person is notified, to contact them today."""
    with audit.act(actor, "protections.breach", target=f"crime:{measure.crime_id}") as event:
        authorization.require(actor, "protections.change", measure)
        row.measure, row.recorded_at, row.recorded_by = measure, timezone.now(), actor.label
        check_codes(row)
        row.save()
        is_notified = _warn_helpers(measure)
        event.note(measure=str(measure.pk), breach=row.kind, notified=is_notified)
    return is_notified


def _warn_helpers(measure: ProtectionMeasure) -> bool:
    """Notify the agency of the linked case, if the basis of the link still runs; return whether it did."""
    link = measure.link
    if link is None:
        return False
    with session_scope.bypass_row_security("a danger to a person is reported to the agency that helps them"):
        case = link.case
        if find_basis(case, measure.crime.agency) is None:
            return False
        values = {"agency": case.agency, "case": case, "assignee": case.caseworker, "kind": "contact_person"}
        Task.objects.create(due_on=timezone.localdate(), created_at=timezone.now(), **values)
        for role in ("caseworker", "supervisor"):
            notify(
                case.agency,
                "safety_breach",
                role=role,
                reference=case.reference,
                url_name="cases:case",
                object_id=case.pk,
            )
    return True


def due_reviews(actor: Actor) -> QuerySet[ProtectionMeasure]:
    """Return the running measures that were not reviewed within the days of the profile, the oldest first."""
    today = timezone.localdate()
    limit = today - timedelta(days=active().protection_review.days)
    visible = authorization.scope(actor, Crime, action="crimes.view")
    running = ProtectionMeasure.objects.filter(Q(ends_on=None) | Q(ends_on__gte=today), crime__in=visible)
    unseen = Q(reviewed_on__lt=limit) | Q(reviewed_on=None, starts_on__lt=limit)
    return running.filter(unseen).select_related("crime").order_by("starts_on", "pk")


def add_compensation_step(actor: Actor, compensation: Compensation, state: str, on: date) -> CompensationStep:
    """Record a step of a compensation: told, asked, decided, paid, refused, appealed, recovered."""
    with audit.act(actor, "compensations.change", target=f"crime:{compensation.crime_id}") as event:
        authorization.require(actor, "compensations.change", compensation)
        row = CompensationStep(
            compensation=compensation, state=state, on=on, recorded_at=timezone.now(), recorded_by=actor.label
        )
        check_codes(row)
        row.save()
        event.note(compensation=str(compensation.pk), state=state)
    return row


def read_fund_state(crime: Crime) -> FundState:
    """Return whether the fund pays for the article of a crime, and how many linked persons were not told."""
    if crime.offence not in active().compensation.offences:
        return FundState(is_eligible=False, untold=0)
    return FundState(is_eligible=True, untold=_untold_links().filter(crime=crime).count())


def list_reminders(actor: Actor) -> dict[str, object]:
    """Return the victims who were not told of the fund, and the protection to review."""
    return {"untold": list_untold(actor), "reviews": list(due_reviews(actor)[:20])}


def list_untold(actor: Actor) -> list[Crime]:
    """Return the crimes of the actor's agency with a linked person who was not told of the fund."""
    visible = authorization.scope(actor, Crime, action="crimes.view")
    rows = visible.filter(offence__in=active().compensation.offences, pk__in=_untold_links().values("crime"))
    return list(rows[:20])


def _untold_links() -> QuerySet[CaseLink]:
    """Return the links to persons who were not told of the fund."""
    steps = CompensationStep.objects.filter(state="told", compensation__source="fund", compensation__link__isnull=False)
    return CaseLink.objects.exclude(pk__in=steps.values("compensation__link"))
