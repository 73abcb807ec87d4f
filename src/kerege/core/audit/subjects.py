"""Subjects of events: a table beside the chain.

It finds a person's access history without reading the chain.

It is derived from the hashed events, and `kerege audit verify` compares its row count with them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from kerege.core.audit.models import AuditSubject

# key of the details for the identity records that an act read or wrote
IDENTITIES = "identities"
RECORD = "record:"


def of(target: str, details: dict[str, Any]) -> set[UUID]:
    """Return the identity records that an event or one of its parts read or wrote."""
    return {subject for text in _named(target, details) if (subject := _id(text)) is not None}


def _named(target: str, details: dict[str, Any]) -> Iterator[str]:
    if target.startswith(RECORD):
        yield target.removeprefix(RECORD)
    named = details.get(IDENTITIES)
    if isinstance(named, list):
        yield from map(str, named)
    parts = details.get("acts")
    for part in parts if isinstance(parts, list) else ():
        yield from _named(str(part.get("target", "")), part)


def _id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def store(seq: int, subjects: set[UUID]) -> None:
    """Write the subject rows of one event, in its transaction."""
    if subjects:
        AuditSubject.objects.bulk_create([AuditSubject(subject=subject, seq=seq) for subject in subjects])
