"""Agencies' own ids of persons and cases: a keyed hash that recognises them, and the encrypted id.

An import recognises a person or case by the hash. A hash cannot be renewed, so the id is kept beside it, encrypted
under a key derived from the same import key: a rotation makes the hash again, and the old key can be retired.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from functools import lru_cache
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.db import models
from django.db.models import Count

from kerege.casework.vault.crypto import envelope
from kerege.core.security import macs
from kerege.core.security.key_events import SealedValues
from kerege.core.security.keyring import keyring

COLUMNS = ("source_key", "source_key_id", "sealed_source")
NO_SOURCE: dict[str, Any] = {"source_key": None, "source_key_id": "", "sealed_source": b""}
BATCH = 2000


def source_key(agency_id: UUID, source_id: str) -> bytes:
    """Return the keyed hash of an agency's own id of a person, case or row, under the current import key."""
    return _hash(keyring().current("import")[1], _text(agency_id, source_id))


def older_source_keys(agency_id: UUID, source_id: str) -> list[bytes]:
    """Return the hashes under the older import keys: a row keeps its hash until a rotation has renewed it."""
    ring, text = keyring(), _text(agency_id, source_id)
    return [_hash(ring.get("import", key_id), text) for key_id in ring.ids("import")[:-1]]


def build_columns(row: models.Model, agency_id: UUID, source_id: str) -> dict[str, Any]:
    """Return the values of the three columns for an id of the agency, bound to the row; none for ''."""
    return _columns(row, _text(agency_id, source_id)) if source_id else dict(NO_SOURCE)


def rehash(model: type[models.Model]) -> int:
    """Renew hashes and encrypted ids under the current import key; return their number."""
    current, count = keyring().current("import")[0], 0
    # a hash of version 0.1 has no id beside it: the key under which it was made stays in use
    stale = _with_source(model).exclude(source_key_id__in=["", current]).order_by("pk")
    while batch := list(stale[:BATCH]):
        for row in batch:
            for name, value in _columns(row, _open(row)).items():
                setattr(row, name, value)
        model._default_manager.bulk_update(batch, COLUMNS, batch_size=500)
        count += len(batch)
    return count


def count_sealed(model: type[models.Model], kind: str) -> Iterator[SealedValues]:
    """Yield the number of source ids under each import key; those of version 0.1 count for the oldest key."""
    counts: Counter[tuple[str, bool]] = Counter()
    for key_id, number in _with_source(model).values_list("source_key_id").annotate(n=Count("pk")).order_by():
        counts[key_id or keyring().ids("import")[0], bool(key_id)] += number
    for (key_id, is_renewable), number in counts.items():
        yield SealedValues(kind if is_renewable else f"{kind} of version 0.1", key_id, number, is_renewable)


def _with_source(model: type[models.Model]) -> Any:
    return model._default_manager.exclude(source_key=None)


def _columns(row: models.Model, text: str) -> dict[str, Any]:
    key_id, key = keyring().current("import")
    sealed = envelope.seal(_sealing_key(key), text.encode(), _place(row))
    return {"source_key": _hash(key, text), "source_key_id": key_id, "sealed_source": sealed}


def _open(row: Any) -> str:
    key = keyring().get("import", row.source_key_id)
    return envelope.unseal(_sealing_key(key), row.sealed_source, _place(row)).decode()


def _place(row: models.Model) -> str:
    return f"{row._meta.db_table}.sealed_source:{row.pk}"


def _text(agency_id: UUID, source_id: str) -> str:
    return f"{agency_id}:{source_id}"


def _hash(key: bytes, text: str) -> bytes:
    return macs.digest(key, text.encode())


@lru_cache
def _sealing_key(key: bytes) -> bytes:
    return HKDF(SHA256(), 32, None, b"source id").derive(key)
