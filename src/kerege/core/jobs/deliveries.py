"""Deliveries to other machines that wait in the database and are tried again with growing pauses.

A row is written in the transaction of its act. The worker claims it by a conditional UPDATE before it sends, so that
two workers never send it at once. A worker that dies between sending and storing the outcome causes one repetition,
with the same id.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import models
from django.db.models import F


class Delivery(models.Model):
    """A delivery: how often it was tried, with which outcome, and when it is tried next."""

    created_at = models.DateTimeField()
    next_at = models.DateTimeField(null=True)  # None: delivered, given up or stopped
    attempts = models.PositiveSmallIntegerField(default=0)
    outcome = models.CharField(max_length=40, blank=True)  # a status or an error class, never a message
    delivered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        abstract = True


def minutes(pauses: Sequence[int]) -> list[timedelta]:
    """Return pauses in minutes as durations."""
    return [timedelta(minutes=pause) for pause in pauses]


def claim(row: Delivery, now: datetime, pauses: Sequence[timedelta]) -> bool:
    """Count an attempt on a due row and plan the next one; return False when another worker has it.

    `row.next_at` is then the time of the next attempt, None after the last pause.
    """
    row.next_at = now + pauses[row.attempts] if row.attempts < len(pauses) else None
    due = type(row)._default_manager.filter(pk=row.pk, attempts=row.attempts, next_at__lte=now)
    return bool(due.update(attempts=F("attempts") + 1, next_at=row.next_at))


def settle(row: Delivery, outcome: str, delivered_at: datetime | None) -> None:
    """Store the outcome of an attempt. Without `delivered_at` the next attempt stays as `claim` planned."""
    rows = type(row)._default_manager.filter(pk=row.pk)
    rows.update(outcome=outcome, **({"delivered_at": delivered_at, "next_at": None} if delivered_at else {}))
