"""Scheduled jobs of the assistance app."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils import timezone

from kerege.casework.assistance.services.consents import watch_consents
from kerege.casework.assistance.services.referral_escalation import escalate_referrals
from kerege.core.authorization import Actor
from kerege.core.jobs.registry import Job, jobs


def run_referral_escalation(now: datetime) -> None:
    """Escalate unanswered referrals: reminder, supervisors, coordinators, expiry."""
    escalate_referrals(Actor.system("worker"), now)


def run_consent_expiry(now: datetime) -> None:
    """Create renewal tasks for consents that end soon, and close the referrals of expired consents."""
    watch_consents(Actor.system("worker"), timezone.localdate(now))


jobs.add(
    Job("referrals.chase", timedelta(hours=1), run_referral_escalation, order=40),
    Job("consents.watch", timedelta(hours=1), run_consent_expiry, order=41),
)
