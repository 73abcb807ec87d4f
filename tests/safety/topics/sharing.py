"""Consents, referrals and notices."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from kerege.casework.assistance.services import referrals
from kerege.casework.cases.models.notices import Notice
from kerege.casework.cases.services import shares

SUBJECT = {
    "assistance:claim": "referral",
    "assistance:assign-referral": "referral",
    "cases:notice": "notice",
    "assistance:withdraw-referral": "sent",
}
POST_ONLY = {
    "assistance:claim",
    "assistance:assign-referral",
    "assistance:withdraw-referral",
    "assistance:end-share",
    "cases:notice",
}

READ_ONLY = {"assistance:consent-form", "assistance:consent-print"}


def furnish(own: Any, elsewhere: Any, words: Any) -> dict[str, Any]:
    """Create a notice for the agency, a share, and a referral that it sent."""
    from tests.safety.world import DAY, OPERATOR

    row = Notice.objects.create(
        agency=own.agency,
        kind="referral_new",
        reference=own.referral.reference,
        url_name="assistance:referral",
        object_id=own.referral.pk,
        at=timezone.now(),
    )
    share = shares.share(OPERATOR, own.case, elsewhere, "legal", categories=["needs"])
    draft = referrals.ReferralDraft(own.case, elsewhere, ["legal_aid"], DAY, legal_basis="x")
    return {"notice": row, "share": share, "sent": referrals.refer(OPERATOR, draft)}
