"""Scheduled jobs that deliver webhook events and delete old responses and deliveries."""

from __future__ import annotations

from datetime import datetime, timedelta

from kerege.core.integrations.models import Answered, WebhookDelivery
from kerege.core.integrations.webhook_delivery import deliver_due
from kerege.core.jobs.registry import Job, jobs

ANSWERS_KEPT = timedelta(days=2)
DELIVERIES_KEPT = timedelta(days=30)


def deliver(now: datetime) -> None:
    """Send the due webhook events."""
    deliver_due(now)


def forget(now: datetime) -> None:
    """Delete stored responses after two days and finished deliveries after 30 days."""
    Answered.objects.filter(at__lt=now - ANSWERS_KEPT).delete()
    WebhookDelivery.objects.filter(created_at__lt=now - DELIVERIES_KEPT, next_at=None).delete()


jobs.add(
    Job("systems.deliver", timedelta(minutes=1), deliver, order=90),
    Job("systems.forget", timedelta(hours=24), forget, order=91),
)
