"""AES-256-GCM of a sealed key file; `key_seal` loads this module for sealed files only."""

from __future__ import annotations

import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

NONCE = 12


def encrypt(master: bytes, key: bytes, label: str) -> bytes:
    """Return a new nonce and the ciphertext of a key, bound to a label."""
    nonce = os.urandom(NONCE)
    return nonce + AESGCM(master).encrypt(nonce, key, label.encode())


def decrypt(master: bytes, body: bytes, label: str) -> bytes | None:
    """Return the key, or None if the master key or the label differs, or the ciphertext was changed."""
    try:
        return AESGCM(master).decrypt(body[:NONCE], body[NONCE:], label.encode())
    except InvalidTag:
        return None
