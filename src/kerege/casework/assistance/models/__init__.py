"""Consent, needs, plan, services, shelter, referrals, handovers, return and documents."""

from __future__ import annotations

from kerege.casework.assistance.models.consent import Consent
from kerege.casework.assistance.models.contact import Contact
from kerege.casework.assistance.models.handover import Handover, HandoverOffer, OwnerChange, TransferRequest
from kerege.casework.assistance.models.needs import Assessment
from kerege.casework.assistance.models.paper import Document
from kerege.casework.assistance.models.plan import Goal, Plan, Review
from kerege.casework.assistance.models.referral import Referral, ReferralStep
from kerege.casework.assistance.models.returning import FollowUp, Return
from kerege.casework.assistance.models.service import Delivery, Interruption, Service
from kerege.casework.assistance.models.shelter import Bed, Stay

__all__ = [
    "Assessment",
    "Bed",
    "Consent",
    "Contact",
    "Delivery",
    "Document",
    "FollowUp",
    "Goal",
    "Handover",
    "HandoverOffer",
    "Interruption",
    "OwnerChange",
    "Plan",
    "Referral",
    "ReferralStep",
    "Return",
    "Review",
    "Service",
    "Stay",
    "TransferRequest",
]
