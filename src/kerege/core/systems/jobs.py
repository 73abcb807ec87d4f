"""What comes round for other systems, and their sealed secrets."""

from __future__ import annotations

from datetime import datetime, timedelta

from kerege.core import keys
from kerege.core.accounts import secrets as sealed
from kerege.core.jobs.registry import Job, jobs
from kerege.core.systems.delivery import deliver_due
from kerege.core.systems.models import Answered, Delivery, Webhook

ANSWERS_KEPT = timedelta(days=2)
DELIVERIES_KEPT = timedelta(days=30)


def deliver(now: datetime) -> None:
    """Events go out."""
    deliver_due(now)


def forget(now: datetime) -> None:
    """Old answers and deliveries go."""
    Answered.objects.filter(at__lt=now - ANSWERS_KEPT).delete()
    Delivery.objects.filter(created_at__lt=now - DELIVERIES_KEPT, next_at=None).delete()


@keys.on_rotate
def rewrap() -> int:
    """Seal every secret again under the current key-encryption key."""
    rows = list(Webhook.objects.all())
    for row in rows:
        row.secret = sealed.seal(sealed.unseal(row.secret))
        row.save(update_fields=["secret"])
    return len(rows)


@keys.on_used
def used() -> set[str]:
    """Ids of the keys that seal secrets."""
    return {secret.partition("$")[0] for secret in Webhook.objects.values_list("secret", flat=True)}


jobs.add(
    Job("systems.deliver", timedelta(minutes=1), deliver, order=90),
    Job("systems.forget", timedelta(hours=24), forget, order=91),
)
