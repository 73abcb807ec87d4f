"""Consents, referrals and notices."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from kerege.casework.cases import services
from kerege.casework.cases.models import Notice
from kerege.core.access import Actor

SUBJECT = {"assistance:claim": "referral", "assistance:assign-referral": "referral", "cases:notice": "notice"}
POST_ONLY = {"assistance:claim", "assistance:assign-referral", "assistance:end-share", "cases:notice"}

READ_ONLY = {"assistance:consent-form", "assistance:consent-print"}


def furnish(own: Any, elsewhere: Any, words: Any) -> dict[str, Any]:
    """A notice for the agency."""
    row = Notice.objects.create(
        agency=own.agency,
        kind="referral_new",
        reference=own.referral.reference,
        url_name="assistance:referral",
        object_id=own.referral.pk,
        at=timezone.now(),
    )
    share = services.share(Actor.system("tests"), own.case, elsewhere, "legal", categories=["needs"])
    return {"notice": row, "share": share}
