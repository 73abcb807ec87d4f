"""Files of a record: on the disk encrypted, in the database their wrapped keys. Callers hold the audited act."""

from __future__ import annotations

import os
from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

from django.db import transaction
from django.utils import timezone

from kerege.base import files
from kerege.base.errors import Refused
from kerege.casework.vault.crypto import envelope, file_stream
from kerege.casework.vault.models.files import StoredFile
from kerege.casework.vault.models.identities import DataKey
from kerege.casework.vault.services.identities import plain_key
from kerege.core.database.bulk_insert import new

# a file without a row is being written, or was left by a process that was killed
LEFT_OVER = timedelta(hours=1)


def folder() -> Path:
    """Where encrypted files lie."""
    return files.home() / "uploads"


def path(blob: str) -> Path:
    """Where one of them lies."""
    return folder() / blob[:2] / blob


def keep(row: DataKey, data: bytes, kind: str) -> StoredFile:
    """Encrypt a file under a record's key and store it; the disk first, so that no row ever names a missing file."""
    plain, key = plain_key(row), envelope.new_data_key()
    stored = new(StoredFile, data_key=row, kind=kind, size=len(data), created_at=timezone.now())
    stored.wrapped = envelope.seal(plain, key, f"file-key:{stored.id}")
    write(stored, key, data)
    try:
        stored.save(force_insert=True)
    except BaseException:
        path(stored.blob).unlink(missing_ok=True)
        raise
    return stored


def write(stored: StoredFile, key: bytes, data: bytes) -> None:
    """Put the encrypted bytes on the disk, whole or not at all."""
    folder().mkdir(parents=True, exist_ok=True, mode=0o700)
    with files.atomic_file(path(stored.blob)) as part, part.open("wb") as out:
        for piece in file_stream.seal(key, data, f"file:{stored.id}"):
            out.write(piece)
        out.flush()
        os.fsync(out.fileno())


def read(stored: StoredFile) -> bytes:
    """The bytes of a file; raises Erased when it or the person was erased, Refused when it is missing or damaged."""
    if stored.wrapped is None:
        raise envelope.Erased("this file was erased")
    key = envelope.unseal(plain_key(stored.data_key), stored.wrapped, f"file-key:{stored.id}")
    try:
        sealed = path(stored.blob).read_bytes()
    except FileNotFoundError:
        raise Refused("the file is not on this server: restore the backup of its uploads") from None
    return file_stream.unseal(key, sealed, f"file:{stored.id}")


def destroy(rows: Iterable[StoredFile]) -> int:
    """Destroy the keys of files, and with the commit their bytes; returns how many."""
    gone = [row for row in rows if row.wrapped is not None]
    now = timezone.now()
    StoredFile.objects.filter(pk__in=[row.pk for row in gone]).update(wrapped=None, destroyed_at=now)
    for row in gone:
        row.wrapped, row.destroyed_at = None, now
        transaction.on_commit(partial(path(row.blob).unlink, missing_ok=True))
    return len(gone)


def sweep(now: datetime) -> None:
    """Remove what no living row names: left by a killed process, or by a removal that was cut off."""
    living = set(StoredFile.objects.filter(wrapped__isnull=False).values_list("blob", flat=True))
    before = (now - LEFT_OVER).timestamp()
    for found in folder().glob("*/*"):
        if found.name not in living and found.is_file() and found.stat().st_mtime < before:
            found.unlink(missing_ok=True)
