"""The key ring: secret keys in files outside the database.

A key's id is stored beside the data it encrypts.

Each purpose has one current key, the newest. Older keys stay until `kerege keys retire` removes them. Without the key
ring the identities cannot be decrypted: back it up with the database, encrypted and in a separate file.
"""

from __future__ import annotations

import os
import re
import secrets
import time
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path

from kerege.base import files, key_seal
from kerege.base.errors import Refused
from kerege.core.security import macs

# release is an Ed25519 seed; all others are keys of AES-256-GCM, HMAC-SHA256 or HKDF
PURPOSES = {
    "kek": "wraps data keys; encrypts second factors and webhook secrets",
    "index": "hashes names and numbers for the search",
    "record": "gives the records of snapshots their keys for noise",
    "import": "hashes and encrypts agencies' own ids; authenticates the log of erasures",
    "release": "signs releases and daily roots",
    "django": "signs sessions and one-time links; encrypts tokens of forms",
    "backup": "encrypts backups",
}
SIZE = 32
TICK = 100_000_000  # nanoseconds, longer than any tick of a kernel: changes of a folder within one tick have one time
NAME = re.compile(r"^(?P<purpose>[a-z]+)-(?P<number>\d{4,})-[0-9a-f]{6}$")


class MissingKey(Refused):
    """The database names a key that the ring does not hold."""


class KeyRing:
    """Keys of one folder.

    Every file is `<purpose>-<number>-<random>.key` with the key in hexadecimal or sealed, mode 0600.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._keys: dict[str, bytes] = {}
        self._listed: tuple[int, list[str]] = (-1, [])

    def current(self, purpose: str) -> tuple[str, bytes]:
        """Return id and key of the newest key of a purpose; create the first key when there is none."""
        ids = self.ids(purpose)
        if not ids:
            with files.locked(self.folder):
                ids = self.ids(purpose) or [self._make(purpose, 1)]
        return ids[-1], self._load(ids[-1])

    def get(self, purpose: str, key_id: str) -> bytes:
        """Return a key by its id; raise MissingKey when it is absent or of another purpose."""
        match = NAME.match(key_id)
        if not match or match["purpose"] != purpose:
            raise MissingKey(f"{key_id!r} is not a {purpose} key")
        return self._load(key_id)

    def rotate(self, purpose: str) -> str:
        """Create a new current key and return its id; older keys stay."""
        with files.locked(self.folder):
            ids = self.ids(purpose)
            return self._make(purpose, _number(ids[-1]) + 1 if ids else 1)

    def remove(self, key_id: str) -> None:
        """Delete the file of an older key; raise Refused for the newest key of its purpose or an unknown one."""
        match = NAME.match(key_id)
        ids = self.ids(match["purpose"]) if match and match["purpose"] in PURPOSES else []
        if key_id not in ids:
            raise MissingKey(f"there is no key {key_id}: kerege doctor --keys lists them")
        if key_id == ids[-1]:
            raise Refused(f"{key_id} is the newest key of its purpose: rotate it first")
        (self.folder / f"{key_id}.key").unlink()
        files.sync(self.folder)
        self._keys.pop(key_id, None)

    def clear_files(self) -> list[str]:
        """Return the names of the files that hold a key in clear."""
        return sorted(
            path.name for path in self.folder.glob("*.key") if not key_seal.is_sealed(path.read_text("utf-8"))
        )

    def seal_files(self) -> int:
        """Write every file anew, sealed under the present master key; return their number."""
        with files.locked(self.folder):
            for path in sorted(self.folder.glob("*.key")):
                text, changed = path.read_text("utf-8"), path.stat()
                sealed = key_seal.file_text(path.stem, key_seal.read_text(path.stem, text))
                with files.atomic_file(path, durable=True) as part:
                    part.write_text(sealed)
                    part.chmod(0o600)
                    # the age of a key is the time of its file
                    os.utime(part, ns=(changed.st_atime_ns, changed.st_mtime_ns))
        return len(self._names())

    def created_at(self, key_id: str) -> datetime:
        """Return the time of a key's file: when the key was made, or restored from a backup."""
        return datetime.fromtimestamp((self.folder / f"{key_id}.key").stat().st_mtime, UTC)

    def ids(self, purpose: str) -> list[str]:
        """Return the key ids of a purpose, oldest first."""
        prefix = f"{_known(purpose)}-"
        return [name for name in self._names() if name.startswith(prefix)]

    def _names(self) -> list[str]:
        """Return the ids of all keys; list the folder again only when its modification time changed.

        A listing within TICK of a change is not kept: another change in the same tick has the same modification time.
        """
        try:
            changed = self.folder.stat().st_mtime_ns
        except FileNotFoundError:
            return []
        if self._listed[0] == changed:
            return self._listed[1]
        names = sorted((path.stem for path in self.folder.glob("*.key") if NAME.match(path.stem)), key=_number)
        if time.time_ns() - changed > TICK:
            self._listed = changed, names
        return names

    def _load(self, key_id: str) -> bytes:
        if key_id not in self._keys:
            try:
                self._keys[key_id] = key_seal.read_text(key_id, (self.folder / f"{key_id}.key").read_text())
            except FileNotFoundError:
                raise MissingKey(f"key {key_id} is not in {self.folder}: restore the key file of the backup") from None
        return self._keys[key_id]

    def _make(self, purpose: str, number: int) -> str:
        key_id = f"{_known(purpose)}-{number:04d}-{secrets.token_hex(3)}"
        with files.atomic_file(self.folder / f"{key_id}.key", durable=True) as part:
            part.write_text(key_seal.file_text(key_id, secrets.token_bytes(SIZE) + macs.mark_of_new_key(purpose)))
            part.chmod(0o600)
        return key_id


def _known(purpose: str) -> str:
    if purpose not in PURPOSES:
        raise ValueError(f"no key purpose {purpose!r}")
    return purpose


def _number(key_id: str) -> int:
    return int(key_id.split("-")[1])


@lru_cache
def _ring(home: Path) -> KeyRing:
    return KeyRing(home / "keys")


def keyring() -> KeyRing:
    """Return the key ring of the current home folder."""
    return _ring(files.home())
