"""Backup archive: an encrypted tar file with a manifest that lists the SHA-256 of every file.

Memory does not grow with the size of the archive: files pass in chunks, and only names and hashes are held.

Archives of version 0.1 are plain tar files. Nothing shows a change of them, so they are read only on request.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, Literal

from kerege import __version__
from kerege.base import files, scratch_folders
from kerege.base.errors import BadInput, Fault
from kerege.base.file_model import FileModel
from kerege.base.file_types import Hash
from kerege.core.backup.sealed_stream import CHUNK, BrokenSeal, KeyOf, SealedReader, SealedWriter, is_sealed

FORMAT: Final = "kerege-backup/1"  # format of the manifest
MANIFEST = "manifest.json"
# the ledger last: it must hold every entry that a release or a file in `audit` names
FOLDERS = ("uploads", "releases", "snapshots", "packs", "audit", "erasures", "ledger")


class BackupManifest(FileModel):
    """Manifest of an archive: time, version, database vendor, hashes of files, numbers of rows by table."""

    format: Literal["kerege-backup/1"]
    created: str
    version: str
    database: str
    sha256: dict[str, Hash]
    rows: dict[str, int] = {}


def pack(
    home: Path, dump: Path, vendor: str, out: Path, key: tuple[str, bytes], rows: dict[str, int] | None = None
) -> BackupManifest:
    """Write the database dump and the folders of `home` to `out`; return the manifest.

    `key` is the id and the key of the backup key, `rows` the number of rows of each table of the dump.
    """
    with scratch_folders.scratch_folder(home, scratch_folders.BACKUP) as (held, _lock):
        return _pack(dict(_members(home, dump, held)), vendor, out, key, rows or {})


def _pack(
    members: dict[str, Path], vendor: str, out: Path, key: tuple[str, bytes], rows: dict[str, int]
) -> BackupManifest:
    hashes = {name: _sha256(path) for name, path in members.items()}
    contents = BackupManifest(
        format=FORMAT,
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        version=__version__,
        database=vendor,
        sha256=hashes,
        rows=rows,
    )
    manifest = json.dumps(contents.tree, indent=1).encode()
    with files.atomic_file(out, durable=True) as part:
        with part.open("wb") as file:
            sealed = SealedWriter(file, *key)
            with tarfile.open(fileobj=sealed, mode="w|") as tar:
                entry = tarfile.TarInfo(MANIFEST)
                entry.size = len(manifest)
                tar.addfile(entry, io.BytesIO(manifest))
                for name, path in members.items():
                    tar.add(path, name, recursive=False)
                    _forget_members(tar)
            sealed.finish()
        part.chmod(0o600)
    return contents


def _members(home: Path, dump: Path, held: Path) -> Iterator[tuple[str, Path]]:
    """Yield archive name and path of every file, hard-linked into `held`.

    A file deleted meanwhile stays readable.
    """
    yield "database", dump
    for folder in FOLDERS:
        for path in sorted((home / folder).rglob("*")):
            # skip files that are still being written
            if path.name.startswith((".part-", ".lock")) or not path.is_file():
                continue
            name = str(path.relative_to(home))
            link = held / name
            link.parent.mkdir(parents=True, exist_ok=True)
            try:
                os.link(path, link)
            except FileNotFoundError:
                continue
            yield name, link


def unpack(archive: Path, folder: Path, key_of: KeyOf | None) -> BackupManifest:
    """Unpack into an empty folder and check every hash.

    `key_of` returns the backup key of an id; without it, only an archive of version 0.1 is read. Raises BadInput when
    the archive was changed or a hash differs; the folder then stays empty.
    """
    with files.atomic_dir(folder, 0o700) as part:
        return _unpack(archive, part, key_of)


def verify(archive: Path, key_of: KeyOf) -> BackupManifest:
    """Decrypt an archive and check every hash, without a file on the disk; return its manifest."""
    manifest, hashes = b"", {}
    with _refusing(archive), _opened(archive, key_of) as tar:
        while (member := tar.next()) is not None:
            stream = tar.extractfile(member)
            if stream is None:
                raise tarfile.TarError("an archive holds plain files only")
            if member.name == MANIFEST:
                manifest = stream.read()
            else:
                hashes[member.name] = hashlib.file_digest(stream, "sha256").hexdigest()  # type: ignore[arg-type]
            _forget_members(tar)
    return _checked(archive, manifest, hashes)


def _unpack(archive: Path, folder: Path, key_of: KeyOf | None) -> BackupManifest:
    with _refusing(archive):
        _extract(archive, folder, key_of)
        manifest = (folder / MANIFEST).read_bytes()
    unpacked = {str(path.relative_to(folder)): path for path in folder.rglob("*") if path.is_file()}
    del unpacked[MANIFEST]
    return _checked(archive, manifest, {name: _sha256(path) for name, path in unpacked.items()})


def _checked(archive: Path, manifest: bytes, hashes: dict[str, str]) -> BackupManifest:
    """Return the manifest; raise BadInput when the files are not those that it lists."""
    with _refusing(archive):
        contents = BackupManifest.model_validate(json.loads(manifest))
    if "database" not in hashes or hashes != contents.sha256:
        raise _bad(archive, "its files are not those of its manifest")
    return contents


@contextmanager
def _refusing(archive: Path) -> Iterator[None]:
    """Raise BadInput for an archive that cannot be read."""
    try:
        yield
    except BrokenSeal as broken:
        raise _bad(archive, str(broken)) from None
    except (OSError, tarfile.TarError, ValueError, RecursionError):
        raise _bad(archive, "this is not a backup of Kerege") from None


def _extract(archive: Path, folder: Path, key_of: KeyOf | None) -> None:
    if key_of is not None:
        with _opened(archive, key_of) as tar:
            while (member := tar.next()) is not None:
                tar.extract(member, folder, filter="data")
                _forget_members(tar)
        return
    with archive.open("rb") as file:
        if is_sealed(file):
            raise BadInput(Fault("this archive is encrypted", "restore it without --unsealed", file=str(archive)))
        with tarfile.open(fileobj=file) as tar:
            tar.extractall(folder, filter="data")


@contextmanager
def _opened(archive: Path, key_of: KeyOf) -> Iterator[tarfile.TarFile]:
    """Yield the decrypted tar file of an archive, to be read once from its beginning to its end."""
    with archive.open("rb") as file:
        if not is_sealed(file):
            what = "this archive is not encrypted, as those of version 0.1 were: anybody can have changed it"
            raise BadInput(Fault(what, "if you trust its storage, add --unsealed", file=str(archive)))
        sealed = SealedReader(file, key_of)
        with tarfile.open(fileobj=sealed, mode="r|") as tar:
            yield tar
        while sealed.read(CHUNK):  # to the marked end, also behind the end of the tar file
            pass


def _forget_members(tar: tarfile.TarFile) -> None:
    """Drop what tarfile keeps of each file: it grows with the number of files."""
    tar.members.clear()  # type: ignore[attr-defined]
    tar.inodes.clear()  # type: ignore[attr-defined]


def move_in(folder: Path, home: Path) -> None:
    """Move the unpacked folders into `home`."""
    for name in FOLDERS:
        if (folder / name).exists():
            shutil.move(folder / name, home / name)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _bad(archive: Path, what: str) -> BadInput:
    return BadInput(Fault(what, "take another copy", file=str(archive)))
