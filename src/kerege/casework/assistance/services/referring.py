"""Referrals to the inbox of another agency."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_noop

from kerege.casework.assistance.models import Consent, Referral
from kerege.casework.assistance.services.consenting import SHARING, end_of
from kerege.casework.cases.models import Case, Share
from kerege.casework.cases.services import check_codes, running_shares, share, tell
from kerege.casework.vault.services import save_text
from kerege.core import access, audit
from kerege.core.access import Actor
from kerege.core.accounts.models import Agency
from kerege.standard.faults import BadInput, Fault

ALIVE = ("sent", "seen", "accepted", "started", "completed")


@dataclass
class ReferralDraft:
    """A request to another agency's inbox. It rests on a consent or on a legal basis named in the profile."""

    case: Case
    to_agency: Agency
    services: list[str]
    due_on: date
    consent: Consent | None = None
    legal_basis: str = ""
    categories: list[str] = field(default_factory=list)
    urgency: str = "normal"
    message: str = ""


def refer(actor: Actor, draft: ReferralDraft) -> Referral:
    """Send a referral; the receiver sees the case from now on, as far as the basis reaches."""
    with audit.act(actor, "referrals.send", target=f"case:{draft.case.id}") as event:
        access.require(actor, "cases.share", draft.case)
        check_basis(draft)
        row = Referral(
            **{k: v for k, v in vars(draft).items() if k != "message"},
            from_agency=draft.case.agency,
            sent_at=timezone.now(),
            sent_by=actor.label,
        )
        check_codes(row)
        if draft.message:
            row.message = save_text(draft.case.record.data_key, draft.message)
        row.save()
        basis = Share.Basis.CONSENT if draft.consent else Share.Basis.LEGAL
        consent = draft.consent
        share(actor, draft.case, draft.to_agency, basis, consent.id if consent else None, end_of(consent))
        tell(actor, draft.case, timezone.localdate(), "referral", to=str(draft.to_agency.id), services=draft.services)
        event.note(referral=str(row.id), to=str(draft.to_agency.id))
    return row


def close_share(referral: Referral) -> None:
    """What the receiver could see closes with its last referral that is neither refused nor run out."""
    others = Referral.objects.filter(case=referral.case_id, to_agency=referral.to_agency_id, status__in=ALIVE)
    if not others.exclude(pk=referral.pk).exists():
        shares = running_shares().filter(case=referral.case_id, agency=referral.to_agency_id)
        shares.update(to_at=timezone.now())


def check_basis(draft: ReferralDraft) -> None:
    """A referral needs a consent that is given, not withdrawn, and covers the receiver; or a legal basis."""
    consent = draft.consent
    if consent is None and not draft.legal_basis:
        raise BadInput(
            Fault(
                gettext_noop("a referral rests on a consent or on a legal basis"),
                gettext_noop("record one of them first"),
            )
        )
    if consent and (not consent.given or consent.withdrawn_on):
        raise BadInput(
            Fault(
                gettext_noop("this consent was refused or withdrawn"), gettext_noop("ask again, or name a legal basis")
            )
        )
    if consent and (consent.purpose not in SHARING or (consent.until and consent.until < timezone.localdate())):
        raise BadInput(
            Fault(
                gettext_noop("this consent is not for sharing with another agency, or has run out"),
                gettext_noop("record a consent for this one"),
            )
        )
    if consent and consent.recipient_id not in {None, draft.to_agency.id}:
        raise BadInput(
            Fault(gettext_noop("this consent names another agency"), gettext_noop("record a consent for this one"))
        )


# what the receiving agency may answer, from which state
ANSWERS: dict[str, set[str]] = {
    "seen": {"sent"},
    "accepted": {"sent", "seen"},
    "declined": {"sent", "seen"},
    "started": {"accepted"},
    "completed": {"accepted", "started"},
}


def answer_referral(actor: Actor, referral: Referral, status: str, reason: str = "") -> Referral:
    """The receiving agency sees, accepts, declines (with a reason), starts or completes."""
    with audit.act(actor, "referrals.answer", target=f"referral:{referral.id}") as event:
        access.require(actor, "referrals.answer", referral)
        # read again under the lock: of two answers at once only the first counts
        referral.status = Referral.objects.select_for_update().values_list("status", flat=True).get(pk=referral.pk)
        if referral.status not in ANSWERS.get(status, set()):
            raise BadInput(
                Fault(
                    gettext_noop("this answer does not follow the state of the referral"),
                    gettext_noop("reload the page"),
                )
            )
        if status == "declined" and not reason:
            raise BadInput(Fault(gettext_noop("a declined referral needs a reason"), gettext_noop("choose one")))
        referral.status, referral.decline_reason = status, reason
        stamp: dict[str, Any] = {"seen": "seen_at", "completed": "completed_at", "started": None}
        column = stamp.get(status, "answered_at")
        if column:
            setattr(referral, column, timezone.now())
        check_codes(referral)
        referral.save()
        if status == "declined":
            close_share(referral)
        tell(actor, referral.case, timezone.localdate(), "referral_answer", status=status, reason=reason)
        event.note(status=status)
    return referral


def expire_referrals(actor: Actor, today: date) -> int:
    """Referrals past their day without an answer expire, in one act; returns how many."""
    late = list(Referral.objects.filter(status__in=["sent", "seen"], due_on__lt=today).select_related("case"))
    if not late:
        return 0
    with audit.act(actor, "referrals.expire") as event:
        for row in late:
            access.require(actor, "referrals.answer", row)
            tell(actor, row.case, today, "referral_answer", status="expired")
        Referral.objects.filter(pk__in=[row.pk for row in late]).update(status="expired")
        for row in late:
            close_share(row)
        event.note(referrals=[str(row.pk) for row in late])
    return len(late)
