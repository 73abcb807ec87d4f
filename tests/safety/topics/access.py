"""Notes for the pages of access (see first.py)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils import timezone

from kerege.casework.cases.models.emergency_access import Emergency
from kerege.casework.cases.services import registration
from kerege.casework.cases.services.inputs import Registration
from kerege.casework.vault.services.identities import save_text
from kerege.core.authorization import Actor

SUBJECT = {
    "cases:emergency": "emergency",
    "cases:emergency-end": "emergency",
    "accounts:end-sessions": "user",
    "accounts:rights": "user",
}
POST_ONLY = {"accounts:step-up", "accounts:end-sessions", "accounts:end-session", "cases:emergency-end", "cases:reveal"}
BY_SHARE = {"cases:reveal"}
# auditors judge what happened at every agency, and read the receipts of erasures
EVERYWHERE = {("auditor", "cases:emergency"), ("auditor", "cases:erasure-receipt")}


def furnish(own: Any, elsewhere: Any, words: Any) -> dict[str, Any]:
    """Create an emergency in which a user of another agency opened a case of this agency."""
    operator = Actor.system("tests")
    case = registration.register(operator, Registration(own.agency, words.identity, timezone.localdate()))
    user = elsewhere.assignments.first()
    user = user.user if user else None
    if user is None:
        from kerege.core.accounts.models import User

        user = User.objects.create_user(
            f"night-{own.agency.code}-{User.objects.count()}", None, full_name="Night", language="en"
        )
    now = timezone.now()
    reason = save_text(case.record.data_key, "reason")
    row = Emergency.objects.create(
        case=case,
        reference=case.reference,
        owner=own.agency,
        user=user,
        agency=elsewhere,
        kind="medical",
        reason=reason,
        opened_at=now,
        until=now + timedelta(hours=4),
    )
    return {"emergency": row}
