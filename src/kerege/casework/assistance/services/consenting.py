"""The consent ledger."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from django.utils import timezone

from kerege.casework.assistance.models import Consent
from kerege.casework.cases.services import check_codes, end_shares, tell
from kerege.core import access, audit
from kerege.core.access import Actor

# purposes of a consent on which a case may be shown to another agency
SHARING = frozenset({"sharing_with_agency", "sharing_with_police", "cross_border"})


def record_consent(actor: Actor, consent: Consent) -> Consent:
    """Write an entry of the consent ledger; a refusal is an entry too and blocks nothing."""
    with audit.act(actor, "consents.record", target=f"case:{consent.case_id}") as event:
        access.require(actor, "cases.share", consent.case)
        consent.recorded_by, consent.created_at = actor.label, timezone.now()
        check_codes(consent)
        consent.save()
        tell(actor, consent.case, consent.on, "consent", purpose=consent.purpose, given=consent.given)
        event.note(consent=str(consent.id), given=consent.given)
    return consent


def withdraw_consent(actor: Actor, consent: Consent, on: date) -> int:
    """Withdraw a consent; every share that rested on it closes at once. Returns how many."""
    with audit.act(actor, "consents.withdraw", target=f"case:{consent.case_id}"):
        access.require(actor, "cases.share", consent.case)
        consent.withdrawn_on = on
        consent.save(update_fields=["withdrawn_on"])
        consent.referrals.filter(status__in=["sent", "seen", "accepted", "started"]).update(status="withdrawn")
        tell(actor, consent.case, on, "consent_withdrawn", purpose=consent.purpose)
        return end_shares(actor, consent.case, consent.id)


def end_of(consent: Consent | None) -> datetime | None:
    """The moment at which a consent has run out; None when it has no end."""
    if consent is None or consent.until is None:
        return None
    return timezone.make_aware(datetime.combine(consent.until + timedelta(days=1), time.min))
