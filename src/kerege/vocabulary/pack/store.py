"""Packs of an installation: publishers that it trusts, versions that it holds, the one in use.

`KEREGE_HOME/packs/<country>` holds one folder for each version, `current` with the version in use, and
`installed.json`. Only `current` decides, and it changes in one step: a process that is killed at any moment leaves the
old version or the new one.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from kerege.base import files
from kerege.base.errors import BadInput, Fault, Refused
from kerege.vocabulary.pack.description import version_key
from kerege.vocabulary.pack.pack import Pack, read_pack
from kerege.vocabulary.pack.search_order import CURRENT, built_in_pack, current_version, home_folder
from kerege.vocabulary.pack.shape import MOST_BYTES, list_shape_faults
from kerege.vocabulary.pack.signature import check_signature, fingerprint_of

RECORD = "installed.json"
UNSIGNED = ""  # the publisher of a pack without a signature
Check = Callable[[Pack], list[Fault]]


@dataclass(frozen=True)
class InstalledVersion:
    """Version that was installed, the version in use before it, and its publisher's fingerprint."""

    version: str
    before: str
    publisher: str


def publishers_folder() -> Path:
    """Return the folder of the public keys that this installation trusts."""
    return files.home() / "packs" / "publishers"


def trust(pem: bytes) -> Path:
    """Trust the key of a publisher; returns its file."""
    path = publishers_folder() / f"{fingerprint_of(pem).replace(' ', '')}.pem"
    with files.atomic_file(path, durable=True) as part:
        part.write_bytes(pem)
    return path


def publishers() -> dict[str, bytes]:
    """Return the trusted public keys by fingerprint."""
    keys = [path.read_bytes() for path in sorted(publishers_folder().glob("*.pem"))]
    return {fingerprint_of(pem): pem for pem in keys}


def installed_version(country: str) -> str:
    """Return the version in use of an installed pack, '' without one."""
    return current_version(home_folder(country))


def folder_of(pack: Pack) -> Path:
    """Return the folder of an installed pack."""
    return home_folder(pack.country) / pack.version


def history(country: str) -> list[InstalledVersion]:
    """Return the installations of the packs of a country, the last one last."""
    path = home_folder(country) / RECORD
    rows = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else []
    return [InstalledVersion(**row) for row in rows]


def last_installation(country: str) -> InstalledVersion | None:
    """Return the installation of the version in use, None without one."""
    version = installed_version(country)
    return next((row for row in reversed(history(country)) if row.version == version), None)


def install(source: Path, check: Check, *, unsigned: bool = False, new_publisher: bool = False) -> Pack:
    """Install the pack of a folder, or nothing.

    Parameters
    ----------
    source : Path
        Folder of the pack.
    check : callable
        Return the faults of a pack. One fault, and nothing is installed.
    unsigned : bool
        Accept a pack without a signature.
    new_publisher : bool
        Accept another trusted publisher than that of the version in use.

    Returns
    -------
    Pack
        The installed pack. Processes that run keep the old one until they start again.

    Raises
    ------
    BadInput
        If the pack has faults. It lists every one.
    Refused
        If the signature does not fit, or if the version is lower than the one in use.
    """
    country = read_source(source).country
    folder = home_folder(country)
    with files.locked(folder):
        _remove_parts(folder)
        with _copied(source, folder) as part:
            pack = read_pack(part, "installed")
            publisher = UNSIGNED if unsigned else check_signature(pack, part, publishers())
            _check_publisher(country, publisher, new_publisher=new_publisher)
            _check_version(pack, part, country)
            if faults := check(pack):
                raise BadInput(faults)
            _switch(folder, part, InstalledVersion(pack.version, installed_version(country), publisher))
    return read_pack(folder / pack.version, "installed")


def back(country: str) -> str:
    """Use the version before the present one again; returns it, '' for the pack that Kerege ships.

    Raises Refused if there is none.
    """
    folder = home_folder(country)
    row = last_installation(country)
    if row is None:
        raise Refused(f"no pack of {country.upper()} is installed: there is no version to go back to")
    with files.locked(folder):
        if row.before:
            _point(folder, row.before)
        elif built_in_pack(country):
            (folder / CURRENT).unlink()
            files.sync(folder)
        else:
            raise Refused(f"{row.version} is the first pack of {country.upper()}: there is no version to go back to")
    return row.before


def read_source(source: Path) -> Pack:
    """Return the pack of a folder of good shape; raises BadInput with every fault."""
    if not source.is_dir():
        raise BadInput(Fault("is not a folder", "give the folder of a pack", file=str(source)))
    if faults := list_shape_faults(source, _fonts_of(source)):
        raise BadInput(faults)
    return read_pack(source, "folder")


def _fonts_of(source: Path) -> list[str]:
    """Return the fonts that a description names; [] if it cannot be read, which is reported later."""
    place = source / "pack.toml"
    if place.is_symlink() or not place.is_file() or place.stat().st_size > MOST_BYTES:
        return []
    try:
        return read_pack(source, "folder").description.fonts
    except (BadInput, UnicodeDecodeError):
        return []


@contextmanager
def _copied(source: Path, folder: Path) -> Iterator[Path]:
    """Yield a copy of the files, which nobody changes during the checks; an unused one is removed."""
    part = Path(tempfile.mkdtemp(dir=folder, prefix=".part-"))
    try:
        files.copy(source, part, private=True)
        if faults := list_shape_faults(part, _fonts_of(part)):
            raise BadInput(faults)
        yield part
    finally:
        shutil.rmtree(part, ignore_errors=True)


def _remove_parts(folder: Path) -> None:
    """Remove what an installation left that was killed."""
    for path in folder.glob(".part-*"):
        shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()


def _check_publisher(country: str, publisher: str, *, new_publisher: bool) -> None:
    before = last_installation(country)
    if before and before.publisher not in {publisher, UNSIGNED} and not new_publisher:
        raise Refused(
            "the pack is signed with another key than the version in use: if its publisher has a new key,"
            " install it with --new-publisher"
        )


def _check_version(pack: Pack, part: Path, country: str) -> None:
    current = installed_version(country)
    if not current:
        return
    if version_key(pack.version) < version_key(current):
        raise Refused(f"{pack.version} is lower than {current}, which is installed: see kerege pack back")
    if pack.version == current and pack.manifest != read_pack(home_folder(country) / current, "installed").manifest:
        raise Refused(f"{current} is installed with other files: its publisher has to raise the version")


def _switch(folder: Path, part: Path, row: InstalledVersion) -> None:
    """Put the checked files in their place, record the step, and use them."""
    target = folder / row.version
    if row.version != row.before:
        files.sync(*(path for path in part.rglob("*")), part)
        if target.exists():  # left by an installation that was killed, or by a version that was removed
            shutil.rmtree(target)
        part.rename(target)
        _record(folder, row)
    _point(folder, row.version)


def _record(folder: Path, row: InstalledVersion) -> None:
    rows = [asdict(old) for old in history(folder.name)]
    with files.atomic_file(folder / RECORD, durable=True) as path:
        path.write_text(json.dumps([*rows, asdict(row)], indent=1) + "\n", encoding="utf-8")


def _point(folder: Path, version: str) -> None:
    """Use a version, in one step."""
    with files.atomic_file(folder / CURRENT, durable=True) as path:
        path.write_text(version + "\n", encoding="ascii")
