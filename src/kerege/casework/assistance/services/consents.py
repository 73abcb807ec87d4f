"""The consent ledger: entries, withdrawal, expiry."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.utils import timezone
from django.utils.translation import gettext_noop

from kerege.base.errors import BadInput, Fault
from kerege.casework.assistance.events import collect_unfit_guardians, consent_withdrawn
from kerege.casework.assistance.models.consents import Consent
from kerege.casework.assistance.models.referrals import Referral
from kerege.casework.assistance.services.referral_steps import SHOWING, notify_receiver, record_step
from kerege.casework.assistance.services.returns import is_child
from kerege.casework.cases.models.case import Case, Task
from kerege.casework.cases.services.code_checks import check_codes
from kerege.casework.cases.services.shares import end_shares, running_shares
from kerege.casework.cases.services.tasks import plan_tasks
from kerege.casework.cases.services.timeline_events import add_timeline_event
from kerege.casework.vault.services.identities import lock_surviving_record, save_text
from kerege.core import audit, authorization
from kerege.core.answers import collect_answers
from kerege.core.authorization import Actor, session_scope
from kerege.vocabulary.profile import active

# consent purposes that allow a share of the case with another agency
SHARING_PURPOSES = frozenset({"sharing_with_agency", "sharing_with_police", "cross_border"})


@dataclass(frozen=True)
class Names:
    """Names of the witness and of the guardian of a child; stored encrypted."""

    witness: str = ""
    guardian: str = ""


def record_consent(actor: Actor, consent: Consent, names: Names = Names()) -> Consent:
    """Record an entry of the consent ledger. A refusal is an entry too and blocks no service."""
    with audit.act(actor, "consents.record", target=f"case:{consent.case_id}") as event:
        authorization.require(actor, "cases.share", consent.case)
        _check_consent(actor, consent)
        _lock_person(consent.case)
        consent.recorded_by, consent.created_at = actor.label, timezone.now()
        for column in ("witness", "guardian"):
            if name := getattr(names, column).strip():
                setattr(consent, column, save_text(consent.case.record.data_key, name))
        check_codes(consent)
        consent.save()
        add_timeline_event(actor, consent.case, consent.on, "consent", purpose=consent.purpose, given=consent.given)
        event.note(consent=str(consent.id), given=consent.given)
        if consent.given and consent.withdrawn_on is None:
            _move_to_renewed(consent)
        elif consent.withdrawn_on or not consent.given:
            _announce_refusal(actor, consent, consent.withdrawn_on or consent.on)
    return consent


def _lock_person(case: Case) -> None:
    """Lock the surviving record, so that consent changes and merges of the same person are serialised."""
    with session_scope.bypass_row_security("the surviving record of the person is locked; nothing of it is read"):
        lock_surviving_record(case.record_id)


def _announce_refusal(actor: Actor, consent: Consent, on: date) -> int:
    return sum(collect_answers(consent_withdrawn, Consent, actor=actor, consent=consent, on=on))


def _check_consent(actor: Actor, consent: Consent) -> None:
    if consent.until and consent.until < consent.on:
        raise BadInput(Fault(gettext_noop("the consent ends before it begins"), gettext_noop("correct the last day")))
    by_guardian = consent.given and consent.by_guardian
    if by_guardian and any(collect_answers(collect_unfit_guardians, Case, case=consent.case)):
        raise BadInput(
            Fault(
                gettext_noop("the recorded guardian has a conflict of interest and cannot consent"),
                gettext_noop("record another guardian first"),
            )
        )
    both_agree = consent.by_guardian and consent.child_assent == "yes"
    if consent.given and not both_agree and is_child(actor, consent.case, consent.on):
        raise BadInput(
            Fault(
                gettext_noop("for a child both the guardian and the child agree"),
                gettext_noop("record who spoke for the child and that the child agrees, or record a refusal"),
            )
        )


def _move_to_renewed(consent: Consent) -> None:
    """Move shares and referrals of earlier consents of the same scope to the new consent.

    An earlier consent moves when its categories are a subset. Its shares then end with the new consent.
    """
    earlier_consents = Consent.objects.filter(
        case=consent.case_id, purpose=consent.purpose, recipient=consent.recipient_id, given=True, withdrawn_on=None
    )
    for earlier in earlier_consents.exclude(pk=consent.pk):
        if set(earlier.categories) <= set(consent.categories):
            running_shares().filter(basis_id=earlier.pk).update(basis_id=consent.pk, to_at=get_consent_end(consent))
            earlier.referrals.filter(status__in=SHOWING).update(consent=consent)


def withdraw_consent(actor: Actor, consent: Consent, on: date, *, alone: bool = False) -> int:
    """Withdraw a consent, end its shares and referrals at once, and return the number of ended shares.

    `alone`: the withdrawal follows from a refusal in another app, so `consent_withdrawn` is not sent again.
    """
    with audit.act(actor, "consents.withdraw", target=f"case:{consent.case_id}") as event:
        authorization.require(actor, "cases.share", consent.case)
        _lock_person(consent.case)
        # serialise with another withdrawal and with a referral that is sent on this consent
        stored = Consent.objects.select_for_update().get(pk=consent.pk)
        if stored.withdrawn_on or not stored.given:
            raise BadInput(
                Fault(gettext_noop("this consent was refused or withdrawn already"), gettext_noop("reload the page"))
            )
        consent.withdrawn_on, consent.withdrawn_by = on, actor.label
        consent.save(update_fields=["withdrawn_on", "withdrawn_by"])
        closed = _close_referrals(actor, consent, "withdrawn", "referral_withdrawn")
        add_timeline_event(actor, consent.case, on, "consent_withdrawn", purpose=consent.purpose, closed=len(closed))
        event.note(referrals=closed)
        ended = end_shares(actor, consent.case, consent.id)
        return ended if alone else ended + _announce_refusal(actor, consent, on)


def _close_referrals(actor: Actor, consent: Consent, status: str, notice: str) -> list[str]:
    """Set the open referrals of a consent to `status` and notify the receivers. Returns their ids."""
    closed = []
    for row in Referral.objects.select_for_update().filter(consent=consent, status__in=SHOWING):
        row.status = status
        row.save(update_fields=["status"])
        record_step(actor, row, status)
        notify_receiver(row, notice)
        closed.append(str(row.pk))
    return closed


def get_consent_end(consent: Consent | None) -> datetime | None:
    """Return the moment at which a consent has expired; None when it has no end."""
    if consent is None or consent.until is None:
        return None
    return timezone.make_aware(datetime.combine(consent.until + timedelta(days=1), time.min))


def watch_consents(actor: Actor, today: date) -> tuple[int, int]:
    """Plan renewal tasks for consents that end soon, and close the referrals of expired consents.

    Returns the number of new tasks and of expired consents.
    """
    running = Consent.objects.filter(given=True, withdrawn_on=None, until__isnull=False).select_related("case")
    ending = running.filter(until__lte=today + timedelta(days=active().consent_notice.days), reminded_at=None)
    task_count = plan_tasks(actor, [_build_renewal_task(row) for row in ending if row.case.status != "closed"])
    ending.update(reminded_at=timezone.now())
    expired = list(running.filter(until__lt=today, ran_out_at=None))
    if expired:
        with audit.act(actor, "consents.run_out") as event:
            authorization.require(actor, "cases.share")
            for row in expired:
                _close_referrals(actor, row, "expired", "referral_expired")
            Consent.objects.filter(pk__in=[row.pk for row in expired]).update(ran_out_at=timezone.now())
            event.note(consents=[str(row.pk) for row in expired])
    return task_count, len(expired)


def _build_renewal_task(consent: Consent) -> Task:
    case, on = consent.case, consent.until or consent.on
    return Task(
        agency_id=case.agency_id,
        case=case,
        assignee_id=case.caseworker_id,
        kind="renew_consent",
        due_on=on,
        source=f"consent:{consent.pk}",
    )
