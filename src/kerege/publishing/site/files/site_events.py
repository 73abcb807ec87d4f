"""Events of the public site: releases, corrections, withdrawals and moved dates.

No event holds a figure of a table.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Literal

from kerege.publishing.releases import catalogue, public_clock
from kerege.publishing.releases.calendar_models import AnnouncedRelease
from kerege.publishing.releases.catalogue import CatalogueEntry

EventKind = Literal["release", "correction", "withdrawal", "date"]


@dataclass(frozen=True)
class SiteEvent:
    """One event. `key` is stable; `entry` is the release, or None for a moved date."""

    key: str
    kind: EventKind
    at: datetime
    titles: Mapping[str, str]
    reasons: Mapping[str, str] = field(default_factory=dict)
    entry: CatalogueEntry | None = None
    announced: AnnouncedRelease | None = None


def list_events() -> list[SiteEvent]:
    """Return every event until the moment that the pages show, newest first."""
    events = [event for entry in catalogue.list_releases() for event in _of_release(entry)]
    events += [event for row in AnnouncedRelease.objects.all() for event in _of_announced(row)]
    now = public_clock.now()
    return newest_first(event for event in events if event.at <= now)


def newest_first(events: Iterable[SiteEvent]) -> list[SiteEvent]:
    """Return events newest first, those of one moment by their key."""
    return sorted(events, key=lambda event: (event.at, event.key), reverse=True)


def _of_release(entry: CatalogueEntry) -> list[SiteEvent]:
    """Return the publication of a release, and its withdrawal."""
    at = entry.public_at or datetime(1980, 1, 1, tzinfo=UTC)
    kind: EventKind = "correction" if entry.corrects else "release"
    events = [SiteEvent(key=f"r/{entry.name}", kind=kind, at=at, titles=entry.titles, reasons=entry.notes, entry=entry)]
    if entry.withdrawn_at:
        withdrawal = replace(events[0], kind="withdrawal", at=entry.withdrawn_at, reasons=entry.reasons)
        events.append(replace(withdrawal, key=f"r/{entry.name}/withdrawn"))
    return events


def _of_announced(row: AnnouncedRelease) -> list[SiteEvent]:
    return [
        SiteEvent(
            key=f"calendar/{row.pk}/{number}",
            kind="date",
            at=datetime.fromisoformat(moved["moved_at"]),
            titles=row.title,
            reasons=moved["why"],
            announced=row,
        )
        for number, moved in enumerate(row.moved_dates, start=1)
    ]


def list_corrections() -> list[SiteEvent]:
    """Return every correction and every withdrawal, newest first."""
    return [event for event in list_events() if event.kind in {"correction", "withdrawal"}]
