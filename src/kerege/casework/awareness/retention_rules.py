"""Retention rule for contacts of the hotline."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from kerege.casework.awareness.models import HotlineContact
from kerege.casework.cases.services.retention_rules import (
    DueItem,
    RetentionRule,
    retention_cutoff,
    retention_rules,
)
from kerege.core.authorization import Actor
from kerege.vocabulary.dates import add_months

KIND = "hotline_contact"


def old_contacts(today: date, term: int) -> Iterator[DueItem]:
    """Yield contacts past their retention period, the oldest first."""
    for row in HotlineContact.objects.filter(at__date__lte=retention_cutoff(today, term)).order_by("at", "pk"):
        since = row.at.date()
        yield DueItem(
            kind=KIND,
            id=row.pk,
            label=since.isoformat(),
            agency_id=row.agency_id,
            since=since,
            due_on=add_months(since, term),
        )


def delete_contact(actor: Actor, item: DueItem, approved_by: str) -> None:
    """Delete a contact. Published figures and snapshots of past years stay as they are."""
    HotlineContact.objects.filter(pk=item.id).delete()


retention_rules.add(RetentionRule(KIND, old_contacts, delete_contact, order=60))
