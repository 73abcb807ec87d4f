"""Encryption of a file in numbered chunks.

An authenticated cipher with the nonce `prefix (7) | number (4) | last (1)`, the STREAM construction: a chunk that is
missing, repeated, moved, changed or taken from another file does not decrypt. The first byte names the cipher. Every
file has a key of its own.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator

from cryptography.exceptions import InvalidTag

from kerege.base.ciphers import current_cipher
from kerege.base.errors import Refused
from kerege.core.security import aead

PREFIX, TAG = 7, 16
CHUNK = 256 * 1024


def seal(key: bytes, data: bytes, place: str) -> Iterator[bytes]:
    """Yield the header (byte of the cipher and nonce prefix), then the encrypted chunks of `data`."""
    number_of_cipher, chosen = aead.ALGORITHMS[current_cipher()]
    cipher, prefix, bound = chosen(key), os.urandom(PREFIX), place.encode()
    yield number_of_cipher + prefix
    starts = range(0, max(len(data), 1), CHUNK)
    for number, start in enumerate(starts):
        nonce = prefix + struct.pack("!I?", number, number == len(starts) - 1)
        yield cipher.encrypt(nonce, data[start : start + CHUNK], bound)


def unseal(key: bytes, sealed: bytes, place: str) -> bytes:
    """Decrypt a file; raise Refused when a chunk is missing, changed or moved from its place."""
    ciphers, bound = dict(aead.ALGORITHMS.values()), place.encode()
    prefix, body = sealed[1 : 1 + PREFIX], memoryview(sealed)[1 + PREFIX :]
    starts = range(0, max(len(body), 1), CHUNK + TAG)
    try:
        if sealed[:1] not in ciphers or len(prefix) != PREFIX:
            raise InvalidTag
        cipher = ciphers[sealed[:1]](key)
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
