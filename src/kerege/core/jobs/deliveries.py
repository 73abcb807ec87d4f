"""Deliveries to other machines that wait in the database and are tried again with growing pauses.

A row is written in the transaction of its act. The worker claims it by a conditional UPDATE before it sends, and no
other worker takes it for `LEASE`, so that two workers do not send it at once. A worker that dies between sending and
storing the outcome causes one repetition after that time, with the same id.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import models
from django.db.models import F

LEASE = timedelta(minutes=15)  # more than the time limits of one letter, or of a run of webhooks, add up to


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


def claim(row: Delivery, now: datetime) -> bool:
    """Reserve a due row for `LEASE` and count an attempt; return False when another worker has it.

    `now` is the time of the claim, not the start of the run: a run can take longer than the reservation.
    """
    until = now + LEASE
    due = type(row)._default_manager.filter(pk=row.pk, attempts=row.attempts, next_at__lte=now)
    if not due.update(attempts=F("attempts") + 1, next_at=until):
        return False
    row.attempts, row.next_at = row.attempts + 1, until
    return True


def settle(row: Delivery, outcome: str, delivered_at: datetime) -> None:
    """Store that a claimed delivery arrived."""
    type(row)._default_manager.filter(pk=row.pk).update(outcome=outcome, delivered_at=delivered_at, next_at=None)


def plan_next(row: Delivery, outcome: str, next_at: datetime | None) -> None:
    """Store the failure of a claimed delivery and when it is tried next; None gives it up.

    A row that was stopped during the attempt, or that another worker has claimed since, stays as it is.
    """
    claimed = type(row)._default_manager.filter(pk=row.pk, next_at=row.next_at)
    claimed.update(outcome=outcome, next_at=next_at)
