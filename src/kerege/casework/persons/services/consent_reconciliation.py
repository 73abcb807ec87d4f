"""Consents of two records that become one: whichever word is stricter and later holds for both.

A refusal or withdrawal in a case of one record, given on or after the day of a consent in a case of the other, for the
same purpose and recipient, withdraws that consent as if she had said so there. A later consent is a later word and
stands. Undoing puts back what this withdrew, and nothing else; not what she refused once more meanwhile.

While the records are one, every no holds in all their cases at that agency, under the same rule.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import Q

from kerege.casework.assistance.models.consents import Consent
from kerege.casework.assistance.models.referrals import Referral
from kerege.casework.assistance.services.consents import withdraw_consent
from kerege.casework.cases.models.case import Case, Share
from kerege.casework.cases.services.shares import running_shares
from kerege.casework.cases.services.timeline_events import tell
from kerege.casework.persons.services.person_links import whole
from kerege.core.authorization import Actor, session_scope

Undo = dict[str, Any]


def overruled(left: Iterable[UUID], right: Iterable[UUID]) -> list[tuple[Consent, date]]:
    """Consents of either record that a later word in a case of the other one overrules, and from which day."""
    mine, theirs = (list(Consent.objects.filter(case__record__in=ids).select_related("case")) for ids in (left, right))
    found: dict[UUID, tuple[Consent, date]] = {}
    for said, others in ((mine, theirs), (theirs, mine)):
        for no, day in _refusals(said):
            for yes in others:
                if yes.given and yes.withdrawn_on is None and yes.on <= day and _same_scope(no, yes):
                    before = found.get(yes.pk)
                    found[yes.pk] = (yes, max(day, before[1] if before else day))
    return sorted(found.values(), key=lambda pair: (pair[1], pair[0].pk))


def _refusals(rows: list[Consent]) -> Iterator[tuple[Consent, date]]:
    """Every refusal and withdrawal that no later consent of the same case and scope took back."""
    for row in rows:
        day = row.on if not row.given else row.withdrawn_on
        if day is None:
            continue
        later = (
            r for r in rows if r.given and r.withdrawn_on is None and r.case_id == row.case_id and _same_scope(row, r)
        )
        if not any(r.on > day or (r.on == day and r.created_at > row.created_at) for r in later):
            yield row, day


def _same_scope(no: Consent, yes: Consent) -> bool:
    """A word about nobody in particular is about everybody."""
    return no.purpose == yes.purpose and (
        no.recipient_id is None or yes.recipient_id is None or no.recipient_id == yes.recipient_id
    )


def apply(actor: Actor, left: Iterable[UUID], right: Iterable[UUID]) -> list[Undo]:
    """Withdraw what is overruled, telling both sides as with any withdrawal; returns what puts it back."""
    return [_withdraw(actor, consent, day) for consent, day in overruled(left, right)]


def _withdraw(actor: Actor, consent: Consent, day: date) -> Undo:
    shares = {row.pk: row.to_at for row in running_shares().filter(case=consent.case_id, basis_id=consent.pk)}
    referrals = dict(consent.referrals.values_list("pk", "status"))
    withdraw_consent(actor, consent, max(day, consent.on), alone=True)
    now = dict(Share.objects.filter(pk__in=shares).values_list("pk", "to_at"))
    after = dict(consent.referrals.values_list("pk", "status"))
    return {
        "consent": str(consent.pk),
        "on": consent.withdrawn_on.isoformat() if consent.withdrawn_on else "",
        "shares": {str(pk): [_text(end), _text(now[pk])] for pk, end in shares.items()},
        "referrals": {str(pk): status for pk, status in referrals.items() if after[pk] != status},
    }


def spread(actor: Actor, no: Consent, day: date) -> int:
    """A refusal or withdrawal in a case of a merged record holds in every other case of it at that agency.

    Returns how many shares closed.
    """
    with session_scope.beyond("the records of one agency that were merged are one; its own cases alone are touched"):
        records = whole(no.case.record_id)
        if len(records) == 1:
            return 0
        rows = Consent.objects.filter(
            case__record__in=records,
            case__agency=no.case.agency_id,
            purpose=no.purpose,
            given=True,
            withdrawn_on=None,
            on__lte=day,
        ).exclude(case=no.case_id)
        others = [row for row in rows.select_related("case").order_by("on", "pk") if _same_scope(no, row)]
        return sum(withdraw_consent(actor, row, day, alone=True) for row in others)


def said_no(records: Collection[UUID]) -> list[Consent]:
    """Every refusal and withdrawn consent in the cases of these records."""
    no = Q(given=False) | Q(withdrawn_on__isnull=False)
    return list(Consent.objects.filter(no, case__record__in=records).order_by("pk"))


def put_back(actor: Actor, done: Iterable[Undo], on: date, meanwhile: Collection[Consent] = ()) -> list[str]:
    """Consents run again as they did, with the shares and referrals that rested on them; returns what did not.

    What somebody changed since, shares of a case that was closed meanwhile, and what she refused `meanwhile` in
    whichever case, stay as they are.
    """
    left = []
    for undo in done:
        row = Consent.objects.select_for_update().select_related("case").get(pk=undo["consent"])
        changed = row.withdrawn_on is None or row.withdrawn_on.isoformat() != undo["on"]
        if changed or row.case.status == "closed" or any(_same_scope(no, row) for no in meanwhile):
            left.append(row.case.reference)
            continue
        row.withdrawn_on, row.withdrawn_by = None, ""
        row.save(update_fields=["withdrawn_on", "withdrawn_by"])
        _reopen(row.case, undo)
        tell(actor, row.case, on, "consent", purpose=row.purpose, given=True)
    return left


def _reopen(case: Case, undo: Undo) -> None:
    for pk, (before, after) in undo["shares"].items():
        # an agency that owns the case by now needs no share of it
        rows = Share.objects.filter(pk=pk, case=case, to_at=_moment(after)).exclude(agency=case.agency_id)
        rows.update(to_at=_moment(before))
    for pk, status in undo["referrals"].items():
        Referral.objects.filter(pk=pk, status="withdrawn").update(status=status)


def _text(at: datetime | None) -> str:
    return at.isoformat() if at else ""


def _moment(text: str) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
