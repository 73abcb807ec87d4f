"""Reading the trail: by actor, action, target, day and outcome, the newest first, fast however long it is."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path

from django.db.models import Q, QuerySet
from django.utils import timezone

from kerege.base import csv_cells, files
from kerege.core import audit
from kerege.core.audit.models import AuditEvent
from kerege.core.authorization import Actor


@dataclass(frozen=True)
class Wanted:
    """What is looked for; empty means all."""

    actor: str = ""
    action: str = ""
    target: str = ""
    first: date | None = None
    last: date | None = None
    refused: bool = False


def find(wanted: Wanted, before: int | None = None) -> QuerySet[AuditEvent]:
    """The events, newest first; `before` goes on where an earlier page ended."""
    rows = AuditEvent.objects.order_by("-seq")
    if wanted.actor:
        rows = rows.filter(actor__in=[wanted.actor, f"user:{wanted.actor}", f"cli:{wanted.actor}"])
    if wanted.action:
        # `vault` means everything of that room
        rows = rows.filter(Q(action=wanted.action) if "." in wanted.action else _of_room(wanted.action))
    if wanted.target:
        rows = rows.filter(target__in=[wanted.target, *(f"{kind}:{wanted.target}" for kind in KINDS)])
    if wanted.refused:
        rows = rows.filter(outcome="refused")
    return rows.filter(**_between(wanted), **({"seq__lt": before} if before else {}))


# what a target may be, for an auditor who has only its id
KINDS = ("case", "identityrecord", "record", "user", "agency", "referral", "emergency", "person", "signal")


def _of_room(room: str) -> Q:
    return Q(action__gte=f"{room}.", action__lt=f"{room}/")


def _between(wanted: Wanted) -> dict[str, int]:
    """Days as numbers of events: the numbers are the order of time, and the table is ordered by them."""
    found = {}
    if wanted.first:
        first = first_since(_midnight(wanted.first))
        found["seq__gte"] = first if first is not None else _end()
    if wanted.last and (after := first_since(_midnight(wanted.last + timedelta(days=1)))) is not None:
        found["seq__lte"] = after - 1
    return found


def first_since(moment: datetime) -> int | None:
    """The number of the first event at or after a moment."""
    return AuditEvent.objects.filter(at__gte=moment).order_by("at").values_list("seq", flat=True).first()


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


def _end() -> int:
    last = AuditEvent.objects.order_by("-seq").values_list("seq", flat=True).first()
    return (last or 0) + 1


COLUMNS = ("seq", "at", "actor", "agency", "action", "target", "outcome", "details", "hash")


def lines(rows: QuerySet[AuditEvent]) -> Iterator[list[str]]:
    """The events as lines of a table, its head first."""
    yield list(COLUMNS)
    for seq, at, *words, details, own in rows.values_list(*COLUMNS).iterator(chunk_size=5000):
        told = json.dumps(details, ensure_ascii=False, sort_keys=True)
        yield [str(seq), at.isoformat(), *map(csv_cells.guarded, words), told, own]


@dataclass(frozen=True)
class Checked:
    """When the whole chain was walked last, and what was found."""

    at: str
    ok: bool
    rows: int
    first_broken: int | None
    reason: str


def check(now: datetime) -> Checked:
    """Walk the chain and keep the result for the auditor's page."""
    found = audit.verify()
    result = Checked(now.isoformat(), found.ok, found.rows, found.first_broken, found.reason)
    _path().parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with files.atomic_file(_path()) as path:
        Path(path).write_text(json.dumps(asdict(result)), encoding="utf-8")
    if not found.ok:
        audit.record(Actor.system("schedule"), "audit.broken", f"event:{found.first_broken}")
    return result


def last_check() -> tuple[datetime, Checked] | None:
    """The last walk; None when there was none."""
    if not _path().is_file():
        return None
    result = Checked(**json.loads(_path().read_text(encoding="utf-8")))
    return datetime.fromisoformat(result.at), result


def _path() -> Path:
    return files.home() / "audit" / "checked.json"
