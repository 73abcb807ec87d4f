"""The token of an opened form: whose it is, where it stands, what it showed. Sealed, so nobody reads or makes one.

It is why a form can be saved once only, why what was typed finds its way back to its user and to nobody else, and why
two people who change the same thing can be told what each of them changed.
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
# an opened form may lie for a working day and a night
AGE = 20 * 3600


@dataclass(frozen=True)
class Token:
    """What the server told itself when it showed a form."""

    user: str
    # the page that showed it, and the page it is sent to; both without the language
    page: str
    target: str
    form: str = ""
    # the key of the person it is about
    key: str = ""
    # what the fields showed, where somebody else may change them meanwhile
    base: dict[str, Any] | None = None
    # model, id and version of what it changes
    of: list[Any] | None = None
    # the draft that was put into it, and when that was saved
    draft: list[str] | None = None
    held_back: list[str] = field(default_factory=list)
    opening: str = field(default_factory=lambda: uuid4().hex)
    at: int = field(default_factory=lambda: int(time.time()))

    @property
    def is_old(self) -> bool:
        """Whether it lay too long to be taken from somebody who is not signed in."""
        return time.time() - self.at > AGE


def write(token: Token) -> str:
    """The token as it stands in the form."""
    text = json.dumps(asdict(token)).encode()
    sealed = envelope.seal(_key(keyring().current("django")[1]), zlib.compress(text), _place(token.user))
    return f"{UUID(token.user).hex}.{base64.urlsafe_b64encode(sealed).decode()}"


def read(text: str) -> Token | None:
    """The token that `write` wrote; None for anything else."""
    user, _dot, body = text.partition(".")
    try:
        whose, sealed = str(UUID(user)), base64.urlsafe_b64decode(body)
    except (ValueError, binascii.Error):
        return None
    for key_id in reversed(keyring().ids("django")):
        try:
            opened = envelope.unseal(_key(keyring().get("django", key_id)), sealed, _place(whose))
        except (Refused, ValueError):
            continue
        return Token(**json.loads(zlib.decompress(opened)))
    return None


def _place(user: str) -> str:
    return f"form:{user}"


@lru_cache
def _key(secret: bytes) -> bytes:
    return HKDF(SHA256(), 32, None, b"form token").derive(secret)
