"""Envelope encryption: an authenticated cipher under one data key for each record.

A key-encryption key outside the database wraps each data key. The associated data names the place of a ciphertext,
so that a ciphertext moved to another record does not decrypt.
"""

from __future__ import annotations

import json
import os
from typing import Any
from uuid import UUID

from cryptography.exceptions import InvalidTag

from kerege.base.errors import Refused
from kerege.core.security import aead, macs
from kerege.core.security.keyring import keyring

KEY = 32
TOKEN = 16
ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


class Erased(Refused):
    """Error: the data key was destroyed, so that nobody can decrypt the text any more."""


def seal(key: bytes, text: bytes, place: str) -> bytes:
    """Encrypt `text` for one place; the result names its algorithm."""
    return aead.seal(key, text, place)


def unseal(key: bytes, sealed: bytes | memoryview, place: str) -> bytes:
    """Decrypt a value of `seal` for the same place; raise Refused when it was changed or moved."""
    try:
        return aead.unseal(key, bytes(sealed), place)
    except InvalidTag:
        raise Refused(
            "a sealed value does not open with its key: it was damaged, moved, or the key ring is not its own"
        ) from None


def new_data_key() -> bytes:
    """Return a new random data key of 256 bits."""
    return os.urandom(KEY)


def open_data_key(key_id: UUID, kek_id: str, wrapped: bytes | memoryview | None) -> bytes:
    """Unwrap a data key; raise Erased when it was destroyed."""
    if wrapped is None:
        raise Erased("this record was erased")
    return unseal(keyring().get("kek", kek_id), wrapped, f"key:{key_id}")


def seal_json(key: bytes, value: Any, place: str) -> bytes:
    """Encrypt a value as JSON for one place."""
    return seal(key, ENCODER.encode(value).encode(), place)


def unseal_json(key: bytes, sealed: bytes | memoryview, place: str) -> Any:
    """Decrypt and parse a value of `seal_json`."""
    return json.loads(unseal(key, sealed, place))


def token(key: bytes, text: str) -> bytes:
    """Return the keyed hash (first 16 bytes) of an index key."""
    return macs.digest(key, text.encode())[:TOKEN]
