"""What other agencies may see, by category of data, on which basis, until when."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import models
from django.utils import timezone

from kerege.casework.cases.models.case import Case, Share
from kerege.casework.cases.services.code_checks import check_codes
from kerege.casework.cases.services.timeline_events import tell
from kerege.core import audit, authorization
from kerege.core.accounts.models import Agency
from kerege.core.authorization import Actor
from kerege.vocabulary import codes

JUSTICE = frozenset({"internal_affairs", "border_service", "prosecution", "court"})
AUTHORITIES = frozenset({"social_protection"})


@dataclass(frozen=True)
class ShareBasis:
    """What a share rests on, what opened it, and until when it runs at most."""

    kind: str
    id: UUID | None = None
    source_id: UUID | None = None
    until: datetime | None = None


def grantable(agency: Agency) -> list[str]:
    """The categories of data that may be shared with an agency at all, whatever anybody agrees to.

    Police, prosecution and courts never see services or health; whoever gives services never sees criminal proceedings;
    notes stay with whoever wrote them, and move only with a whole case.
    """
    never = {"notes"}
    if agency.kind in JUSTICE:
        never |= {"health", "services"}
    elif agency.kind not in AUTHORITIES:
        never |= {"proceedings"}
    return [code for code in codes.code_list("data_category").codes if code not in never]


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
    """Let another agency see categories of the case; without any it sees the reference only. Twice changes nothing."""
    on = basis if isinstance(basis, ShareBasis) else ShareBasis(basis, basis_id, until=until)
    with audit.act(actor, "cases.share", target=f"case:{case.id}") as event:
        authorization.require(actor, "cases.share", case)
        told = [code for code in grantable(agency) if code in set(categories)]
        event.note(agency=str(agency.id), basis=on.kind, categories=told)
        same = {"case": case, "agency": agency, "basis": on.kind, "basis_id": on.id, "source_id": on.source_id}
        row = running_shares().filter(**same, categories=told).first()
        if row is None:
            row = Share(**same, categories=told, named="identity" in told, from_at=timezone.now(), to_at=on.until)
            check_codes(row)
            row.save()
    return row


def running_shares() -> models.QuerySet[Share]:
    """Shares that let somebody see something of a case now."""
    now = timezone.now()
    return Share.objects.filter(models.Q(to_at=None) | models.Q(to_at__gt=now), from_at__lte=now)


def end_shares(actor: Actor, case: Case, basis_id: UUID) -> int:
    """Close every share that rested on this basis, at once."""
    with audit.act(actor, "cases.end_shares", target=f"case:{case.id}") as event:
        authorization.require(actor, "cases.share", case)
        count = running_shares().filter(case=case, basis_id=basis_id).update(to_at=timezone.now())
        event.note(shares=count)
    return count


def end_share(actor: Actor, row: Share) -> None:
    """The owner ends a share that nothing else keeps open."""
    with audit.act(actor, "cases.end_share", target=f"case:{row.case_id}") as event:
        authorization.require(actor, "cases.share", row.case)
        if running_shares().filter(pk=row.pk, source_id=None).update(to_at=timezone.now()):
            tell(actor, row.case, timezone.localdate(), "share_ended", to=str(row.agency_id))
        event.note(agency=str(row.agency_id))


def end_shares_of(source_id: UUID) -> int:
    """Close what a referral or such had opened; part of an act that was allowed already."""
    count = running_shares().filter(source_id=source_id).update(to_at=timezone.now())
    if count:
        audit.note(shares_ended=count)
    return count
