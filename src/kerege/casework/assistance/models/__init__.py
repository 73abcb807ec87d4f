"""Consent, needs, plan, services, referrals, handovers, return and documents."""

from __future__ import annotations

from kerege.casework.assistance.models.care import Assessment, Document, Goal, Plan, Return, Service
from kerege.casework.assistance.models.consent import Consent
from kerege.casework.assistance.models.handover import Handover
from kerege.casework.assistance.models.referral import Referral

__all__ = ["Assessment", "Consent", "Document", "Goal", "Handover", "Plan", "Referral", "Return", "Service"]
