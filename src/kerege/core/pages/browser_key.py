"""Key with which a browser encrypts unsent form drafts: one per session, never stored.

The browser stores only ciphertext. The key comes with every page of the session and stays in the page's memory. It is
derived from the session's first token, so it survives a new token after a confirmation and is lost when the session
ends.
"""

from __future__ import annotations

import base64
import hmac

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from kerege.core.security.keyring import keyring


def browser_key(session_key: str) -> str:
    """Return the key of a session, base64."""
    return base64.b64encode(_derived(f"browser key:{session_key}")).decode()


def session_name(session_key: str) -> str:
    """Return a pseudonym of a session that does not disclose its key."""
    return hmac.digest(_derived("browser session"), session_key.encode(), "sha256").hex()[:16]


def _derived(use: str) -> bytes:
    return HKDF(SHA256(), 32, None, use.encode()).derive(keyring().current("django")[1])
