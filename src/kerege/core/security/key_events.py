"""The signals of the key ring, for rooms that store key ids. The ring itself knows no Django."""

from __future__ import annotations

from django.dispatch import Signal

from kerege.core.answers import collect_answers
from kerege.core.security.keyring import PURPOSES, KeyRing, keyring

# the current key-encryption key is new: answers with the number of keys and secrets sealed again under it
keys_rotated = Signal()
# the index key or the spelling rules are new: answers with the number of records indexed again
index_rebuilt = Signal()
# answers with the key ids that the database names, so that a start without them can be refused
collect_used_keys = Signal()


def rewrap() -> int:
    """Seal again everything under the key-encryption key; return how many data keys and secrets."""
    return sum(collect_answers(keys_rotated, KeyRing))


def reindex() -> int:
    """Rebuild every index; return the number of records."""
    return sum(collect_answers(index_rebuilt, KeyRing))


def missing() -> list[str]:
    """Return the key ids that the database names and the ring does not hold."""
    ring = keyring()
    held = {key_id for purpose in PURPOSES for key_id in ring.ids(purpose)}
    used = {key_id for key_ids in collect_answers(collect_used_keys, KeyRing) for key_id in key_ids}
    return sorted(used - held)
