"""Events of a case's timeline."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.utils import timezone

from kerege.casework.cases.models.case import Case, Event
from kerege.core.authorization import Actor
from kerege.core.database.bulk_insert import new


def new_event(actor: Actor, case: Case, on: date, kind: str, detail: dict[str, Any]) -> Event:
    """Return an unsaved timeline event."""
    return new(
        Event,
        case=case,
        on=on,
        at=timezone.now(),
        kind=kind,
        detail=detail,
        agency_id=actor.agency_id or case.agency_id,
        created_by=actor.label,
    )


def add_timeline_event(actor: Actor, case: Case, on: date, kind: str, **detail: Any) -> None:
    """Add an event to the timeline of a case; `detail` holds codes and ids only."""
    new_event(actor, case, on, kind, detail).save()
