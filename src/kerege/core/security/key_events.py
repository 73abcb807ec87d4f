"""Signals of the key ring for apps that store key ids. The key ring itself does not depend on Django."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.dispatch import Signal

from kerege.core.answers import collect_answers
from kerege.core.security.keyring import PURPOSES, KeyRing, keyring

# sent with the `purpose` of a new key; receivers return the number of values that they renewed under it
keys_rotated = Signal()
# sent when the index key or the spelling rules are new; receivers return the number of records reindexed
index_rebuilt = Signal()
# sent to encrypt every stored value again under its key with the current cipher; receivers return their number
values_resealed = Signal()
# receivers return the SealedValues of their tables and files, so that a start without these keys can be refused
collect_sealed = Signal()


UNREADABLE = "unreadable"  # first word of a kind of values that do not open


@dataclass(frozen=True)
class SealedValues:
    """A number of stored values of one kind under one key; a rotation renews them unless it cannot."""

    kind: str
    key_id: str
    count: int
    is_renewable: bool = True

    @classmethod
    def of(cls, kind: str, key_id: str, count: int, is_readable: bool) -> SealedValues:
        """Return a number of values that open, or of those that do not, which no rotation renews."""
        return cls(kind if is_readable else f"{UNREADABLE} {kind}", key_id, count, is_renewable=is_readable)

    @property
    def is_unreadable(self) -> bool:
        """Return whether the values do not open in their rows."""
        return self.kind.startswith(UNREADABLE)


def renew(purpose: str) -> int:
    """Seal all values of a purpose under its current key; return their number."""
    return reindex() if purpose == "index" else sum(collect_answers(keys_rotated, KeyRing, purpose=purpose))


def reseal() -> int:
    """Encrypt all stored values again with the current cipher; return their number."""
    return sum(collect_answers(values_resealed, KeyRing))


def reindex() -> int:
    """Rebuild every blind index; return the number of records."""
    return sum(collect_answers(index_rebuilt, KeyRing))


def list_sealed() -> list[SealedValues]:
    """Return how many stored values of each kind need each key."""
    answers: list[Iterable[SealedValues]] = collect_answers(collect_sealed, KeyRing)
    return [values for answer in answers for values in answer]


def missing() -> list[str]:
    """Return the key ids that stored values need and the ring does not hold."""
    ring = keyring()
    held = {key_id for purpose in PURPOSES for key_id in ring.ids(purpose)}
    return sorted({values.key_id for values in list_sealed()} - held)
