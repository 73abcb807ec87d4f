"""Search of the audit log by actor, action, target, day and outcome, newest first.

Indexes serve every filter.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path

from django.db.models import Max, Min, Q, QuerySet
from django.utils import timezone

from kerege.base import csv_cells, files
from kerege.base.file_model import FileModel
from kerege.core.audit import acts, verification
from kerege.core.audit.models import AuditEvent
from kerege.core.authorization import Actor


@dataclass(frozen=True)
class AuditFilter:
    """Search filter of the audit log; an empty field matches all events."""

    actor: str = ""
    action: str = ""
    target: str = ""
    first: date | None = None
    last: date | None = None
    refused: bool = False


def find(filters: AuditFilter, before: int | None = None) -> QuerySet[AuditEvent]:
    """Return the matching events, newest first.

    `before` is the number of the last event of the previous page.
    """
    rows = AuditEvent.objects.order_by("-seq")
    if filters.actor:
        rows = rows.filter(actor__in=[filters.actor, f"user:{filters.actor}", f"cli:{filters.actor}"])
    if filters.action:
        # an action without a dot, such as `vault`, means all actions of that app
        rows = rows.filter(Q(action=filters.action) if "." in filters.action else _of_app(filters.action))
    if filters.target:
        rows = rows.filter(target__in=[filters.target, *(f"{kind}:{filters.target}" for kind in KINDS)])
    if filters.refused:
        rows = rows.filter(outcome="refused")
    return rows.filter(**_between(filters), **({"seq__lt": before} if before else {}))


# kinds of target, so that an auditor can search by the id alone
KINDS = ("case", "identityrecord", "record", "user", "agency", "referral", "emergency", "person", "signal")


def _of_app(app: str) -> Q:
    return Q(action__gte=f"{app}.", action__lt=f"{app}/")


def _between(filters: AuditFilter) -> dict[str, int]:
    """Return the days of the filter as a range of event numbers: their order does not depend on the clock.

    The range begins at the first event of the first day and ends at the last event of the last day. After the clock was
    set back, it also has the events in between with the time of another day: nothing that may belong to it is hidden.
    """
    bounds = {}
    if filters.first:
        events = AuditEvent.objects.filter(at__gte=_midnight(filters.first))
        first = events.aggregate(seq=Min("seq"))["seq"]
        bounds["seq__gte"] = first if first is not None else _end()
    if filters.last:
        events = AuditEvent.objects.filter(at__lt=_midnight(filters.last + timedelta(days=1)))
        bounds["seq__lte"] = events.aggregate(seq=Max("seq"))["seq"] or 0
    return bounds


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


def _end() -> int:
    last = AuditEvent.objects.order_by("-seq").values_list("seq", flat=True).first()
    return (last or 0) + 1


COLUMNS = ("seq", "at", "actor", "agency", "action", "target", "outcome", "details", "hash")


def csv_rows(rows: QuerySet[AuditEvent]) -> Iterator[list[str]]:
    """Yield the events as rows of text for a CSV file, the header first."""
    yield list(COLUMNS)
    for seq, at, *words, details, own in rows.values_list(*COLUMNS).iterator(chunk_size=5000):
        details_text = json.dumps(details, ensure_ascii=False, sort_keys=True)
        yield [str(seq), at.isoformat(), *map(csv_cells.guarded, words), details_text, own]


class Checked(FileModel):
    """Result of the last verification of the whole chain."""

    at: str
    ok: bool
    rows: int
    first_broken: int | None
    reason: str
    clock_steps: int = 0
    last_step: int | None = None
    longest_step: float = 0.0
    is_outside: bool = False


def check(now: datetime) -> Checked:
    """Verify the chain and keep the result for the auditor's page; record an event when it is broken."""
    chain = verification.verify()
    result = Checked(at=now.isoformat(), **vars(chain))
    _path().parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with files.atomic_file(_path()) as path:
        Path(path).write_text(json.dumps(result.model_dump()), encoding="utf-8")
    if not chain.ok:
        acts.record(Actor.system("schedule"), "audit.broken", f"event:{chain.first_broken}")
    return result


def last_check() -> tuple[datetime, Checked] | None:
    """Return time and result of the last chain; None before the first."""
    if not _path().is_file():
        return None
    result = Checked.model_validate_json(_path().read_bytes())
    return datetime.fromisoformat(result.at), result


def _path() -> Path:
    return files.home() / "audit" / "checked.json"
