"""Files on the disk cannot be read, changed, cut or mixed up.

No file is left without its row, and no row without its file.
"""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from kerege.base.errors import Refused
from kerege.casework.vault.crypto import envelope, file_stream
from kerege.casework.vault.models.files import StoredFile
from kerege.casework.vault.services import files, identities
from kerege.core.security import keyring
from tests import rights

pytestmark = pytest.mark.db
KEY, PLACE = b"k" * 32, "file:1"
BODY = file_stream.CHUNK + file_stream.TAG
TEXT = "Канарейкина".encode() * 60_000


def sealed(data: bytes) -> bytes:
    return b"".join(file_stream.seal(KEY, data, PLACE))


@pytest.mark.parametrize(
    "size", [0, 1, file_stream.CHUNK - 1, file_stream.CHUNK, file_stream.CHUNK + 1, 3 * file_stream.CHUNK]
)
def test_an_encrypted_file_of_any_length_decrypts(size: int) -> None:
    data = os.urandom(size)
    assert file_stream.unseal(KEY, sealed(data), PLACE) == data


def hurt() -> dict[str, bytes]:
    """Return a file of three chunks, damaged in every way, by the kind of damage."""
    whole = sealed(os.urandom(3 * file_stream.CHUNK))
    head, chunks = whole[:8], [whole[8 + n * BODY : 8 + (n + 1) * BODY] for n in range(3)]
    return {
        "cut": whole[:-1],
        "cut at a chunk": whole[: 8 + 2 * BODY],
        "without its head": whole[8:],
        "only its head": head,
        "nothing": b"",
        "swapped": head + chunks[1] + chunks[0] + chunks[2],
        "repeated": head + chunks[0] + chunks[0] + chunks[1] + chunks[2],
        "last first": head + chunks[2] + chunks[1] + chunks[0],
        "first only": head + chunks[0],
        "longer": whole + b"x",
        "two files": whole + chunks[2],
        "of another file": head + chunks[0] + sealed(os.urandom(3 * file_stream.CHUNK))[8 + BODY :],
        "another format": b"\x02" + whole[1:],
        "one bit": whole[:100] + bytes([whole[100] ^ 1]) + whole[101:],
    }


@pytest.mark.parametrize("how", list(hurt()))
def test_a_damaged_file_does_not_open(how: str) -> None:
    data = hurt()[how]
    with pytest.raises(Refused):
        file_stream.unseal(KEY, data, PLACE)


def test_a_file_opens_only_at_its_place_and_with_its_key() -> None:
    with pytest.raises(Refused):
        file_stream.unseal(KEY, sealed(b"x"), "file:2")
    with pytest.raises(Refused):
        file_stream.unseal(b"o" * 32, sealed(b"x"), PLACE)


@pytest.fixture
def kept(make_case: Any) -> StoredFile:
    return files.keep(make_case().record.data_key, TEXT, "pdf")


def everything_on_disk() -> list[Path]:
    return sorted(path for path in files.folder().rglob("*") if path.is_file())


def test_nothing_of_a_file_stands_on_the_disk_in_clear(kept: StoredFile) -> None:
    assert files.read(kept) == TEXT
    raw = files.path(kept.blob).read_bytes()
    assert "Канарейкина".encode() not in raw
    assert files.path(kept.blob).stat().st_mode & 0o077 == 0
    assert str(kept.id).replace("-", "") not in str(files.path(kept.blob))


def test_two_files_cannot_be_exchanged_on_the_disk(kept: StoredFile) -> None:
    other = files.keep(kept.data_key, b"other", "pdf")
    files.path(kept.blob).write_bytes(files.path(other.blob).read_bytes())
    with pytest.raises(Refused):
        files.read(kept)


def test_a_new_key_encryption_key_leaves_files_readable(kept: StoredFile) -> None:
    before = bytes(kept.wrapped)
    keyring.keyring().rotate("kek")
    assert identities.rewrap() >= 1
    kept = StoredFile.objects.get(pk=kept.pk)
    assert files.read(kept) == TEXT
    assert bytes(kept.wrapped) == before  # only the key of the record was wrapped again


