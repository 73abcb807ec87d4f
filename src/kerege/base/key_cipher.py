"""Encryption of a sealed key file; `key_seal` loads this module for sealed files only."""

from __future__ import annotations

import os

from cryptography.exceptions import InvalidTag

from kerege.base.ciphers import CIPHERS, current_cipher

__all__ = ["CIPHERS", "current_cipher", "decrypt", "encrypt"]
NONCE = 12


def encrypt(cipher: str, master: bytes, key: bytes, label: str) -> bytes:
    """Return a new nonce and the ciphertext of a key, bound to a label."""
    nonce = os.urandom(NONCE)
    return nonce + CIPHERS[cipher](master).encrypt(nonce, key, label.encode())


def decrypt(cipher: str, master: bytes, body: bytes, label: str) -> bytes | None:
    """Return the key, or None if the master key or the label is another one or the ciphertext was changed."""
    try:
        return CIPHERS[cipher](master).decrypt(body[:NONCE], body[NONCE:], label.encode())
    except InvalidTag:
        return None
