"""Referrals to another agency: sending, sharing and withdrawal by the sender."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from django.utils import timezone
from django.utils.translation import gettext_noop

from kerege.base.errors import BadInput, Fault
from kerege.casework.assistance.models.consents import Consent
from kerege.casework.assistance.models.referrals import Referral
from kerege.casework.assistance.services.consents import SHARING_PURPOSES, get_consent_end
from kerege.casework.assistance.services.referral_steps import (
    SHOWING,
    WAITING,
    lock_referral,
    notify_receiver,
    record_step,
)
from kerege.casework.cases.models.case import Case, Share
from kerege.casework.cases.services.code_checks import check_codes
from kerege.casework.cases.services.lifecycle import require_open
from kerege.casework.cases.services.notifications import notify
from kerege.casework.cases.services.shares import ShareBasis, end_shares_of, grantable, share
from kerege.casework.cases.services.timeline_events import add_timeline_event
from kerege.casework.vault.services.identities import save_text
from kerege.core import audit, authorization
from kerege.core.accounts.models import Agency
from kerege.core.authorization import Actor
from kerege.vocabulary.profile import active

TRANSFERRED_STATES = ("sent", "seen", "accepted", "started", "completed")
# urgency -> deadline of the country profile for the answer
CLOCKS = {"immediate": "referral_answer_immediate", "high": "referral_answer_high"}


@dataclass
class ReferralDraft:
    """A referral before it is sent. It needs a consent or a legal basis of the country profile."""

    case: Case
    to_agency: Agency
    services: list[str]
    due_on: date | None = None  # None: the deadline of the country profile
    consent: Consent | None = None
    legal_basis: str = ""
    categories: list[str] = field(default_factory=list)
    urgency: str = "normal"
    message: str = ""
    previous: Referral | None = None


def refer(actor: Actor, draft: ReferralDraft) -> Referral:
    """Send a referral and share the chosen data categories within its consent or legal basis."""
    with audit.act(actor, "referrals.send", target=f"case:{draft.case.id}") as event:
        authorization.require(actor, "cases.share", draft.case)
        require_open(actor, draft.case)
        if draft.consent:
            # serialise with a concurrent withdrawal of the consent
            draft.consent = Consent.objects.select_for_update().get(pk=draft.consent.pk)
        check_basis(draft)
        _check_not_waiting(draft)
        now = timezone.now()
        row = Referral(
            **{k: v for k, v in vars(draft).items() if k not in {"message", "due_on", "categories"}},
            categories=[code for code in grantable(draft.to_agency) if code in draft.categories],
            due_on=draft.due_on or get_answer_day(draft.urgency, timezone.localdate(now)),
            from_agency=draft.case.agency,
            sent_at=now,
            sent_by=actor.label,
        )
        check_codes(row)
        if draft.message:
            row.message = save_text(draft.case.record.data_key, draft.message)
        row.save()
        record_step(actor, row, "sent")
        _share_categories(actor, draft, row)
        add_timeline_event(
            actor, draft.case, timezone.localdate(), "referral", to=str(draft.to_agency.id), services=draft.services
        )
        notify_receiver(row, "referral_new")
        event.note(referral=str(row.id), to=str(draft.to_agency.id), categories=row.categories)
    return row


def _share_categories(actor: Actor, draft: ReferralDraft, row: Referral) -> None:
    consent = draft.consent
    kind = Share.Basis.CONSENT if consent else Share.Basis.LEGAL
    basis = ShareBasis(kind, consent.id if consent else None, row.id, get_consent_end(consent))
    share(actor, draft.case, draft.to_agency, basis, categories=row.categories)


def withdraw_referral(actor: Actor, referral: Referral, reason: str) -> Referral:
    """Withdraw a referral that is not completed and end its shares at once, whatever their basis.

    The receiver learns that it was withdrawn, but not the reason.
    """
    with audit.act(actor, "referrals.withdraw", target=f"referral:{referral.pk}") as event:
        authorization.require(actor, "referrals.withdraw", referral)
        lock_referral(referral)
        if referral.status not in SHOWING:
            raise _build_error(gettext_noop("this referral has ended"), gettext_noop("reload the page"))
        if not reason:
            raise _build_error(gettext_noop("a withdrawn referral needs a reason"), gettext_noop("choose one"))
        referral.status, referral.withdraw_reason = "withdrawn", reason
        check_codes(referral)
        referral.save(update_fields=["status", "withdraw_reason"])
        record_step(actor, referral, "withdrawn")
        add_timeline_event(
            actor, referral.case, timezone.localdate(), "referral_answer", status="withdrawn", reason=reason
        )
        notify_receiver(referral, "referral_withdrawn")
        event.note(reason=reason)
        end_shares_of(referral.pk)
    return referral


def share_case(actor: Actor, draft: ReferralDraft) -> Share:
    """Share data categories of a case with an agency without a request, such as the deciding authority."""
    with audit.act(actor, "cases.share", target=f"case:{draft.case.id}"):
        authorization.require(actor, "cases.share", draft.case)
        require_open(actor, draft.case)
        if draft.consent:
            draft.consent = Consent.objects.select_for_update().get(pk=draft.consent.pk)
        check_basis(draft)
        consent = draft.consent
        kind = Share.Basis.CONSENT if consent else Share.Basis.LEGAL
        basis = ShareBasis(kind, consent.id if consent else None, until=get_consent_end(consent))
        row = share(actor, draft.case, draft.to_agency, basis, categories=draft.categories)
        add_timeline_event(
            actor, draft.case, timezone.localdate(), "shared", to=str(draft.to_agency.id), categories=row.categories
        )
        notify(draft.to_agency, "case_shared", url_name="cases:case", object_id=draft.case.id)
    return row


def get_answer_day(urgency: str, sent_on: date) -> date:
    """Return the day by which an answer is due, in business days of the country profile."""
    return active().due(CLOCKS.get(urgency, "referral_answer"), sent_on)


def check_basis(draft: ReferralDraft) -> None:
    """Raise BadInput unless a legal basis or a running consent covers receiver and categories."""
    if draft.consent is None:
        if not draft.legal_basis:
            raise _build_error(
                gettext_noop("a referral needs a consent or a legal basis"),
                gettext_noop("record one of them first"),
            )
        return
    if not draft.consent.given or draft.consent.withdrawn_on:
        raise _build_error(
            gettext_noop("this consent was refused or withdrawn"), gettext_noop("ask again, or name a legal basis")
        )
    today = timezone.localdate()
    if draft.consent.purpose not in SHARING_PURPOSES or (draft.consent.until and draft.consent.until < today):
        raise _build_error(
            gettext_noop("this consent is not for sharing with another agency, or has expired"),
            gettext_noop("record a consent for this one"),
        )
    if draft.consent.recipient_id not in {None, draft.to_agency.id}:
        raise _build_error(
            gettext_noop("this consent names another agency"), gettext_noop("record a consent for this one")
        )
    if set(draft.categories) - set(draft.consent.categories):
        raise _build_error(
            gettext_noop("the consent does not cover all the data chosen"),
            gettext_noop("share less, or ask the person again"),
        )


def _build_error(what: str, todo: str) -> BadInput:
    return BadInput(Fault(what, todo))


def _check_not_waiting(draft: ReferralDraft) -> None:
    """Raise BadInput when a referral for the same services waits at the agency, as after a double click."""
    # lock the case, so that the second of two concurrent requests sees the first
    Case.objects.select_for_update().filter(pk=draft.case.pk).first()
    waiting = Referral.objects.filter(case=draft.case, to_agency=draft.to_agency, status__in=WAITING)
    if any(sorted(row.services) == sorted(draft.services) for row in waiting):
        raise _build_error(
            gettext_noop("such a referral waits at this agency already"), gettext_noop("wait for its answer")
        )
