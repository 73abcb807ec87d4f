"""What comes round in assistance."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone

from kerege.casework.assistance.services import expire_referrals
from kerege.core.access import Actor
from kerege.core.jobs.registry import every


@every("referrals.expire", hours=1)
def expire(now: datetime) -> None:
    """Referrals that nobody answered by their day expire, and the sender's case says so."""
    expire_referrals(Actor.system("worker"), timezone.localdate(now))
