"""A pack to change and install in tests: a copy of the one that Kerege ships."""

from __future__ import annotations

import shutil
from pathlib import Path

from kerege.vocabulary.pack import built_in_pack

COUNTRY = "kz"


def copy_pack(folder: Path, version: str = "2027.1") -> Path:
    """Return a copy of the built-in pack with another version."""
    pack = built_in_pack(COUNTRY)
    assert pack is not None
    shutil.copytree(str(pack.folder), folder)
    text = (folder / "pack.toml").read_text(encoding="utf-8")
    (folder / "pack.toml").write_text(text.replace(pack.version, version), encoding="utf-8")
    return folder


def replace_text(path: Path, old: str, new: str) -> None:
    """Replace a text in a file that holds it."""
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def write_catalogue(folder: Path, *messages: tuple[str, str], plurals: str = "nplurals=2; plural=(n != 1);") -> Path:
    """Write a Kyrgyz catalogue into a pack."""
    path = folder / "locale" / "ky" / "django.po"
    path.parent.mkdir(parents=True)
    head = f'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=utf-8\\n"\n"Plural-Forms: {plurals}\\n"\n'
    path.write_text(head + "".join(f'\nmsgid "{one}"\nmsgstr "{other}"\n' for one, other in messages), "utf-8")
    return path
