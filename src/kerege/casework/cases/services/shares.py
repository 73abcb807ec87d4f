"""Shares: which categories of data another agency may see, on which basis, and until when."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import models
from django.utils import timezone

from kerege.casework.cases.models.case import Case, Share
from kerege.casework.cases.services.code_checks import check_codes
from kerege.casework.cases.services.timeline_events import add_timeline_event
from kerege.core import audit, authorization
from kerege.core.accounts.models import Agency
from kerege.core.authorization import Actor
from kerege.vocabulary import codes

JUSTICE = frozenset({"internal_affairs", "border_service", "prosecution", "court"})
AUTHORITY_KINDS = frozenset({"social_protection"})


@dataclass(frozen=True)
class ShareBasis:
    """The basis of a share: its kind and id, the source that opened it, and the latest end."""

    kind: str
    id: UUID | None = None
    source_id: UUID | None = None
    until: datetime | None = None


def grantable(agency: Agency) -> list[str]:
    """Return the data categories that may be shared with an agency at all, even with consent.

    Police, border service, prosecution and courts never see health or services. Agencies that are not authorities never
    see criminal proceedings. Notes are never shared; they move only with a transferred case.
    """
    excluded = {"notes"}
    if agency.kind in JUSTICE:
        excluded |= {"health", "services"}
    elif agency.kind not in AUTHORITY_KINDS:
        excluded |= {"proceedings"}
    return [code for code in codes.code_list("data_category").codes if code not in excluded]


def share(
    actor: Actor,
    case: Case,
    agency: Agency,
    basis: str | ShareBasis,
    basis_id: UUID | None = None,
    until: datetime | None = None,
    *,
    categories: Iterable[str] = (),
) -> Share:
    """Share categories of a case with another agency; without any, it sees the reference only.

    A running share with the same basis and categories is returned unchanged. Categories that may not be shared are
    left out.
    """
    basis_of_share = basis if isinstance(basis, ShareBasis) else ShareBasis(basis, basis_id, until=until)
    with audit.act(actor, "cases.share", target=f"case:{case.id}") as event:
        authorization.require(actor, "cases.share", case)
        permitted = [code for code in grantable(agency) if code in set(categories)]
        event.note(agency=str(agency.id), basis=basis_of_share.kind, categories=permitted)
        same = {
            "case": case,
            "agency": agency,
            "basis": basis_of_share.kind,
            "basis_id": basis_of_share.id,
            "source_id": basis_of_share.source_id,
        }
        row = running_shares().filter(**same, categories=permitted).first()
        if row is None:
            row = Share(
                **same,
                categories=permitted,
                named="identity" in permitted,
                from_at=timezone.now(),
                to_at=basis_of_share.until,
            )
            check_codes(row)
            row.save()
    return row


def running_shares() -> models.QuerySet[Share]:
    """Return the shares that are in force now."""
    now = timezone.now()
    return Share.objects.filter(models.Q(to_at=None) | models.Q(to_at__gt=now), from_at__lte=now)


def end_shares(actor: Actor, case: Case, basis_id: UUID) -> int:
    """End every running share of a case with this basis; return how many."""
    with audit.act(actor, "cases.end_shares", target=f"case:{case.id}") as event:
        authorization.require(actor, "cases.share", case)
        count = running_shares().filter(case=case, basis_id=basis_id).update(to_at=timezone.now())
        event.note(shares=count)
    return count


def end_share(actor: Actor, row: Share) -> None:
    """End one running share that no referral or other source keeps open."""
    with audit.act(actor, "cases.end_share", target=f"case:{row.case_id}") as event:
        authorization.require(actor, "cases.share", row.case)
        if running_shares().filter(pk=row.pk, source_id=None).update(to_at=timezone.now()):
            add_timeline_event(actor, row.case, timezone.localdate(), "share_ended", to=str(row.agency_id))
        event.note(agency=str(row.agency_id))


def end_shares_of(source_id: UUID) -> int:
    """End the running shares that a source, such as a referral, opened; return how many.

    The caller has authorised the act.
    """
    count = running_shares().filter(source_id=source_id).update(to_at=timezone.now())
    if count:
        audit.note(shares_ended=count)
    return count
