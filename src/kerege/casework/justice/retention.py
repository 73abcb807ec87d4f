"""Disposal of crimes whose proceedings ended long ago, with suspects, measures and links."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from django.db.models import QuerySet

from kerege.casework.cases.services.legal_holds import held
from kerege.casework.cases.services.retention_rules import DueItem, retention_cutoff
from kerege.casework.justice.models import CaseLink, Crime
from kerege.core.authorization import Actor
from kerege.vocabulary.dates import add_months

KIND = "crime"
ENDED = ("convicted", "acquitted", "closed")  # stages that end the proceedings


def old_crimes(today: date, term: int) -> Iterator[DueItem]:
    """Yield crimes whose last stage ended the proceedings before the period, the oldest first."""
    kept = _held_crimes(today, term)
    for row in _over_term(today, term):
        if row.pk not in kept and row.stage_on is not None:
            yield DueItem(
                kind=KIND,
                id=row.pk,
                label=str(row.pk)[:8],
                agency_id=row.agency_id,
                since=row.stage_on,
                due_on=add_months(row.stage_on, term),
            )


def count_kept_crimes(today: date, term: int) -> int:
    """Count the crimes past their period that the hold of a linked case keeps."""
    return len(_held_crimes(today, term))


def delete_crime(actor: Actor, item: DueItem, approved_by: str) -> None:
    """Delete a crime and its rows. Published figures and snapshots of past years stay as they are."""
    Crime.objects.filter(pk=item.id, stage__in=ENDED, stage_on=item.since).delete()


def _over_term(today: date, term: int) -> QuerySet[Crime]:
    """Return crimes past their period that no case which is still worked on is linked to."""
    worked_on = CaseLink.objects.exclude(case__status="closed").values("crime")
    rows = Crime.objects.filter(stage__in=ENDED, stage_on__lte=retention_cutoff(today, term))
    return rows.exclude(pk__in=worked_on).order_by("stage_on", "pk")


def _held_crimes(today: date, term: int) -> set[object]:
    """Return the crimes past their period that are linked to a case under a hold."""
    links = list(CaseLink.objects.filter(crime__in=_over_term(today, term)).values_list("crime", "case"))
    held_cases = held([case for _crime, case in links])
    return {crime for crime, case in links if case in held_cases}
