"""Every write of assistance: services, consents, needs, referrals. Nothing here asks for a status or a crime."""

from __future__ import annotations

from kerege.casework.assistance.services.assessing import assess
from kerege.casework.assistance.services.consenting import SHARING, end_of, record_consent, withdraw_consent
from kerege.casework.assistance.services.referring import (
    ALIVE,
    ANSWERS,
    ReferralDraft,
    answer_referral,
    check_basis,
    close_share,
    expire_referrals,
    refer,
)
from kerege.casework.assistance.services.serving import add_services, check_days, end_service

__all__ = [
    "ALIVE",
    "ANSWERS",
    "SHARING",
    "ReferralDraft",
    "add_services",
    "answer_referral",
    "assess",
    "check_basis",
    "check_days",
    "close_share",
    "end_of",
    "end_service",
    "expire_referrals",
    "record_consent",
    "refer",
    "withdraw_consent",
]
