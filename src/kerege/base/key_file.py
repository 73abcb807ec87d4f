"""Keys in files of their own: 32 bytes in hexadecimal, for their owner only."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from kerege.base.errors import BadInput, Fault

SIZE = 32


def kept(path: Path, called: str) -> bytes:
    """The key of a file, which is made, mode 0600, when there is none; raises BadInput for one that is no key."""
    if not path.exists():
        _make(path)
    try:
        key = bytes.fromhex(path.read_text().strip())
    except (OSError, ValueError):
        key = b""
    if len(key) != SIZE:
        raise BadInput(Fault(f"is not {called}", "restore it from the backup of the keys", file=str(path)))
    return key


def _make(path: Path) -> None:
    """Written whole under another name first: of two who make one at once, both have the key of the first."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    part = path.with_name(f".part-{secrets.token_hex(8)}")
    handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "w") as file:
            file.write(secrets.token_bytes(SIZE).hex() + "\n")
            file.flush()
            os.fsync(file.fileno())
        os.link(part, path)
    except FileExistsError:
        pass
    finally:
        part.unlink()
