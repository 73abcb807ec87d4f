"""Envelope encryption: AES-256-GCM under a data key a record, wrapped by a key-encryption key outside the database.

What is sealed is bound to its place by associated data, so that no ciphertext can be moved to another record.
"""

from __future__ import annotations

import hmac
import json
import os
from typing import Any
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from kerege.base.errors import Refused
from kerege.core.security.keyring import keyring

NONCE = 12
TOKEN = 16
ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


class Erased(Refused):
    """The key was destroyed: the text cannot be read by anybody any more."""


def seal(key: bytes, text: bytes, place: str) -> bytes:
    """Encrypt `text` for one place; returns nonce + ciphertext + tag."""
    nonce = os.urandom(NONCE)
    return nonce + AESGCM(key).encrypt(nonce, text, place.encode())


def unseal(key: bytes, sealed: bytes | memoryview, place: str) -> bytes:
    """Decrypt what `seal` made for the same place; raises Refused when it was tampered with or moved."""
    sealed = bytes(sealed)
    try:
        return AESGCM(key).decrypt(sealed[:NONCE], sealed[NONCE:], place.encode())
    except InvalidTag:
        raise Refused(
            "a sealed value does not open with its key: it was damaged, moved, or the key ring is not its own"
        ) from None


def new_data_key() -> bytes:
    """A fresh 256-bit data key."""
    return AESGCM.generate_key(256)


def open_data_key(key_id: UUID, kek_id: str, wrapped: bytes | memoryview | None) -> bytes:
    """Unwrap a data key."""
    if wrapped is None:
        raise Erased("this record was erased")
    return unseal(keyring().get("kek", kek_id), wrapped, f"key:{key_id}")


def seal_json(key: bytes, value: Any, place: str) -> bytes:
    """Seal a JSON value."""
    return seal(key, ENCODER.encode(value).encode(), place)


def unseal_json(key: bytes, sealed: bytes | memoryview, place: str) -> Any:
    """Open what `seal_json` sealed."""
    return json.loads(unseal(key, sealed, place))


def token(key: bytes, text: str) -> bytes:
    """Keyed hash of an index key, 16 bytes."""
    return hmac.digest(key, text.encode(), "sha256")[:TOKEN]


def source_key(agency_id: UUID, source_id: str) -> bytes:
    """Keyed hash of an agency's own id of a person, case or row: recognises it again without storing it."""
    _, key = keyring().first("import")
    return hmac.digest(key, f"{agency_id}:{source_id}".encode(), "sha256")
