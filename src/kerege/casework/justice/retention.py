"""Disposal of old crimes with suspects, measures and links.

The period begins with the last stage of proceedings that ended. For proceedings whose end nobody entered, a longer one
begins with the last stage, or with the registration.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date

from django.db.models import Q, QuerySet
from django.db.models.functions import Coalesce

from kerege.casework.cases.services.legal_holds import held
from kerege.casework.cases.services.retention_rules import DueItem, Find, retention_cutoff
from kerege.casework.justice.models import CaseLink, Crime
from kerege.core.authorization import Actor
from kerege.vocabulary.dates import add_months

KIND, KIND_OPEN = "crime", "open_crime"
ENDED = ("convicted", "acquitted", "closed")  # stages that end the proceedings


def crime_finder(kind: str) -> Find:
    """Return a finder of the crimes past the period of a kind, the oldest first."""
    return lambda today, term: _find_old_crimes(kind, today, term)


def kept_crime_counter(kind: str) -> Callable[[date, int], int]:
    """Return a counter of the crimes past their period that the hold of a linked case keeps."""
    return lambda today, term: len(_held_crimes(kind, today, term))


def _find_old_crimes(kind: str, today: date, term: int) -> Iterator[DueItem]:
    kept = _held_crimes(kind, today, term)
    for row in _over_term(kind, today, term):
        if row.pk not in kept:
            since = row.stage_on or row.registered_on
            yield DueItem(
                kind=kind,
                id=row.pk,
                label=str(row.pk)[:8],
                agency_id=row.agency_id,
                since=since,
                due_on=add_months(since, term),
            )


def delete_crime(actor: Actor, item: DueItem, approved_by: str) -> None:
    """Delete a crime and its rows. Published figures and snapshots of past years stay as they are."""
    began = Q(stage_on=item.since) | Q(stage_on=None, registered_on=item.since)
    _crimes_of(item.kind).filter(began, pk=item.id).delete()


def _crimes_of(kind: str) -> QuerySet[Crime]:
    """Return the crimes whose proceedings ended, or the others."""
    ended = Q(stage__in=ENDED, stage_on__isnull=False)
    return Crime.objects.filter(ended if kind == KIND else ~ended)


def _over_term(kind: str, today: date, term: int) -> QuerySet[Crime]:
    """Return crimes whose retention period has ended and that no open case is linked to."""
    worked_on = CaseLink.objects.exclude(case__status="closed").values("crime")
    cutoff = retention_cutoff(today, term)
    over = Q(stage_on__lte=cutoff) | Q(stage_on=None, registered_on__lte=cutoff)
    rows = _crimes_of(kind).filter(over).exclude(pk__in=worked_on)
    return rows.order_by(Coalesce("stage_on", "registered_on"), "pk")


def _held_crimes(kind: str, today: date, term: int) -> set[object]:
    """Return the crimes past their period that are linked to a case under a hold."""
    links = list(CaseLink.objects.filter(crime__in=_over_term(kind, today, term)).values_list("crime", "case"))
    held_cases = held([case for _crime, case in links])
    return {crime for crime, case in links if case in held_cases}