def test_a_destroyed_file_is_gone_from_disk_and_memory(
    kept: StoredFile, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        assert files.destroy([kept]) == 1
    assert not files.path(kept.blob).exists()
    with pytest.raises(envelope.Erased):
        files.read(StoredFile.objects.get(pk=kept.pk))
    assert files.destroy([kept]) == 0


def test_a_row_that_cannot_be_stored_leaves_no_file(make_case: Any, monkeypatch: Any) -> None:
    row, before = make_case().record.data_key, everything_on_disk()
    monkeypatch.setattr(StoredFile, "save", lambda *a, **k: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        files.keep(row, b"x", "pdf")
    assert everything_on_disk() == before


def test_only_orphaned_files_are_removed(kept: StoredFile) -> None:
    orphan, fresh = files.path("0" * 32), files.path("1" * 32)
    part = orphan.parent / ".part-x"
    for path in (orphan, fresh, part):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"unreadable")
    long_ago = (timezone.now() - timedelta(hours=2)).timestamp()
    for path in (orphan, part, files.path(kept.blob)):
        os.utime(path, (long_ago, long_ago))
    files.sweep(timezone.now())
    assert [path.exists() for path in (orphan, part, fresh)] == [False, False, True]
    assert files.read(kept) == TEXT


def test_a_stored_file_knows_its_size_kind_key_and_time(make_case: Any, monkeypatch: Any) -> None:
    rights.stop_clock(monkeypatch)
    row = make_case().record.data_key
    stored = StoredFile.objects.get(pk=files.keep(row, b"12345", "pdf").pk)
    assert (stored.size, stored.kind, stored.created_at, stored.data_key) == (5, "pdf", rights.NOW, row)
    assert files.path(stored.blob) == files.folder() / stored.blob[:2] / stored.blob
    assert len(stored.blob) == 32
    assert files.folder().stat().st_mode & 0o077 == 0
    wrapped = envelope.unseal(identities.plain_key(row), stored.wrapped, f"file-key:{stored.pk}")
    assert file_stream.unseal(wrapped, files.path(stored.blob).read_bytes(), f"file:{stored.pk}") == b"12345"


def test_a_file_that_is_missing_on_the_disk_says_so(kept: StoredFile) -> None:
    files.path(kept.blob).unlink()
    with pytest.raises(Refused, match="not on this server"):
        files.read(kept)


def test_a_file_of_an_erased_person_opens_no_more(kept: StoredFile) -> None:
    kept.data_key.wrapped = None
    with pytest.raises(envelope.Erased):
        files.read(kept)


def test_destroyed_files_are_removed_after_the_commit_and_others_stay(
    kept: StoredFile, monkeypatch: Any, django_capture_on_commit_callbacks: Any
) -> None:
    rights.stop_clock(monkeypatch)
    other = files.keep(kept.data_key, b"other", "pdf")
    with django_capture_on_commit_callbacks(execute=False) as callbacks:
        assert files.destroy([kept]) == 1
    assert files.path(kept.blob).exists(), "a rollback must leave the file"
    for callback in callbacks:
        callback()
    assert not files.path(kept.blob).exists()
    assert (kept.wrapped, kept.destroyed_at) == (None, rights.NOW)
    stored = StoredFile.objects.get(pk=kept.pk)
    assert (stored.wrapped, stored.destroyed_at) == (None, rights.NOW)
    assert files.read(StoredFile.objects.get(pk=other.pk)) == b"other"


def test_an_orphaned_file_is_removed_after_an_hour_and_with_the_row_of_a_destroyed_one(kept: StoredFile) -> None:
    now = timezone.now().replace(microsecond=0)
    ages = {"2" * 32: 3600, "3" * 32: 3601, "4" * 32: 3599}
    for name, age in ages.items():
        path = files.path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")
        os.utime(path, (now.timestamp() - age,) * 2)
    destroyed = files.keep(kept.data_key, b"x", "pdf")
    StoredFile.objects.filter(pk=destroyed.pk).update(wrapped=None, destroyed_at=now)
    os.utime(files.path(destroyed.blob), (0, 0))
    folder = files.folder() / "55" / "folder"
    folder.mkdir(parents=True, exist_ok=True)
    os.utime(folder, (0, 0))
    files.sweep(now)
    assert {name: files.path(name).exists() for name in ages} == {"2" * 32: True, "3" * 32: False, "4" * 32: True}
    assert not files.path(destroyed.blob).exists()
    assert folder.exists()
    assert files.read(kept) == TEXT
