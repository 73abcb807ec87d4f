"""What comes round in this room, and what it wants to know of others."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.utils import timezone

from kerege.casework.assistance.services.consenting import ON_NO
from kerege.casework.assistance.services.handing import ON_MOVED
from kerege.casework.persons.models import MatchCandidate, MatchDue
from kerege.casework.persons.reviewers import coordinators_now, need_two_coordinators
from kerege.casework.persons.services import match_due, rematch
from kerege.casework.persons.services.erasing import forget
from kerege.casework.persons.services.following import follow
from kerege.casework.persons.services.stricter import spread
from kerege.casework.vault import erasing
from kerege.casework.vault.services import ON_STORED
from kerege.core import health
from kerege.core.access import Actor, wall
from kerege.core.jobs.queue import ask, on_request
from kerege.core.jobs.registry import every

TASK = "persons.match"
TWO = 2


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


@on_request(TASK)
def match_what_waits() -> None:
    """The worker takes up what waits; a second task that finds nothing does nothing."""
    match_due(Actor.system("matching"))


@every("persons.match", minutes=15)
def match_left_over(now: datetime) -> None:
    """What a lost task left waiting."""
    match_due(Actor.system("matching"))


@every("persons.rematch", days=1)
def match_again(now: datetime) -> None:
    """The whole register, by the model of now."""
    rematch(Actor.system("matching"))


@health.advise
def coordinators() -> health.Check:
    """Pairs between agencies that ask two people find two coordinators."""
    with wall.beyond("pairs that wait are counted; no pair is read"):
        waiting = MatchCandidate.objects.filter(need_two_coordinators()).count()
        there = coordinators_now()
    if waiting and there < TWO:
        words = f"{there} active: {waiting} pairs between agencies wait for two; give the role to one more person"
        return health.Check("coordinators", "warn", words)
    return health.Check("coordinators", "ok", f"{there} active")


ON_STORED.append(wait)
ON_NO.append(spread)
ON_MOVED.append(follow)
erasing.on_erase(forget)
