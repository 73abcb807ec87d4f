"""Consents of two records that become one: a later refusal or withdrawal holds for both.

A refusal or withdrawal in a case of one record, given on or after the day of a consent in a case of the other, for
the same purpose and recipient, withdraws that consent. A later consent stays valid. An unmerge restores what the merge
withdrew, except what the person refused again meanwhile.

While the records are merged, every refusal holds in all their cases at that agency, under the same rule.
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
from kerege.casework.cases.services.timeline_events import add_timeline_event
from kerege.casework.persons.services.person_links import merged_group
from kerege.core.authorization import Actor, session_scope

Undo = dict[str, Any]


def overruled_consents(left: Iterable[UUID], right: Iterable[UUID]) -> list[tuple[Consent, date]]:
    """Return the consents of either record that the other record overrules, with the day of the refusal."""
    left_rows, right_rows = (
        list(Consent.objects.filter(case__record__in=ids).select_related("case")) for ids in (left, right)
    )
    overruled: dict[UUID, tuple[Consent, date]] = {}
    for rows, other_rows in ((left_rows, right_rows), (right_rows, left_rows)):
        for refusal, day in _refusals(rows):
            for consent in other_rows:
                if (
                    consent.given
                    and consent.withdrawn_on is None
                    and consent.on <= day
                    and _same_scope(refusal, consent)
                ):
                    earlier = overruled.get(consent.pk)
                    overruled[consent.pk] = (consent, max(day, earlier[1] if earlier else day))
    return sorted(overruled.values(), key=lambda pair: (pair[1], pair[0].pk))


def _refusals(rows: list[Consent]) -> Iterator[tuple[Consent, date]]:
    """Yield every refusal and withdrawal, with its day, unless a later consent of the case replaced it."""
    for row in rows:
        day = row.on if not row.given else row.withdrawn_on
        if day is None:
            continue
        later_consents = (
            r for r in rows if r.given and r.withdrawn_on is None and r.case_id == row.case_id and _same_scope(row, r)
        )
        if not any(r.on > day or (r.on == day and r.created_at > row.created_at) for r in later_consents):
            yield row, day


def _same_scope(refusal: Consent, consent: Consent) -> bool:
    """Return whether purpose and recipient are the same; no recipient means every recipient."""
    return refusal.purpose == consent.purpose and (
        refusal.recipient_id is None or consent.recipient_id is None or refusal.recipient_id == consent.recipient_id
    )


def withdraw_overruled(actor: Actor, left: Iterable[UUID], right: Iterable[UUID]) -> list[Undo]:
    """Withdraw the overruled consents as any withdrawal does; return the data that restores them."""
    return [_withdraw(actor, consent, day) for consent, day in overruled_consents(left, right)]


def _withdraw(actor: Actor, consent: Consent, day: date) -> Undo:
    """Withdraw one consent, and return its earlier state with the shares and referrals that ended."""
    shares = {row.pk: row.to_at for row in running_shares().filter(case=consent.case_id, basis_id=consent.pk)}
    referrals = dict(consent.referrals.values_list("pk", "status"))
    withdraw_consent(actor, consent, max(day, consent.on), alone=True)
    ends_after = dict(Share.objects.filter(pk__in=shares).values_list("pk", "to_at"))
    statuses_after = dict(consent.referrals.values_list("pk", "status"))
    return {
        "consent": str(consent.pk),
        "on": consent.withdrawn_on.isoformat() if consent.withdrawn_on else "",
        "shares": {
            str(pk): [_format_time(ended_before), _format_time(ends_after[pk])] for pk, ended_before in shares.items()
        },
        "referrals": {str(pk): status for pk, status in referrals.items() if statuses_after[pk] != status},
    }


def withdraw_in_merged_records(actor: Actor, refusal: Consent, day: date) -> int:
    """Apply a refusal or withdrawal to the other cases of a merged record at the same agency.

    Returns the number of shares closed.
    """
    with session_scope.bypass_row_security(
        "merged records of one agency share their consents; only its own cases change"
    ):
        records = merged_group(refusal.case.record_id)
        if len(records) == 1:
            return 0
        rows = Consent.objects.filter(
            case__record__in=records,
            case__agency=refusal.case.agency_id,
            purpose=refusal.purpose,
            given=True,
            withdrawn_on=None,
            on__lte=day,
        ).exclude(case=refusal.case_id)
        consents = [row for row in rows.select_related("case").order_by("on", "pk") if _same_scope(refusal, row)]
        return sum(withdraw_consent(actor, row, day, alone=True) for row in consents)


def refusals_of(records: Collection[UUID]) -> list[Consent]:
    """Return every refusal and withdrawn consent in the cases of these records."""
    is_refusal = Q(given=False) | Q(withdrawn_on__isnull=False)
    rows = Consent.objects.filter(is_refusal, case__record__in=records)
    return list(rows.select_related("case").order_by("pk"))


def withdrawn_by_other_side(meanwhile: Collection[Consent], other_side: Collection[UUID]) -> list[Consent]:
    """Return the consents of `meanwhile` that a refusal in the other record of a merge withdrew.

    `meanwhile` holds the refusals and withdrawn consents since the merge, `other_side` the records on one side of it.
    When both sides have a withdrawn consent, each is returned: no row says in which case the person spoke.
    """
    sides = {row.pk: row.case.record_id in other_side for row in meanwhile}
    return [
        row
        for row in meanwhile
        if row.given
        and any(
            sides[refusal.pk] != sides[row.pk] and _day(refusal) == row.withdrawn_on and _same_scope(refusal, row)
            for refusal in meanwhile
        )
    ]


def _day(refusal: Consent) -> date:
    """Return the day of a refusal or withdrawal."""
    return refusal.withdrawn_on or refusal.on


def restore_consents(
    actor: Actor, undos: Iterable[Undo], on: date, meanwhile: Collection[Consent] = ()
) -> list[Consent]:
    """Restore consents with their shares and referrals; return those that stay withdrawn.

    These are consents that a user changed since, consents of closed cases, and consents that the person refused
    `meanwhile` in any case.
    """
    left_out = []
    for undo in undos:
        row = Consent.objects.select_for_update().select_related("case").get(pk=undo["consent"])
        is_changed = row.withdrawn_on is None or row.withdrawn_on.isoformat() != undo["on"]
        if is_changed or row.case.status == "closed" or any(_same_scope(refusal, row) for refusal in meanwhile):
            if row.withdrawn_on is not None:
                left_out.append(row)
            continue
        row.withdrawn_on, row.withdrawn_by = None, ""
        row.save(update_fields=["withdrawn_on", "withdrawn_by"])
        _restore_shares(row.case, undo)
        add_timeline_event(actor, row.case, on, "consent", purpose=row.purpose, given=True)
    return left_out


def _restore_shares(case: Case, undo: Undo) -> None:
    """Restore the end of shares and the status of referrals, unless they were changed since."""
    for pk, (before, after) in undo["shares"].items():
        # skip an agency that owns the case now
        rows = Share.objects.filter(pk=pk, case=case, to_at=_parse_time(after)).exclude(agency=case.agency_id)
        rows.update(to_at=_parse_time(before))
    for pk, status in undo["referrals"].items():
        Referral.objects.filter(pk=pk, status="withdrawn").update(status=status)


def _format_time(at: datetime | None) -> str:
    """Return a time as text; '' for None."""
    return at.isoformat() if at else ""


def _parse_time(text: str) -> datetime | None:
    """Return the time of a text; None for ''."""
    return datetime.fromisoformat(text) if text else None
