"""Whom an event is about: a side table of the chain, so that a person's history is found without reading the chain.

It holds nothing that the hashed events do not tell, and `kerege audit verify` counts it against them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from kerege.core.audit.models import AuditSubject

# what events call the list of the identity records that an act read or wrote
IDENTITIES = "identities"
RECORD = "record:"


def of(target: str, details: dict[str, Any]) -> set[UUID]:
    """The identity records that an event names: what it read or wrote, itself or in one of its parts."""
    return {found for text in _named(target, details) if (found := _id(text)) is not None}


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


def store(seq: int, found: set[UUID]) -> None:
    """Write the rows of one event, in its transaction."""
    if found:
        AuditSubject.objects.bulk_create([AuditSubject(subject=subject, seq=seq) for subject in found])
