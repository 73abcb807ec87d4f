"""Scheduled jobs of the assistance room."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils import timezone

from kerege.casework.assistance.services.consents import watch_consents
from kerege.casework.assistance.services.referral_escalation import chase_referrals
from kerege.core.authorization import Actor
from kerege.core.jobs.registry import Job, jobs


def run_referral_escalation(now: datetime) -> None:
    """Referrals that nobody answers: a reminder, the supervisors, the coordinator, the end."""
    chase_referrals(Actor.system("worker"), now)


def run_consent_expiry(now: datetime) -> None:
    """Consents that end soon become tasks; what rested on one that has run out ends."""
    watch_consents(Actor.system("worker"), timezone.localdate(now))


jobs.add(
    Job("referrals.chase", timedelta(hours=1), run_referral_escalation, order=40),
    Job("consents.watch", timedelta(hours=1), run_consent_expiry, order=41),
)
