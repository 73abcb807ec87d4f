"""Follows what other rooms do to records: stored, refused, handed over, erased."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.utils import timezone

from kerege.casework.assistance.services.consenting import ON_NO
from kerege.casework.assistance.services.handing import ON_MOVED
from kerege.casework.persons.jobs import TASK
from kerege.casework.persons.models import MatchDue
from kerege.casework.persons.services.erasing import forget
from kerege.casework.persons.services.following import follow
from kerege.casework.persons.services.stricter import spread
from kerege.casework.vault import erasing
from kerege.casework.vault.services import ON_STORED
from kerege.core.access import wall
from kerege.core.jobs.queue import ask


def wait(record_ids: Sequence[UUID]) -> None:
    """Records that were stored or changed wait for the machine; whoever stored them waits for nothing."""
    if not record_ids:
        return
    now = timezone.now()
    with wall.beyond("a record says that it waits, and shows nothing"):
        MatchDue.objects.bulk_create(
            [MatchDue(record_id=pk, since=now) for pk in record_ids],
            update_conflicts=True, update_fields=["since"], unique_fields=["record"], batch_size=500,
        )  # fmt: skip
    ask(TASK)


ON_STORED.append(wait)
ON_NO.append(spread)
ON_MOVED.append(follow)
erasing.on_erase(forget)
