"""Second factor of test users: an authenticator app and its codes (RFC 4226, 6238)."""

from __future__ import annotations

import base64
import hmac
import secrets
import struct
import time
from typing import Any

PERIOD = 30  # seconds that a code is shown


def new_secret() -> str:
    """Return the secret of an authenticator app, in base 32."""
    return base64.b32encode(secrets.token_bytes(20)).decode()


def activate(user: Any, secret: str = "") -> None:
    """Give a user an authenticator app."""
    from allauth.mfa.models import Authenticator
    from allauth.mfa.utils import encrypt

    data = {"secret": encrypt(secret or new_secret())}
    Authenticator.objects.create(user=user, type=Authenticator.Type.TOTP, data=data)


def current_period(enough: float = 3) -> int:
    """Return the number of the period, which lasts for `enough` more seconds: a code ends with its period."""
    left = PERIOD - time.time() % PERIOD
    if left < enough:
        time.sleep(left)
    return int(time.time()) // PERIOD


def code(secret: str, period: int | None = None) -> str:
    """Return the six digits that an app shows in a period, by default the current one."""
    counter = struct.pack(">Q", current_period() if period is None else period)
    digest = hmac.digest(base64.b32decode(secret), counter, "sha1")
    start = digest[-1] & 15
    return f"{(int.from_bytes(digest[start : start + 4], 'big') & 0x7FFFFFFF) % 10**6:06}"
