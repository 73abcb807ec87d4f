"""A pack: a folder of data files, read by their names within the folder."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Literal

from kerege.base.errors import BadInput, Fault
from kerege.vocabulary.pack.description import FILE_NAME, PackDescription, parse_description

MANIFEST, SIGNATURE = "MANIFEST.json", "MANIFEST.sig"
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,99}")  # name of a file or folder of a pack
Origin = Literal["folder", "installed", "package", "built in"]


@dataclass(frozen=True, eq=False)
class Pack:
    """Pack of a country: its description, its files, and where it was found."""

    folder: Traversable
    origin: Origin
    description: PackDescription

    @property
    def identifier(self) -> str:
        """Return the id of the pack, such as `kerege-kz`."""
        return self.description.id

    @property
    def version(self) -> str:
        """Return the version of the pack."""
        return self.description.version

    @property
    def country(self) -> str:
        """Return the ISO 3166 alpha-2 code of the country, in capitals."""
        return self.description.country

    def has(self, path: str) -> bool:
        """Return whether the pack has a file."""
        return self._place(path).is_file()

    def read_bytes(self, path: str) -> bytes:
        """Return the content of a file; raises BadInput if there is none."""
        place = self._place(path)
        if not place.is_file():
            raise BadInput(Fault(f"the pack {self.identifier} has no such file", "add it", file=path))
        return place.read_bytes()

    def read_text(self, path: str) -> str:
        """Return the text of a file in UTF-8; raises BadInput if there is none, or if it is not text."""
        try:
            return self.read_bytes(path).decode()
        except UnicodeDecodeError:
            raise BadInput(Fault("is not UTF-8 text", "save it as UTF-8", file=path)) from None

    def names(self, folder: str) -> list[str]:
        """Return the names of the files in a folder of the pack; [] if there is no such folder."""
        place = self._place(folder)
        return sorted(item.name for item in place.iterdir() if item.is_file()) if place.is_dir() else []

    @cached_property
    def manifest(self) -> bytes:
        """Return the list of all files with their SHA-256, as `MANIFEST.json` holds it."""
        rows = {path: hashlib.sha256(self.read_bytes(path)).hexdigest() for path in sorted(list_files(self.folder))}
        about = {"id": self.identifier, "version": self.version, "country": self.country}
        return (json.dumps({**about, "files": rows}, indent=1, sort_keys=True) + "\n").encode()

    @cached_property
    def manifest_hash(self) -> str:
        """Return the SHA-256 of the manifest: it covers every byte of the pack."""
        return hashlib.sha256(self.manifest).hexdigest()

    @property
    def stamp(self) -> Mapping[str, str]:
        """Return what snapshots, releases and exports state of the pack."""
        return {"id": self.identifier, "version": self.version, "manifest": f"sha256:{self.manifest_hash}"}

    def _place(self, path: str) -> Traversable:
        """Return a place inside the pack; no path leads out of it."""
        place = self.folder
        for part in path.split("/"):
            place = place / part
            if not NAME.fullmatch(part) or (isinstance(place, Path) and place.is_symlink()):
                raise ValueError("a pack has no such path")
        return place


def list_files(folder: Traversable, inside: str = "") -> Iterator[str]:
    """Yield the paths of the files of a pack, without the manifest and files of Python."""
    for item in folder.iterdir():
        path = f"{inside}{item.name}"
        if path in {MANIFEST, SIGNATURE} or item.name == "__pycache__" or item.name.endswith(".py"):
            continue
        if item.is_dir():
            yield from list_files(item, f"{path}/")
        else:
            yield path


def read_pack(folder: Traversable, origin: Origin) -> Pack:
    """Return the pack of a folder; raises BadInput if it has no good `pack.toml`."""
    place = folder / FILE_NAME
    if not place.is_file():
        raise BadInput(Fault(f"holds no {FILE_NAME}", "give the folder of a pack", file=str(folder)))
    return Pack(folder, origin, parse_description(place.read_text(encoding="utf-8")))
