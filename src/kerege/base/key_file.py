"""Key files: 32 bytes in hexadecimal or sealed, readable by their owner only."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from kerege.base import key_seal
from kerege.base.errors import BadInput, Fault
from kerege.base.files import sync

SIZE = 32


def read_or_create_key(path: Path, called: str) -> bytes:
    """Return the key in a file; create it with mode 0600 if there is none.

    Raise BadInput if it is not a key. `called` is the name of the key in the message.
    """
    if not path.exists():
        _create(path)
    try:
        key = key_seal.read_text(path.stem, path.read_text())
    except (OSError, ValueError):
        key = b""
    if len(key) != SIZE:
        raise BadInput(Fault(f"is not {called}", "restore it from the backup of the keys", file=str(path)))
    return key


def _create(path: Path) -> None:
    """Write a new key to a temporary name and link it to `path`.

    If two processes create the key at once, the second link fails, so both read the key of the first.
    """
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    part = path.with_name(f".part-{secrets.token_hex(8)}")
    handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "w") as file:
            file.write(key_seal.file_text(path.stem, secrets.token_bytes(SIZE)))
            file.flush()
            os.fsync(file.fileno())
        os.link(part, path)
        sync(path.parent)
    except FileExistsError:
        pass
    finally:
        part.unlink()
