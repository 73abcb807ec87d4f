"""Backup archive: an archive is unpacked whole or not at all."""

from __future__ import annotations

import io
import json
import tarfile
import tempfile
import tracemalloc
from pathlib import Path
from typing import Any

import pytest

from kerege.base import ciphers
from kerege.base.errors import BadInput, Refused
from kerege.core.backup import archive as archive_module
from kerege.core.backup import key_file as backup_key_file
from kerege.core.backup import sealed_stream
from kerege.core.backup.archive import pack, unpack, verify
from kerege.core.backup.sealed_stream import BrokenSeal, SealedReader, SealedWriter, is_sealed

KEY = ("backup-0001-abcdef", bytes(32))


def key_of(key_id: str) -> bytes:
    """Return the key of the archives of these tests."""
    assert key_id == KEY[0]
    return KEY[1]


def extract(archive: Path, inside: Path) -> None:
    """Unpack an archive as the holder of the key can."""
    with archive.open("rb") as file:
        assert is_sealed(file)
        with tarfile.open(fileobj=SealedReader(file, key_of), mode="r|") as tar:
            tar.extractall(inside, filter="data")


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """Return the archive of a home with one file."""
    home, dump, out = tmp_path / "home", tmp_path / "dump", tmp_path / "out.tar"
    (home / "uploads").mkdir(parents=True)
    (home / "uploads" / "one.bin").write_text("encrypted")
    dump.write_text("tables")
    pack(home, dump, "sqlite", out, KEY)
    return out


def rewrite(archive: Path, target: Path, changes: dict[str, str]) -> Path:
    """Copy an archive with other contents for some of its files, encrypted with the same key."""
    inside = target.with_suffix(".inside")
    extract(archive, inside)
    for name, text in changes.items():
        (inside / name).write_text(text)
    with target.open("wb") as file:
        sealed = SealedWriter(file, *KEY)
        with tarfile.open(fileobj=sealed, mode="w|") as tar:
            for path in sorted(path for path in inside.rglob("*") if path.is_file()):
                tar.add(path, str(path.relative_to(inside)))
        sealed.finish()
    return target


def test_an_archive_is_unpacked_with_the_contents_of_its_manifest(archive: Path, tmp_path: Path) -> None:
    folder = tmp_path / "unpacked"
    folder.mkdir()
    assert set(unpack(archive, folder, key_of).sha256) == {"database", "uploads/one.bin"}
    assert (folder / "uploads" / "one.bin").read_text() == "encrypted"
    assert folder.stat().st_mode & 0o777 == 0o700


def test_an_archive_shows_nothing_of_its_files(archive: Path) -> None:
    content = archive.read_bytes()
    assert b"tables" not in content
    assert b"uploads" not in content
    assert not tarfile.is_tarfile(archive)


def test_a_check_reads_the_whole_archive_and_writes_no_file(archive: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "mkdtemp", lambda *_, **__: pytest.fail("a check needs no folder"))
    assert set(verify(archive, key_of).sha256) == {"database", "uploads/one.bin"}


