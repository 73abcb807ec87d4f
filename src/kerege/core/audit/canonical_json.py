"""Canonical JSON for hashing: equal content gives equal bytes on every database."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from kerege.base.hashes import hash_by_name

ENCODER = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=str)


def canonical(value: Any) -> bytes:
    """Return JSON with sorted keys and no spaces.

    Values without a JSON type, such as ids and dates, become text.
    """
    return ENCODER.encode(value).encode()


def event_hash(prev: str, seq: int, at: datetime, fields: tuple[str, str, str, str, str], details: Any) -> str:
    """Return the hash of the previous hash and the event, by the algorithm that the details name.

    `fields` are actor, agency, action, target, outcome.
    """
    stamp = at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    return hash_by_name(prev.encode() + canonical([seq, stamp, *fields, details]), details)
