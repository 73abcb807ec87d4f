"""The bytes that are hashed: one spelling for one content, on every database."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime
from typing import Any

ENCODER = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=str)


def canonical(value: Any) -> bytes:
    """JSON with sorted keys and no spaces; anything that is no JSON (an id, a date) is written as text."""
    return ENCODER.encode(value).encode()


def event_hash(prev: str, seq: int, at: datetime, fields: tuple[str, str, str, str, str], details: Any) -> str:
    """SHA-256 over the previous hash and the content; `fields` are actor, agency, action, target and outcome."""
    stamp = at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    return hashlib.sha256(prev.encode() + canonical([seq, stamp, *fields, details])).hexdigest()
