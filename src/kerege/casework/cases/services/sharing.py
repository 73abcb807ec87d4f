"""What other agencies may see, on which basis, until when."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import models
from django.utils import timezone

from kerege.casework.cases.models import Case, Share
from kerege.core import access, audit
from kerege.core.access import Actor
from kerege.core.accounts.models import Agency


def share(
    actor: Actor, case: Case, agency: Agency, basis: str, basis_id: UUID | None = None, until: datetime | None = None
) -> Share:
    """Let another agency see the case, on a consent or a legal basis, at most until its end; twice changes nothing."""
    with audit.act(actor, "cases.share", target=f"case:{case.id}") as event:
        access.require(actor, "cases.share", case)
        event.note(agency=str(agency.id), basis=basis)
        existing = running_shares().filter(case=case, agency=agency).first()
        return existing or Share.objects.create(
            case=case, agency=agency, basis=basis, basis_id=basis_id, from_at=timezone.now(), to_at=until
        )


def running_shares() -> models.QuerySet[Share]:
    """Shares that let somebody see a case now."""
    now = timezone.now()
    return Share.objects.filter(models.Q(to_at=None) | models.Q(to_at__gt=now))


def end_shares(actor: Actor, case: Case, basis_id: UUID) -> int:
    """Close every share that rested on this basis, at once."""
    with audit.act(actor, "cases.end_shares", target=f"case:{case.id}") as event:
        access.require(actor, "cases.share", case)
        count = running_shares().filter(case=case, basis_id=basis_id).update(to_at=timezone.now())
        event.note(shares=count)
    return count
