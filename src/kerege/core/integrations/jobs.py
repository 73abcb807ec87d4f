"""Delivers events to other systems, and removes old answers and deliveries."""

from __future__ import annotations

from datetime import datetime, timedelta

from kerege.core.integrations.models import Answered, Delivery
from kerege.core.integrations.webhook_delivery import deliver_due
from kerege.core.jobs.registry import Job, jobs

ANSWERS_KEPT = timedelta(days=2)
DELIVERIES_KEPT = timedelta(days=30)


def deliver(now: datetime) -> None:
    """Events go out."""
    deliver_due(now)


def forget(now: datetime) -> None:
    """Old answers and deliveries go."""
    Answered.objects.filter(at__lt=now - ANSWERS_KEPT).delete()
    Delivery.objects.filter(created_at__lt=now - DELIVERIES_KEPT, next_at=None).delete()


jobs.add(
    Job("systems.deliver", timedelta(minutes=1), deliver, order=90),
    Job("systems.forget", timedelta(hours=24), forget, order=91),
)
