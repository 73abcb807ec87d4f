"""Authenticated ciphers by name: the one of new values, and every one that can be read."""

from __future__ import annotations

import os

from cryptography.hazmat.primitives.ciphers.aead import AESGCM, ChaCha20Poly1305

from kerege.base.errors import BadInput, Fault

Cipher = AESGCM | ChaCha20Poly1305
# all have keys of 256 bits and nonces of 96 bits
CIPHERS: dict[str, type[Cipher]] = {"AES-256-GCM": AESGCM, "ChaCha20-Poly1305": ChaCha20Poly1305}
VARIABLE, OLDEST = "KEREGE_CIPHER", "AES-256-GCM"


def current_cipher() -> str:
    """Return the name of the cipher of new values; raises BadInput for an unknown one.

    Examples
    --------
    >>> current_cipher()
    'AES-256-GCM'
    """
    name = os.environ.get(VARIABLE) or OLDEST
    if name not in CIPHERS:
        raise BadInput(Fault(f"{VARIABLE} names no known cipher", f"name one of {', '.join(CIPHERS)}"))
    return name
