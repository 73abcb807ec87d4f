"""Every write of assistance: services, consents, needs, referrals. Nothing here asks for a status or a crime."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_noop

from kerege.casework.assistance.models import Assessment, Consent, Referral, Service
from kerege.casework.cases.models import Case, Event, Share
from kerege.casework.cases.services import check_codes, digest, end_shares, new_event, running_shares, share, tell
from kerege.casework.vault.services import save_text
from kerege.core import access, audit
from kerege.core.access import Actor
from kerege.core.accounts.models import Agency
from kerege.core.bulk import insert
from kerege.standard.faults import BadInput, Fault

# purposes of a consent on which a case may be shown to another agency
SHARING = frozenset({"sharing_with_agency", "sharing_with_police", "cross_border"})
ALIVE = ("sent", "seen", "accepted", "started", "completed")


def add_services(actor: Actor, services: Sequence[Service]) -> list[Service]:
    """Record services (unsaved rows) in one audited act; the days of each are checked against one another."""
    with audit.act(actor, "services.add") as event:
        events: list[Event] = []
        for row in services:
            if len(services) == 1:
                access.require(actor, "services.add", row.case)
                event.target = f"case:{row.case_id}"
            row.created_at, row.created_by = timezone.now(), actor.label
            check_codes(row)
            check_days(row)
            on = row.started_on or row.requested_on or row.case.registered_on
            events.append(new_event(actor, row.case, on, "service", {"service": row.kind, "status": row.status}))
        if len(services) != 1:
            access.require(actor, "services.add_many")
            event.note(services=len(services), digests=[digest(row) for row in services])
        insert(services)
        insert(events)
    return list(services)


def check_days(row: Service) -> None:
    """A service that has begun has a day on which it began, and does not end before it."""
    if row.status in {"ongoing", "completed"} and row.started_on is None:
        raise BadInput(
            Fault(
                gettext_noop("a service that has begun needs the day on which it began"),
                gettext_noop("enter the day or choose requested"),
            )
        )
    if row.started_on and row.ended_on and row.ended_on < row.started_on:
        raise BadInput(
            Fault(gettext_noop("the service ends before it began"), gettext_noop("correct one of the two days"))
        )


def end_service(actor: Actor, service: Service, status: str, on: date) -> Service:
    """A service is completed, declined or interrupted."""
    with audit.act(actor, "services.end", target=f"case:{service.case_id}"):
        access.require(actor, "services.add", service.case)
        now = Service.objects.select_for_update().values_list("status", flat=True).get(pk=service.pk)
        if now not in {"requested", "ongoing"}:
            raise BadInput(Fault(gettext_noop("this service has ended already"), gettext_noop("reload the page")))
        service.status, service.ended_on = status, on
        check_codes(service)
        check_days(service)
        service.save(update_fields=["status", "ended_on"])
        tell(actor, service.case, on, "service", service=service.kind, status=status)
    return service


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


def assess(actor: Actor, case: Case, on: date, needs: dict[str, int], risk_level: str) -> Assessment:
    """Record needs by domain (0 none to 4 acute) and the level of risk, which becomes the case's."""
    with audit.act(actor, "assessments.record", target=f"case:{case.id}"):
        access.require(actor, "cases.change", case)
        row = Assessment(
            case=case, on=on, needs=needs, risk_level=risk_level, assessed_by=actor.label, created_at=timezone.now()
        )
        check_codes(row)
        row.save()
        case.risk_level = risk_level
        case.save(update_fields=["risk_level"])
        tell(actor, case, on, "assessment", risk=risk_level)
    return row


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


def end_of(consent: Consent | None) -> datetime | None:
    """The moment at which a consent has run out; None when it has no end."""
    if consent is None or consent.until is None:
        return None
    return timezone.make_aware(datetime.combine(consent.until + timedelta(days=1), time.min))


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
