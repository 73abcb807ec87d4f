"""Models of consent, needs, plans, services, shelter, referrals, handovers, returns and documents."""

from __future__ import annotations

from kerege.casework.assistance.models.consents import Consent
from kerege.casework.assistance.models.contact import Contact
from kerege.casework.assistance.models.documents import Document
from kerege.casework.assistance.models.handovers import Handover, HandoverOffer, OwnerChange, TransferRequest
from kerege.casework.assistance.models.needs import Assessment
from kerege.casework.assistance.models.plans import Goal, Plan, PlanReview
from kerege.casework.assistance.models.provision import Interruption, Service, ServiceDelivery
from kerege.casework.assistance.models.referrals import Referral, ReferralStep
from kerege.casework.assistance.models.returns import FollowUp, Return
from kerege.casework.assistance.models.shelter import Bed, Stay

__all__ = [
    "Assessment",
    "Bed",
    "Consent",
    "Contact",
    "Document",
    "FollowUp",
    "Goal",
    "Handover",
    "HandoverOffer",
    "Interruption",
    "OwnerChange",
    "Plan",
    "PlanReview",
    "Referral",
    "ReferralStep",
    "Return",
    "Service",
    "ServiceDelivery",
    "Stay",
    "TransferRequest",
]
