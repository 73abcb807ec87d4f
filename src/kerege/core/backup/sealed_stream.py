"""Encrypted stream of a backup: chunks under one cipher, in order, with a marked last chunk.

The construction is STREAM (Hoang, Reyhanitabar, Rogaway and Vizar 2015, "Online Authenticated-Encryption and its
Nonce-Reuse Misuse-Resistance"): the nonce of a chunk is its number and whether it is the last one. So a chunk that is
changed, moved, repeated or left out does not open, and a stream that was cut has no last chunk. Each archive has its
own key, derived from the backup key and a random salt. Memory holds two chunks, whatever the size of the archive.
"""

from __future__ import annotations

import base64
import io
import json
import os
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from kerege.base.ciphers import CIPHERS, OLDEST, Cipher, current_cipher

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer, WriteableBuffer

MAGIC = b"kerege-backup/2\n"
CHUNK, TAG = 1024**2, 16
LONGEST_HEADER = 4096

KeyOf = Callable[[str], bytes]  # the backup key of an id


class BrokenSeal(ValueError):
    """The stream was changed or cut, or another key made it."""


class SealedWriter(io.RawIOBase):
    """A writable stream that encrypts what is written to it."""

    def __init__(self, out: BinaryIO, key_id: str, key: bytes) -> None:
        salt, cipher = os.urandom(32), current_cipher()
        facts = {"key": key_id, "salt": base64.b64encode(salt).decode(), "cipher": cipher}
        self.header = json.dumps(facts).encode()
        self._out, self._cipher = out, _cipher(cipher, key, salt)
        self._held, self._number = bytearray(), 0
        out.write(MAGIC + len(self.header).to_bytes(2, "big") + self.header)

    def writable(self) -> bool:
        """Return True."""
        return True

    def write(self, content: ReadableBuffer) -> int:
        """Encrypt full chunks; hold back the rest, since the last chunk is marked."""
        self._held += content
        while len(self._held) > CHUNK:
            self._seal(bytes(self._held[:CHUNK]), is_last=False)
            del self._held[:CHUNK]
        return len(memoryview(content))

    def finish(self) -> None:
        """Write the last chunk. Without it the archive counts as cut."""
        self._seal(bytes(self._held), is_last=True)
        self._held.clear()

    def _seal(self, chunk: bytes, *, is_last: bool) -> None:
        self._out.write(self._cipher.encrypt(_nonce(self._number, is_last), chunk, self.header))
        self._number += 1


class SealedReader(io.RawIOBase):
    """A readable stream that decrypts a sealed one; raises BrokenSeal before it returns a changed byte."""

    def __init__(self, source: BinaryIO, key_of: KeyOf) -> None:
        length = int.from_bytes(source.read(2), "big")
        header = source.read(min(length, LONGEST_HEADER))
        try:
            facts = json.loads(header)
            salt = base64.b64decode(facts["salt"], validate=True)
            cipher = _cipher(facts.get("cipher", OLDEST), key_of(str(facts["key"])), salt)
        except (ValueError, KeyError, TypeError):
            raise BrokenSeal("the header of the archive is damaged") from None
        self._chunks = _opened(source, cipher, header)
        self._held = memoryview(b"")

    def readable(self) -> bool:
        """Return True."""
        return True

    def readinto(self, target: WriteableBuffer) -> int:
        """Fill a buffer with decrypted bytes; return their number, 0 at the end."""
        if not self._held:
            self._held = memoryview(next(self._chunks, b""))
        view = memoryview(target)
        count = min(len(view), len(self._held))
        view[:count], self._held = self._held[:count], self._held[count:]
        return count


def is_sealed(source: BinaryIO) -> bool:
    """Return whether a sealed archive begins here; otherwise go back to the start."""
    if source.read(len(MAGIC)) == MAGIC:
        return True
    source.seek(0)
    return False


def _opened(source: BinaryIO, cipher: Cipher, header: bytes) -> Iterator[bytes]:
    number, sealed = 0, source.read(CHUNK + TAG)
    while True:
        following = source.read(CHUNK + TAG)
        try:
            yield cipher.decrypt(_nonce(number, not following), sealed, header)
        except InvalidTag:
            raise BrokenSeal("the archive was changed or cut, or another key made it") from None
        if not following:
            return
        number, sealed = number + 1, following


def _nonce(number: int, is_last: bool) -> bytes:
    return number.to_bytes(11, "big") + bytes([is_last])


def _cipher(name: str, key: bytes, salt: bytes) -> Cipher:
    return CIPHERS[name](HKDF(SHA256(), length=32, salt=salt, info=MAGIC).derive(key))
