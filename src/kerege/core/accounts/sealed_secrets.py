"""Seals the secrets of second factors, so that a stolen database lets nobody in."""

from __future__ import annotations

import base64
import os
from typing import Any

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from kerege.core.security.keyring import keyring

NONCE = 12
PLACE = b"second-factor"


def seal(text: str) -> str:
    """`<key id>$<base64 of nonce and ciphertext>` under the current key-encryption key."""
    key_id, key = keyring().current("kek")
    nonce = os.urandom(NONCE)
    return f"{key_id}${base64.b64encode(nonce + AESGCM(key).encrypt(nonce, text.encode(), PLACE)).decode()}"


def unseal(sealed: str) -> str:
    """What `seal` sealed."""
    key_id, _, body = sealed.partition("$")
    raw = base64.b64decode(body)
    return AESGCM(keyring().get("kek", key_id)).decrypt(raw[:NONCE], raw[NONCE:], PLACE).decode()


def _sealed_fields() -> Any:
    """Authenticators with the names of their sealed values."""
    from allauth.mfa.models import Authenticator

    for row in Authenticator.objects.all().iterator():
        names = [name for name, value in row.data.items() if isinstance(value, str) and value.startswith("kek-")]
        if names:
            yield row, names


def rewrap() -> int:
    """Seal every secret again under the current key-encryption key."""
    count = 0
    for row, names in _sealed_fields():
        row.data |= {name: seal(unseal(row.data[name])) for name in names}
        row.save(update_fields=["data"])
        count += 1
    return count


def used() -> set[str]:
    """Ids of the keys that seal second factors."""
    return {row.data[name].partition("$")[0] for row, names in _sealed_fields() for name in names}
