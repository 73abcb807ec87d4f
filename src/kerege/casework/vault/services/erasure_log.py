"""Erasure log: ids of destroyed keys, kept outside the database and copied beside each backup.

After a restore of an older backup, the erasures are replayed from it. It holds random ids and days, each line
authenticated; it names no person.
"""

from __future__ import annotations

import hmac
import json
import os
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

from kerege.base import files
from kerege.base.errors import BadInput, Fault
from kerege.base.file_model import FileModel
from kerege.casework.vault.models.files import StoredFile
from kerege.casework.vault.models.identities import DataKey
from kerege.core.authorization import session_scope
from kerege.core.security import macs
from kerege.core.security.key_events import SealedValues
from kerege.core.security.keyring import keyring

KEY, FILE = "key", "file"


class ErasureLine(FileModel):
    """A line of the log: the day, the id of a destroyed data key or file, and its authentication."""

    on: str
    key: UUID | None = None
    file: UUID | None = None
    mac: str


@dataclass
class Logged:
    """Ids of the destroyed data keys and of the single destroyed files in a log."""

    keys: set[UUID] = field(default_factory=set)
    files: set[UUID] = field(default_factory=set)

    def holds(self, kind: str, pk: UUID) -> bool:
        """Return whether the log contains this key or file."""
        return pk in (self.keys if kind == KEY else self.files)


def path() -> Path:
    """Return the path of the erasure log."""
    return files.home() / "erasures" / "log.jsonl"


def ready() -> None:
    """Create the key that authenticates the log, if it is missing; a backup must contain it."""
    keyring().current("import")


def write() -> int:
    """Append the erasures that the database has and the log lacks; return the number of lines.

    The database is the source: a line lost by a crash after the commit is written the next time.
    """
    with (
        files.locked(path().parent),
        session_scope.bypass_row_security("the erasure log lists the erasures of all agencies"),
    ):
        logged = read(path()) if path().exists() else Logged()
        lines = [line(kind, pk, day) for kind, pk, day in destroyed() if not logged.holds(kind, pk)]
        if not lines:
            return 0
        handle = os.open(path(), os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        with os.fdopen(handle, "a", encoding="utf-8") as out:
            out.writelines(f"{text}\n" for text in lines)
            out.flush()
            os.fsync(out.fileno())
    return len(lines)


def destroyed() -> Iterator[tuple[str, UUID, str]]:
    """Yield (kind, id, day) of every destroyed data key and single file."""
    keys = DataKey.objects.filter(destroyed_at__isnull=False).values_list("pk", "destroyed_at")
    file_rows = StoredFile.objects.filter(destroyed_at__isnull=False).values_list("pk", "destroyed_at")
    for kind, rows in ((KEY, keys), (FILE, file_rows)):
        for pk, at in rows.order_by("destroyed_at").iterator():
            yield kind, pk, f"{at:%Y-%m-%d}"


def line(kind: str, pk: UUID, day: str) -> str:
    """Return one line of the log, authenticated under the current import key."""
    _, key = keyring().current("import")
    return json.dumps({"on": day, kind: str(pk), "mac": _mac(key, kind, pk, day)})


def read(source: Path) -> Logged:
    """Read a log; raise BadInput when this register did not write a line of it."""
    logged = Logged()
    for number, text in enumerate(source.read_text(encoding="utf-8").splitlines(), start=1):
        try:
            entry = ErasureLine.model_validate_json(text)
            kind, pk, _day = _parts(entry)
            if not _key_of(entry):
                raise ValueError
            (logged.keys if kind == KEY else logged.files).add(pk)
        except (ValueError, TypeError):  # ValueError is also pydantic's; TypeError: a mac that is not ASCII
            fault = Fault("this line was not written by this register", "give its own log", str(source), number)
            raise BadInput(fault) from None
    return logged


def union(sources: Iterable[Path]) -> Logged:
    """Return the union of several logs."""
    logged = Logged()
    for source in sources:
        part = read(source)
        logged.keys |= part.keys
        logged.files |= part.files
    return logged


def renew() -> int:
    """Authenticate all lines of the log under the current import key; return the number of lines."""
    with files.locked(path().parent):
        if not path().exists():
            return 0
        read(path())  # raises BadInput before a line of another register is authenticated
        entries = list(_entries())
        with files.atomic_file(path(), durable=True) as part:
            part.write_text("".join(f"{line(*_parts(entry))}\n" for entry in entries), encoding="utf-8")
            part.chmod(0o600)
    return len(entries)


def count_sealed() -> list[SealedValues]:
    """Return the number of lines of the log under each import key."""
    counts = Counter(key_id for entry in _entries() if (key_id := _key_of(entry)))
    return [SealedValues("erasure log", key_id, count) for key_id, count in counts.items()]


def _entries() -> Iterator[ErasureLine]:
    """Yield the lines of the log of this home."""
    if path().exists():
        for text in path().read_text(encoding="utf-8").splitlines():
            yield ErasureLine.model_validate_json(text)


def _parts(entry: ErasureLine) -> tuple[str, UUID, str]:
    """Return kind, id and day of a line; raise ValueError when it has no id."""
    kind, pk = (KEY, entry.key) if entry.key else (FILE, entry.file)
    if pk is None:
        raise ValueError("a line of the log of erasures has no id")
    return kind, pk, entry.on


def _key_of(entry: ErasureLine) -> str:
    """Return the id of the import key that authenticated a line, the newest first; '' when none did."""
    kind, pk, day = _parts(entry)
    ring = keyring()
    for key_id in reversed(ring.ids("import")):
        if hmac.compare_digest(entry.mac, _mac(ring.get("import", key_id), kind, pk, day)):
            return key_id
    return ""


def _mac(key: bytes, kind: str, pk: UUID, day: str) -> str:
    return macs.digest(key, f"erasure:{kind}:{pk}:{day}".encode()).hex()[:32]
