"""The erasure log: which keys were destroyed, outside the database, so that no restored backup brings anybody back.

Random ids and days, authenticated line by line; it names nobody. A backup copies it beside itself.
"""

from __future__ import annotations

import hmac
import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

from kerege.base import files
from kerege.base.errors import BadInput, Fault
from kerege.casework.vault.models.files import StoredFile
from kerege.casework.vault.models.identities import DataKey
from kerege.core.authorization import session_scope
from kerege.core.security.keyring import keyring

KEY, FILE = "key", "file"


@dataclass
class Logged:
    """What was destroyed: data keys, and single files."""

    keys: set[UUID] = field(default_factory=set)
    files: set[UUID] = field(default_factory=set)

    def holds(self, kind: str, pk: UUID) -> bool:
        """Whether this is in the log."""
        return pk in (self.keys if kind == KEY else self.files)


def path() -> Path:
    """Where the log is kept."""
    return files.home() / "erasures" / "log.jsonl"


def ready() -> None:
    """Let the key exist by which the log is authenticated: a backup made now must be able to read a later log."""
    keyring().first("import")


def write() -> int:
    """Append what the database says was destroyed and the log does not hold yet; returns how many lines.

    Asked of the database, so that a line lost by a crash after the commit is written the next time.
    """
    with files.locked(path().parent), session_scope.beyond("the log of erasures is complete"):
        known = read(path()) if path().exists() else Logged()
        lines = [line(kind, pk, day) for kind, pk, day in destroyed() if not known.holds(kind, pk)]
        if not lines:
            return 0
        handle = os.open(path(), os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        with os.fdopen(handle, "a", encoding="utf-8") as out:
            out.writelines(f"{text}\n" for text in lines)
            out.flush()
            os.fsync(out.fileno())
    return len(lines)


def destroyed() -> Iterator[tuple[str, UUID, str]]:
    """Everything destroyed so far, and the day."""
    keys = DataKey.objects.filter(destroyed_at__isnull=False).values_list("pk", "destroyed_at")
    single = StoredFile.objects.filter(destroyed_at__isnull=False).values_list("pk", "destroyed_at")
    for kind, rows in ((KEY, keys), (FILE, single)):
        for pk, at in rows.order_by("destroyed_at").iterator():
            yield kind, pk, f"{at:%Y-%m-%d}"


def line(kind: str, pk: UUID, day: str) -> str:
    """One authenticated line."""
    return json.dumps({"on": day, kind: str(pk), "mac": _mac(kind, str(pk), day)})


def read(source: Path) -> Logged:
    """A log; raises BadInput when a line was not written by this register."""
    found = Logged()
    for number, text in enumerate(source.read_text(encoding="utf-8").splitlines(), start=1):
        try:
            told = json.loads(text)
            kind = KEY if KEY in told else FILE
            if not hmac.compare_digest(told["mac"], _mac(kind, told[kind], told["on"])):
                raise ValueError
            (found.keys if kind == KEY else found.files).add(UUID(told[kind]))
        except (ValueError, KeyError, TypeError, AttributeError):
            fault = Fault("this line was not written by this register", "give its own log", str(source), number)
            raise BadInput(fault) from None
    return found


def union(sources: Iterable[Path]) -> Logged:
    """What several logs hold."""
    found = Logged()
    for source in sources:
        part = read(source)
        found.keys |= part.keys
        found.files |= part.files
    return found


def _mac(kind: str, pk: str, day: str) -> str:
    # the oldest import key stays the same for ever, and is in every backup of the keys
    _, key = keyring().first("import")
    return hmac.digest(key, f"erasure:{kind}:{pk}:{day}".encode(), "sha256").hex()[:32]
