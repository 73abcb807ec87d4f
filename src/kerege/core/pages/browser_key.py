"""The key with which a browser may keep typing that it could not send: told to one session only, stored nowhere.

On the disk of the computer lies ciphertext. Its key comes with every page of the session and stays in the page's
memory; it is derived from the session's secret, so a session that is over has no key any more.
"""

from __future__ import annotations

import base64
import hmac

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from kerege.core.security.keyring import keyring


def browser_key(session_key: str) -> str:
    """The key of a session, base64."""
    return base64.b64encode(_derived(f"browser key:{session_key}")).decode()


def session_name(session_key: str) -> str:
    """Tells sessions apart without giving one away."""
    return hmac.digest(_derived("browser session"), session_key.encode(), "sha256").hex()[:16]


def _derived(use: str) -> bytes:
    return HKDF(SHA256(), 32, None, use.encode()).derive(keyring().current("django")[1])
