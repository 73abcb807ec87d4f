"""Encryption of a file in numbered chunks.

AES-256-GCM with the nonce `prefix (7) | number (4) | last (1)`, the STREAM construction: a chunk that is missing,
repeated, moved, changed or taken from another file does not decrypt. Every file has a key of its own.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from kerege.base.errors import Refused

FORMAT = b"\x01"
PREFIX, TAG = 7, 16
CHUNK = 256 * 1024


def seal(key: bytes, data: bytes, place: str) -> Iterator[bytes]:
    """Yield the header (format byte and nonce prefix), then the encrypted chunks of `data`."""
    cipher, prefix, bound = AESGCM(key), os.urandom(PREFIX), place.encode()
    yield FORMAT + prefix
    starts = range(0, max(len(data), 1), CHUNK)
    for number, start in enumerate(starts):
        nonce = prefix + struct.pack("!I?", number, number == len(starts) - 1)
        yield cipher.encrypt(nonce, data[start : start + CHUNK], bound)


def unseal(key: bytes, sealed: bytes, place: str) -> bytes:
    """Decrypt a file; raise Refused when a chunk is missing, changed or moved from its place."""
    cipher, bound = AESGCM(key), place.encode()
    prefix, body = sealed[1 : 1 + PREFIX], memoryview(sealed)[1 + PREFIX :]
    starts = range(0, max(len(body), 1), CHUNK + TAG)
    try:
        if sealed[:1] != FORMAT or len(prefix) != PREFIX:
            raise InvalidTag
        return b"".join(
            cipher.decrypt(
                prefix + struct.pack("!I?", number, number == len(starts) - 1),
                bytes(body[start : start + CHUNK + TAG]),
                bound,
            )
            for number, start in enumerate(starts)
        )
    except InvalidTag:
        raise Refused("a file does not open with its key: it was damaged, cut, or moved") from None
