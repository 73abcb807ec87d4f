"""Backup archive: a tar file with a manifest that lists the SHA-256 of every file."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tarfile
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from kerege import __version__
from kerege.base import files
from kerege.base.errors import BadInput, Fault

FORMAT = "kerege-backup/1"
MANIFEST = "manifest.json"
FOLDERS = ("uploads", "releases", "ledger", "snapshots", "audit", "erasures")


@dataclass(frozen=True)
class Contents:
    """Manifest of an archive: time, Kerege version, database vendor, and the hash of each file."""

    created: str
    version: str
    database: str
    sha256: dict[str, str]


def pack(home: Path, dump: Path, vendor: str, out: Path) -> Contents:
    """Write the database dump and the folders of `home` to `out`; return the manifest."""
    with tempfile.TemporaryDirectory(dir=home, prefix=".backup-") as held:
        return _pack(dict(_members(home, dump, Path(held))), vendor, out)


def _pack(members: dict[str, Path], vendor: str, out: Path) -> Contents:
    hashes = {name: _sha256(path) for name, path in members.items()}
    contents = Contents(datetime.now(UTC).isoformat(timespec="seconds"), __version__, vendor, hashes)
    with files.atomic_file(out) as part, tempfile.TemporaryDirectory() as folder:
        manifest = Path(folder) / MANIFEST
        manifest.write_text(json.dumps({"format": FORMAT} | vars(contents), indent=1))
        with tarfile.open(part, "w") as tar:
            for name, path in {MANIFEST: manifest, **members}.items():
                tar.add(path, name, recursive=False)
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


def unpack(archive: Path, folder: Path) -> Contents:
    """Unpack into an empty folder and check every hash.

    Raises BadInput when one differs; the folder then stays empty.
    """
    with files.atomic_dir(folder, 0o700) as part:
        return _unpack(archive, part)


def _unpack(archive: Path, folder: Path) -> Contents:
    try:
        with tarfile.open(archive) as tar:
            tar.extractall(folder, filter="data")
        content = json.loads((folder / MANIFEST).read_text())
        if not isinstance(content, dict) or content.pop("format") != FORMAT:
            raise ValueError
        contents = Contents(**content)
    except (OSError, tarfile.TarError, ValueError, KeyError, TypeError, RecursionError):
        raise _bad(archive, "this is no backup of Kerege") from None
    unpacked = {str(path.relative_to(folder)): path for path in folder.rglob("*") if path.is_file()}
    del unpacked[MANIFEST]
    if "database" not in unpacked or {name: _sha256(path) for name, path in unpacked.items()} != contents.sha256:
        raise _bad(archive, "its files are not those of its manifest")
    return contents


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
