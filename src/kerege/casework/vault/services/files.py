"""Encrypted files of a record, with wrapped keys in the database. Callers hold the audited event."""

from __future__ import annotations

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

# age from which a file without a row is an orphan: a younger one may still be being written
LEFT_OVER = timedelta(hours=1)


def folder() -> Path:
    """Return the folder of the encrypted files."""
    return files.home() / "uploads"


def path(blob: str) -> Path:
    """Return the path of one encrypted file."""
    return folder() / blob[:2] / blob


def keep(row: DataKey, data: bytes, kind: str) -> StoredFile:
    """Encrypt a file under a key of its own, which the record's data key wraps, and store it.

    The disk is written first, so that no row names a missing file.
    """
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
    """Write the encrypted file to the disk, completely or not at all."""
    folder().mkdir(parents=True, exist_ok=True, mode=0o700)
    with files.atomic_file(path(stored.blob), durable=True) as part, part.open("wb") as out:
        for piece in file_stream.seal(key, data, f"file:{stored.id}"):
            out.write(piece)


def read(stored: StoredFile) -> bytes:
    """Decrypt a file; raise Erased when the file or the person was erased, Refused when it is damaged.

    A missing file raises Refused as well.
    """
    if stored.wrapped is None:
        raise envelope.Erased("this file was erased")
    key = envelope.unseal(plain_key(stored.data_key), stored.wrapped, f"file-key:{stored.id}")
    try:
        sealed = path(stored.blob).read_bytes()
    except FileNotFoundError:
        raise Refused("the file is not on this server: restore the backup of its uploads") from None
    return file_stream.unseal(key, sealed, f"file:{stored.id}")


def destroy(rows: Iterable[StoredFile]) -> int:
    """Destroy the keys of files, and delete their bytes after the commit; return the number of files."""
    files_to_destroy = [row for row in rows if row.wrapped is not None]
    now = timezone.now()
    StoredFile.objects.filter(pk__in=[row.pk for row in files_to_destroy]).update(wrapped=None, destroyed_at=now)
    for row in files_to_destroy:
        row.wrapped, row.destroyed_at = None, now
        transaction.on_commit(partial(path(row.blob).unlink, missing_ok=True))
    return len(files_to_destroy)


def sweep(now: datetime) -> None:
    """Delete files that no row names: leftovers of a killed process or of an interrupted removal."""
    named = set(StoredFile.objects.filter(wrapped__isnull=False).values_list("blob", flat=True))
    before = (now - LEFT_OVER).timestamp()
    for file in folder().glob("*/*"):
        if file.name not in named and file.is_file() and file.stat().st_mtime < before:
            file.unlink(missing_ok=True)
