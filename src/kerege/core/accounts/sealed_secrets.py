"""Encryption of second-factor secrets, so that a stolen database does not let an intruder sign in."""

from __future__ import annotations

import base64
import os
from typing import Any

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from kerege.core.security.keyring import keyring

NONCE = 12
PLACE = b"second-factor"


def seal(text: str) -> str:
    """Encrypt under the current key-encryption key; return `<key id>$<base64 of nonce and ciphertext>`."""
    key_id, key = keyring().current("kek")
    nonce = os.urandom(NONCE)
    return f"{key_id}${base64.b64encode(nonce + AESGCM(key).encrypt(nonce, text.encode(), PLACE)).decode()}"


def unseal(sealed: str) -> str:
    """Decrypt the result of `seal`; raise MissingKey or InvalidTag."""
    key_id, _, body = sealed.partition("$")
    raw = base64.b64decode(body)
    return AESGCM(keyring().get("kek", key_id)).decrypt(raw[:NONCE], raw[NONCE:], PLACE).decode()


def _sealed_fields() -> Any:
    """Yield authenticators with the names of their encrypted values."""
    from allauth.mfa.models import Authenticator

    for row in Authenticator.objects.all().iterator():
        names = [name for name, value in row.data.items() if isinstance(value, str) and value.startswith("kek-")]
        if names:
            yield row, names


def rewrap() -> int:
    """Re-encrypt all secrets under the current key-encryption key; return the number of authenticators."""
    count = 0
    for row, names in _sealed_fields():
        row.data |= {name: seal(unseal(row.data[name])) for name in names}
        row.save(update_fields=["data"])
        count += 1
    return count


def used() -> set[str]:
    """Return the ids of the keys that encrypt second-factor secrets."""
    return {row.data[name].partition("$")[0] for row, names in _sealed_fields() for name in names}
