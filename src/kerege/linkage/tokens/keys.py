"""The key of one exercise: all agencies that take part have it, the broker never does."""

from __future__ import annotations

import hashlib
import json
import os
import re
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from kerege.standard.faults import BadInput, Fault

FORMAT = "kerege-tokens-key/1"
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}")


@dataclass(frozen=True)
class Key:
    """A key of 32 random bytes, the exercise that it is for, and the day on which it was made."""

    exercise: str
    made: str
    secret: bytes

    @property
    def fingerprint(self) -> str:
        """16 hexadecimal digits that tell two keys apart and say nothing of either."""
        return hashlib.sha256(b"fingerprint of a kerege tokens key\0" + self.secret).hexdigest()[:16]


def make(exercise: str) -> Key:
    """A new key. Raises BadInput for a name that does not fit into a file name."""
    return Key(named(exercise, "exercise"), datetime.now(UTC).date().isoformat(), secrets.token_bytes(32))


def named(text: str, what: str) -> str:
    """A name of an exercise or list; raises BadInput for what is none."""
    if not NAME.fullmatch(text) or text == "count":  # the column of the counts has that name
        todo = "use up to 40 letters A to Z, digits, dots, hyphens and underscores"
        raise BadInput(Fault(f"this cannot be the name of the {what}", todo))
    return text


def write(key: Key, path: Path) -> None:
    """Write a key for its owner only. Raises BadInput when there is a file already: a key is never replaced."""
    text = json.dumps({"format": FORMAT, "exercise": key.exercise, "made": key.made, "key": key.secret.hex()})
    part = path.parent / f".part-{secrets.token_hex(6)}"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(text + "\n")
            file.flush()
            os.fsync(file.fileno())
        os.link(part, path)  # unlike a rename, it does not replace a file that came up meanwhile
    except FileExistsError:
        raise BadInput(Fault("exists already, and a key is never replaced", "name another file", path.name)) from None
    except OSError:
        raise BadInput(Fault("cannot be written there", "name another file or folder", path.name)) from None
    finally:
        part.unlink(missing_ok=True)


def read(path: Path) -> Key:
    """A key from its file; raises BadInput for what is none."""
    try:
        told = json.loads(path.read_text("utf-8"))
        key = Key(str(told["exercise"]), str(told["made"]), bytes.fromhex(told["key"]))
        if told["format"] != FORMAT or len(key.secret) != 32 or not NAME.fullmatch(key.exercise):
            raise ValueError
    except (OSError, ValueError, KeyError, TypeError):
        fault = Fault("is no key of an exercise", "give the file that kerege tokens key made", path.name)
        raise BadInput(fault) from None
    return key


def open_to_others(path: Path) -> bool:
    """Whether anybody but the owner may read the key file."""
    return bool(path.stat().st_mode & 0o077)
