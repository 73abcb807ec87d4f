"""Search order of packs: the folder of the environment, the installation, a package, Kerege."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from importlib.metadata import entry_points
from importlib.resources import files
from importlib.resources.abc import Traversable
from importlib.util import find_spec
from pathlib import Path

from kerege.base import files as home_files
from kerege.base.errors import BadInput, Fault
from kerege.vocabulary.pack.pack import Pack, read_pack

GROUP = "kerege.packs"
CURRENT = "current"
_used: ContextVar[Pack | None] = ContextVar("_used", default=None)


def active_pack() -> Pack:
    """Return the pack of this installation.

    It is the folder `KEREGE_PACK`, otherwise the pack of `KEREGE_COUNTRY`, by default Kazakhstan's. Each process reads
    it once.

    Examples
    --------
    >>> active_pack().country
    'KZ'
    """
    return _used.get() or _active()


@cache
def _active() -> Pack:
    folder, country = os.environ.get("KEREGE_PACK"), os.environ.get("KEREGE_COUNTRY")
    if not folder:
        return find_pack(country or "kz")
    pack = read_pack(Path(folder).resolve(), "folder")
    if country and country.upper() != pack.country:
        fault = f"KEREGE_PACK is of {pack.country}, KEREGE_COUNTRY is another country"
        raise BadInput(Fault(fault, "correct one of them", file="environment"))
    return pack


@contextmanager
def using(pack: Pack) -> Iterator[None]:
    """Let a pack be the active one within the block: its code lists and its profile are read."""
    token = _used.set(pack)
    try:
        yield
    finally:
        _used.reset(token)


def find_pack(country: str) -> Pack:
    """Return the pack of a country: installed, else in a package, else shipped with Kerege.

    Raises BadInput if there is none.

    Examples
    --------
    >>> find_pack("kz").identifier
    'kerege-kz'
    """
    name = country.lower()
    known = countries()
    if not re.fullmatch("[a-z]{2}", name) or name not in known:
        fault = Fault("there is no such country profile", f"use one of {', '.join(known)}", file=f"{name}.toml")
        raise BadInput(fault)
    return _installed(home_folder(name)) or _packaged(name) or _built_in(name)


def countries() -> list[str]:
    """Return the countries that have a pack, in small letters."""
    home = home_files.home() / "packs"
    installed = [place.parent.name for place in home.glob(f"??/{CURRENT}")] if home.is_dir() else []
    built_in = [place.name for place in _shipped().iterdir() if re.fullmatch("[a-z]{2}", place.name)]
    return sorted({*installed, *built_in, *(point.name for point in entry_points(group=GROUP))})


def home_folder(country: str) -> Path:
    """Return the folder of the installed packs of a country."""
    return home_files.home() / "packs" / country.lower()


def _installed(folder: Path) -> Pack | None:
    version = current_version(folder)
    return _read(folder / version) if version else None


def current_version(folder: Path) -> str:
    """Return the version in use of the packs in a folder, '' without one."""
    place = folder / CURRENT
    return place.read_text(encoding="ascii").strip() if place.is_file() else ""


@cache
def _read(folder: Path) -> Pack:
    return read_pack(folder, "installed")


@cache
def _packaged(country: str) -> Pack | None:
    """Return the pack in a package of resources: its files are read, its code never runs."""
    for point in entry_points(group=GROUP):
        spec = find_spec(point.value) if point.name == country and point.value.isidentifier() else None
        if spec and spec.submodule_search_locations:
            return read_pack(Path(next(iter(spec.submodule_search_locations))), "package")
    return None


def built_in_pack(country: str) -> Pack | None:
    """Return the pack of a country that Kerege ships, or None."""
    return _built_in(country.lower()) if (_shipped() / country.lower() / "pack.toml").is_file() else None


@cache
def _built_in(country: str) -> Pack:
    return read_pack(_shipped() / country, "built in")


@cache
def _shipped() -> Traversable:
    return files("kerege.vocabulary") / "packs"
