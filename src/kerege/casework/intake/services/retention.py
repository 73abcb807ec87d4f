"""Disposal of signals: with the erased person, or after their own retention period."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from datetime import date
from uuid import UUID

from kerege.casework.cases.services.retention_rules import DueItem, retention_cutoff
from kerege.casework.intake.models import Signal
from kerege.casework.vault.services import erasure
from kerege.core.authorization import Actor
from kerege.vocabulary.dates import add_months


def signal_keys(records: Collection[UUID]) -> Iterable[UUID]:
    """Return the key ids of signals that led to a case of these records."""
    return Signal.objects.filter(cases__record__in=records).values_list("data_key", flat=True)


def old_signals(today: date, term: int) -> Iterator[DueItem]:
    """Yield signals without a case whose text is past its retention period, the oldest first."""
    rows = Signal.objects.filter(
        cases=None, data_key__wrapped__isnull=False, received_at__date__lte=retention_cutoff(today, term)
    )
    for row in rows.order_by("received_at", "pk").iterator():
        since = row.received_at.date()
        yield DueItem(
            kind="signal",
            id=row.pk,
            label=row.reference,
            agency_id=row.to_agency_id,
            since=since,
            due_on=add_months(since, term),
        )


def erase_signal(actor: Actor, item: DueItem, approved_by: str) -> None:
    """Destroy the key of a signal's text. Its codes stay for statistics."""
    erasure.destroy_keys(Signal.objects.filter(pk=item.id, cases=None).values_list("data_key", flat=True))
