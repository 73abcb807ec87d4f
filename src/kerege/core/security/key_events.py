"""Signals of the key ring for apps that store key ids. The key ring itself does not depend on Django."""

from __future__ import annotations

from django.dispatch import Signal

from kerege.core.answers import collect_answers
from kerege.core.security.keyring import PURPOSES, KeyRing, keyring

# sent when the key-encryption key is new; receivers return the number of keys and secrets re-encrypted under it
keys_rotated = Signal()
# sent when the index key or the spelling rules are new; receivers return the number of records reindexed
index_rebuilt = Signal()
# receivers return the key ids that the database names, so that a start without these keys can be refused
collect_used_keys = Signal()


def rewrap() -> int:
    """Re-encrypt all data keys and secrets under the current key-encryption key; return their number."""
    return sum(collect_answers(keys_rotated, KeyRing))


def reindex() -> int:
    """Rebuild every blind index; return the number of records."""
    return sum(collect_answers(index_rebuilt, KeyRing))


def missing() -> list[str]:
    """Return the key ids that the database names and the ring does not hold."""
    ring = keyring()
    held = {key_id for purpose in PURPOSES for key_id in ring.ids(purpose)}
    used = {key_id for key_ids in collect_answers(collect_used_keys, KeyRing) for key_id in key_ids}
    return sorted(used - held)
