"""Authenticated encryption whose results name their algorithm.

`KEREGE_CIPHER` chooses the algorithm of new values; every known one can be read. A value without a mark is of version
0.1: AES-256-GCM. The mark is a part of the associated data, so that nobody can exchange it.
"""

from __future__ import annotations

import os

from cryptography.exceptions import InvalidTag

from kerege.base.ciphers import CIPHERS, OLDEST, Cipher, current_cipher

MARK = b"\xf5krg"
NONCE = 12
# name: the byte behind the mark, and the cipher
ALGORITHMS: dict[str, tuple[bytes, type[Cipher]]] = {
    "AES-256-GCM": (b"\x01", CIPHERS["AES-256-GCM"]),
    "ChaCha20-Poly1305": (b"\x02", CIPHERS["ChaCha20-Poly1305"]),
}


def seal(key: bytes, text: bytes, place: str) -> bytes:
    """Encrypt `text` for one place; return mark, algorithm, nonce, ciphertext and tag (16 bytes)."""
    number, cipher = ALGORITHMS[current_cipher()]
    head, nonce = MARK + number, os.urandom(NONCE)
    return head + nonce + cipher(key).encrypt(nonce, text, head + place.encode())


def unseal(key: bytes, sealed: bytes, place: str) -> bytes:
    """Decrypt a value of `seal` for the same place, or one of version 0.1; raise InvalidTag."""
    for number, cipher in ALGORITHMS.values():
        head = MARK + number
        if sealed.startswith(head):
            nonce, body = sealed[len(head) :][:NONCE], sealed[len(head) + NONCE :]
            try:
                return cipher(key).decrypt(nonce, body, head + place.encode())
            except InvalidTag:
                break  # the first bytes of an older value are random, and could be the mark
    return CIPHERS[OLDEST](key).decrypt(sealed[:NONCE], sealed[NONCE:], place.encode())


def algorithm_of(sealed: bytes) -> str:
    """Return the name of the algorithm that a value names; '' for a value of version 0.1."""
    names = (name for name, (number, _cipher) in ALGORITHMS.items() if sealed.startswith(MARK + number))
    return next(names, "")
