"""The signed list of an exported site: `site.json` names every file, `site.sig` signs it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Literal

from kerege.base import signing
from kerege.base.errors import BadInput, Fault, Refused
from kerege.base.file_model import FileModel
from kerege.base.files import file_hash
from kerege.evidence.release.signed_list import SignedList

FORMAT: Literal["kerege-site/1"] = "kerege-site/1"
SITE = "site.json"
LIST = SignedList(SITE, "site.sig", SITE, "an exported site")


class SiteFile(FileModel):
    """One file: SHA-256, size in bytes, and content type."""

    sha256: str
    size: int
    type: str

    @classmethod
    def of(cls, content: bytes, kind: str) -> SiteFile:
        """Return the entry of a content."""
        return cls(sha256=hashlib.sha256(content).hexdigest(), size=len(content), type=kind)


class SiteRelease(FileModel):
    """One public release in the site: the hash of its manifest, and whether a correction replaces it."""

    name: str
    manifest_sha256: str
    state: Literal["standing", "corrected"]


class SiteManifest(FileModel):
    """`site.json`: what the site holds, of which moment, and what its server answers besides files."""

    format: Literal["kerege-site/1"]
    moment: str
    base: str
    languages: list[str]
    code_version: str
    releases: list[SiteRelease]
    withdrawn: list[str]
    files: dict[str, SiteFile]
    redirects: dict[str, str]
    gone: list[str]

    @property
    def due(self) -> datetime:
        """Return the moment before which no file of the site may be published."""
        return datetime.fromisoformat(self.moment)


def to_bytes(manifest: SiteManifest) -> bytes:
    """Return `site.json` as bytes; equal manifests give equal bytes."""
    return (json.dumps(manifest.tree, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()


def sign(folder: Path, manifest: SiteManifest, key: signing.SigningKey) -> None:
    """Write `site.json`, its signature and the public key into the folder of a site."""
    LIST.write(folder, to_bytes(manifest), key)


def is_site(folder: Path) -> bool:
    """Return whether a folder holds an exported site."""
    return (folder / SITE).is_file()


def verify(folder: Path, *, public_key: bytes | None = None) -> SiteManifest:
    """Return the list of a site after checking its signature and every file.

    `public_key` (PEM) is the publisher's key from an independent source; without it the key in the folder is used.
    Raise BadInput if the folder is no site, and Refused if a file was changed, is missing or was added.
    """
    manifest = read_signed(folder, public_key=public_key)
    check_files(folder, manifest)
    return manifest


def read_signed(folder: Path, *, public_key: bytes | None = None) -> SiteManifest:
    """Return the list of a site after checking its signature, without reading the files."""
    content = LIST.read(folder, public_key)
    return SiteManifest.parsed(json.loads(content), str(folder / SITE))  # only bytes whose signature is valid


def read_list(folder: Path) -> SiteManifest:
    """Return the list of a site without checking its signature, for a check that reports every fault."""
    try:
        tree = json.loads(LIST.read_file(folder, SITE))
    except ValueError:
        raise BadInput(Fault("is not JSON", "export the site again", file=str(folder / SITE))) from None
    return SiteManifest.parsed(tree, str(folder / SITE))


def check_files(folder: Path, manifest: SiteManifest) -> None:
    """Raise Refused if a file is missing, differs from the list, or is not in the list."""
    present = set(list_files(folder))  # a name that leads out of the folder is in no list of its files
    for name, entry in manifest.files.items():
        path = folder / name
        if name not in present or not path.is_file() or path.is_symlink() or file_hash(path) != entry.sha256:
            raise Refused(f"{folder.name}: {name} is missing or differs from what was signed")
    if extra := present - manifest.files.keys() - LIST.files:
        raise Refused(f"{folder.name}: {min(extra)} is not in {SITE}")


def list_files(folder: Path) -> Iterable[str]:
    """Return the names of all files below a folder, also of links."""
    paths = (path for path in folder.rglob("*") if path.is_symlink() or not path.is_dir())
    return sorted(path.relative_to(folder).as_posix() for path in paths)
