"""Encrypted token of an opened form: its user, its page and the values that it showed.

The token lets a form be saved only once, returns an autosaved draft to its user alone, and lets two users who change
the same object see each other's changes. Only the server can read or write a token.
"""

from __future__ import annotations

import base64
import binascii
import json
import time
import zlib
from dataclasses import asdict, dataclass, field
from functools import lru_cache
from typing import Any
from uuid import UUID, uuid4

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from kerege.base.errors import Refused
from kerege.casework.vault.crypto import envelope
from kerege.core.security.keyring import keyring

FIELD = "form_token"
# seconds: a form opened in the morning may be sent until the next night
AGE = 20 * 3600


@dataclass(frozen=True)
class Token:
    """State of an opened form, written when the page shows it."""

    user: str
    # addresses of the page that showed the form and of the page it is sent to; both without the language
    page: str
    target: str
    form: str = ""
    # id of the data key of the person that the form is about; '' for none
    key: str = ""
    # values that the fields showed; None unless the form takes part in optimistic locking
    base: dict[str, Any] | None = None
    # model label, id and version of the object that the form changes
    of: list[Any] | None = None
    # id of the restored draft, and the time at which it was saved
    draft: list[str] | None = None
    held_back: list[str] = field(default_factory=list)
    opening: str = field(default_factory=lambda: uuid4().hex)
    at: int = field(default_factory=lambda: int(time.time()))

    @property
    def is_old(self) -> bool:
        """Return whether the token is too old for a form sent without a session."""
        return time.time() - self.at > AGE


def write(token: Token) -> str:
    """Encrypt a token for the hidden field of a form."""
    text = json.dumps(asdict(token)).encode()
    sealed = envelope.seal(_key(keyring().current("django")[1]), zlib.compress(text), _place(token.user))
    return f"{UUID(token.user).hex}.{base64.urlsafe_b64encode(sealed).decode()}"


def read(text: str) -> Token | None:
    """Return the token that `write` encrypted; None for any other text."""
    user_hex, _dot, body = text.partition(".")
    try:
        user_id, sealed = str(UUID(user_hex)), base64.urlsafe_b64decode(body)
    except (ValueError, binascii.Error):
        return None
    for key_id in reversed(keyring().ids("django")):
        try:
            opened = envelope.unseal(_key(keyring().get("django", key_id)), sealed, _place(user_id))
        except (Refused, ValueError):
            continue
        return Token(**json.loads(zlib.decompress(opened)))
    return None


def _place(user: str) -> str:
    return f"form:{user}"


@lru_cache
def _key(secret: bytes) -> bytes:
    return HKDF(SHA256(), 32, None, b"form token").derive(secret)
