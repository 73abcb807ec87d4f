"""Commands of the operator on keys: rotation, and rebuilding of the search index."""

from __future__ import annotations

from kerege.core import audit, authorization
from kerege.core.authorization import Actor
from kerege.core.security import key_events, keyring


def rotate(purpose: str) -> tuple[str, int]:
    """Make a new key; return its id and the number of data keys that were wrapped again under it."""
    with audit.act(Actor.system(), "keys.rotate") as event:
        authorization.require(event.actor, "keys.rotate")
        key_id = keyring.keyring().rotate(purpose)
        count = key_events.rewrap() if purpose == "kek" else 0
        event.note(key=key_id, rewrapped=count)
    return key_id, count


def reindex(*, with_new_key: bool) -> int:
    """Build the search index again, on request under a new key; return the number of records."""
    with audit.act(Actor.system(), "keys.reindex") as event:
        authorization.require(event.actor, "keys.reindex")
        if with_new_key:
            keyring.keyring().rotate("index")
        count = key_events.reindex()
        event.note(key=keyring.keyring().current("index")[0], records=count)
    return count