@pytest.mark.parametrize("reader", [verify, lambda archive, key: unpack(archive, archive.parent / "again", key)])
def test_memory_does_not_grow_with_the_number_or_the_size_of_files(
    tmp_path: Path, reader: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A register of 10 GB would else need as much memory as it has files."""
    held: list[int] = []
    forget = archive_module._forget_members

    def count_and_forget(tar: Any) -> None:
        held.append(len(tar.members))
        forget(tar)

    monkeypatch.setattr(archive_module, "_forget_members", count_and_forget)
    home, out = tmp_path / "home", tmp_path / "out.tar"
    (home / "uploads").mkdir(parents=True)
    for number in range(30):
        (home / "uploads" / f"{number}").write_bytes(b"x" * 10)
    (home / "uploads" / "large").write_bytes(bytes(8 * 1024**2))
    (tmp_path / "dump").write_text("tables")
    (tmp_path / "again").mkdir()
    tracemalloc.start()
    try:
        pack(home, tmp_path / "dump", "sqlite", out, KEY)
        reader(out, key_of)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 7 * 1024**2
    assert len(held) == 32 + 33  # each file, and the manifest when it is read
    assert max(held) <= 2


@pytest.mark.parametrize("changes", [{"uploads/one.bin": "changed"}, {"extra": "more"}, {"manifest.json": "[]"}])
def test_a_changed_archive_leaves_no_file_behind(archive: Path, tmp_path: Path, changes: dict[str, str]) -> None:
    changed = rewrite(archive, tmp_path / "changed.tar", changes)
    with pytest.raises(BadInput, match="take another copy"):
        verify(changed, key_of)
    place = tmp_path / "place"
    (folder := place / "unpacked").mkdir(parents=True)
    with pytest.raises(BadInput, match="take another copy"):
        unpack(changed, folder, key_of)
    assert list(place.rglob("*")) == [folder]


@pytest.mark.parametrize("kept", [10, 17, 40, 200, 2600])
def test_a_cut_archive_leaves_no_file_behind(archive: Path, tmp_path: Path, kept: int) -> None:
    cut, folder = tmp_path / "cut.tar", tmp_path / "unpacked"
    cut.write_bytes(archive.read_bytes()[:kept])
    folder.mkdir()
    with pytest.raises(BadInput):
        unpack(cut, folder, key_of)
    assert list(folder.iterdir()) == []
    with pytest.raises(BadInput):
        verify(cut, key_of)


def test_an_archive_without_encryption_is_read_only_on_request(archive: Path, tmp_path: Path) -> None:
    inside, plain, folder = tmp_path / "inside", tmp_path / "plain.tar", tmp_path / "unpacked"
    extract(archive, inside)
    with tarfile.open(plain, "w") as tar:
        for path in sorted(path for path in inside.rglob("*") if path.is_file()):
            tar.add(path, str(path.relative_to(inside)))
    folder.mkdir()
    with pytest.raises(BadInput, match="anybody can have changed it"):
        unpack(plain, folder, key_of)
    assert "database" in unpack(plain, folder, None).sha256
    with pytest.raises(BadInput, match="this archive is encrypted"):
        unpack(archive, folder, None)


def sealed(content: bytes) -> bytes:
    """Return the sealed stream of a content."""
    out = io.BytesIO()
    writer = SealedWriter(out, *KEY)
    for start in range(0, len(content), 7):
        writer.write(content[start : start + 7])
    writer.finish()
    return out.getvalue()


def opened(stream: bytes) -> bytes:
    """Return the content of a sealed stream."""
    source = io.BytesIO(stream)
    assert is_sealed(source)
    return SealedReader(source, key_of).readall() or b""


@pytest.fixture
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> int:
    """Seal chunks of ten bytes, so that short streams have many."""
    monkeypatch.setattr(sealed_stream, "CHUNK", 10)
    return 10 + sealed_stream.TAG


@pytest.mark.parametrize("size", [0, 1, 9, 10, 11, 20, 35])
def test_a_stream_opens_to_what_was_sealed(small_chunks: int, size: int) -> None:
    assert opened(sealed(bytes(range(size)))) == bytes(range(size))


@pytest.mark.parametrize("cipher", ciphers.CIPHERS)
def test_a_stream_names_its_cipher_and_opens_under_any_setting(
    small_chunks: int, cipher: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(ciphers.VARIABLE, cipher)
    stream = sealed(bytes(20))
    assert cipher.encode() in stream[:160]
    monkeypatch.delenv(ciphers.VARIABLE)
    assert opened(stream) == bytes(20)
    other = next(name for name in ciphers.CIPHERS if name != cipher)
    length = int.from_bytes(stream[16:18], "big") + len(other) - len(cipher)
    changed = stream[:16] + length.to_bytes(2, "big") + stream[18:].replace(cipher.encode(), other.encode(), 1)
    with pytest.raises(BrokenSeal):
        opened(changed)


def test_a_key_file_names_its_cipher_and_one_of_version_0_1_opens(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys, out = tmp_path / "keys", tmp_path / "out.keys"
    monkeypatch.setattr(backup_key_file, "COST", backup_key_file.ScryptCost(n=2**4, r=8, p=1))
    keys.mkdir()
    (keys / "kek-0001-a1b2c3.key").write_text("ab" * 32)
    for cipher in ciphers.CIPHERS:
        monkeypatch.setenv(ciphers.VARIABLE, cipher)
        backup_key_file.seal_keys(keys, out, "a long passphrase")
        assert json.loads(out.read_text())["cipher"] == cipher
        monkeypatch.delenv(ciphers.VARIABLE)
        assert backup_key_file.open_keys(out, tmp_path / cipher, "a long passphrase") == 1
    old = json.loads(out.read_text())
    out.write_text(json.dumps(old | {"cipher": "rot13"}))
    with pytest.raises(Refused, match="does not know"):
        backup_key_file.open_keys(out, tmp_path / "x", "a long passphrase")
    backup_key_file.seal_keys(keys, out, "a long passphrase")
    out.write_text(json.dumps({name: value for name, value in json.loads(out.read_text()).items() if name != "cipher"}))
    assert backup_key_file.open_keys(out, tmp_path / "old", "a long passphrase") == 1


def test_no_byte_of_a_stream_can_be_changed(small_chunks: int) -> None:
    stream = sealed(bytes(range(35)))
    for place in range(len(sealed_stream.MAGIC), len(stream)):
        changed = bytearray(stream)
        changed[place] ^= 1
        with pytest.raises((BrokenSeal, AssertionError)):  # the assertion: another id of the key
            opened(bytes(changed))


def test_no_chunk_of_a_stream_can_be_moved_repeated_or_left_out(small_chunks: int) -> None:
    stream = sealed(bytes(range(35)))
    start = len(stream) - (3 * small_chunks + 5 + sealed_stream.TAG)
    head, body = stream[:start], stream[start:]
    chunks = [body[place : place + small_chunks] for place in range(0, len(body), small_chunks)]
    assert len(chunks) == 4
    first, second, third, last = chunks
    moved = [[second, first, third, last], [first, third, last], [first, second, third], [first, last], [last]]
    repeated = [[first, second, third, last, last], [first, first, second, third, last]]
    for order in [*moved, *repeated]:
        with pytest.raises(BrokenSeal):
            opened(head + b"".join(order))


def test_two_archives_of_one_content_differ() -> None:
    assert sealed(b"same") != sealed(b"same")
