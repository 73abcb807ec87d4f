"""Closure of cases that nobody closed: then their retention period begins.

A case is inactive when its timeline has no entry since the period began, and no open task is due later.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from itertools import islice

from django.db.models import F, Max, Q, QuerySet
from django.db.models.functions import Coalesce

from kerege.casework.cases.models.case import Case, Task
from kerege.casework.cases.services.legal_holds import held
from kerege.casework.cases.services.lifecycle import move
from kerege.casework.cases.services.retention_rules import BATCH, DueItem, retention_cutoff
from kerege.core.audit import clock
from kerege.core.authorization import Actor
from kerege.vocabulary.dates import add_months

KIND, REASON = "inactive_case", "lost_contact"


def find_inactive_cases(today: date, term: int) -> Iterator[DueItem]:
    """Yield the cases without an entry since the period began, the oldest first; not those under a hold."""
    return (item for item, is_held in _over_term(today, term) if not is_held)


def count_kept_cases(today: date, term: int) -> int:
    """Count the inactive cases that a hold keeps open."""
    return sum(is_held for item, is_held in _over_term(today, term))


def close_inactive(actor: Actor, item: DueItem, approved_by: str) -> None:
    """Close an inactive case; do nothing when it has got an entry meanwhile."""
    case = _unclosed().filter(pk=item.id).first()
    if case is None:
        return
    last_entry = case.events.aggregate(last=Max("at"))["last"] or case.created_at
    if last_entry.date() == item.since:
        move(actor, case, "closed", clock.today(), REASON)


def _unclosed() -> QuerySet[Case]:
    """Return the cases that are not closed and whose person was not erased."""
    return Case.objects.exclude(status="closed").filter(record__data_key__wrapped__isnull=False)


def _over_term(today: date, term: int) -> Iterator[tuple[DueItem, bool]]:
    cutoff = retention_cutoff(today, term)
    planned = Task.objects.filter(Q(done_at=None), due_on__gt=cutoff).exclude(case=None).values("case")
    rows = _unclosed().exclude(pk__in=planned).annotate(last_entry=Coalesce(Max("events__at"), F("created_at")))
    over = rows.filter(last_entry__date__lte=cutoff)
    ordered = over.order_by("last_entry", "pk").values_list("pk", "reference", "agency", "last_entry").iterator(BATCH)
    while batch := list(islice(ordered, BATCH)):
        held_cases = held([row[0] for row in batch])
        for pk, reference, agency_id, last_entry in batch:
            since = last_entry.date()
            item = DueItem(
                kind=KIND, id=pk, label=reference, agency_id=agency_id, since=since, due_on=add_months(since, term)
            )
            yield item, pk in held_cases
