"""A release as a folder whose signature and hashes hold: signed, and verified by whoever receives it."""

from __future__ import annotations

import json
import shutil
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from kerege.base import ed25519
from kerege.base.errors import BadInput, Fault, Refused
from kerege.evidence.release import MANIFEST, PUBLIC_KEY, SIGNATURE
from kerege.evidence.release.manifest import FORMAT, as_bytes, files_of, sha
from kerege.evidence.release.microdata.build import FOLDER as RECORDS
from kerege.evidence.release.prevalence.build import FOLDER as ESTIMATES


def sign(folder: Path, signed: Path, manifest: dict[str, Any], key: bytes) -> None:
    """Put what a draft holds into another folder, with the manifest and the signature over it."""
    for name in ("tables", RECORDS, ESTIMATES):
        if (folder / name).is_dir():
            shutil.copytree(folder / name, signed / name)
    content = as_bytes(manifest)
    (signed / MANIFEST).write_bytes(content)
    (signed / SIGNATURE).write_text(ed25519.sign(content, key) + "\n")
    (signed / PUBLIC_KEY).write_bytes(ed25519.public_pem(key))


def verify(folder: Path, *, public_key: bytes | None = None) -> dict[str, Any]:
    """The manifest of a release whose signature and hashes hold.

    `public_key` (PEM) is the publisher's key as known from elsewhere; without it the key in the folder is taken, which
    shows damage but not forgery. Raises BadInput when there is no release and Refused when it was changed.
    """
    folder = Path(folder)
    content, signature, own = (part_of(folder, name) for name in (MANIFEST, SIGNATURE, PUBLIC_KEY))
    if public_key is not None and public_key.strip() != own.strip():
        raise Refused(f"{folder.name}: signed with another key than the one given")
    try:
        ed25519.check(content, signature.decode("ascii", "replace"), own)
    except Refused as refused:
        raise Refused(f"{folder.name}: {refused}") from None
    manifest = json.loads(content)
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
        raise Refused(f"{folder.name}: the manifest is not of the format {FORMAT}")
    if wrong := next(iter(_schema().iter_errors(manifest)), None):
        raise Refused(f"{folder.name}: the manifest is not as its schema says, at {wrong.json_path}")
    check_files(folder, manifest, {MANIFEST, SIGNATURE, PUBLIC_KEY})
    return manifest


@cache
def _schema() -> Any:
    """`manifest.schema.json`: what a manifest holds."""
    from jsonschema import Draft202012Validator

    text = (files("kerege.evidence.release") / "manifest.schema.json").read_text(encoding="utf-8")
    return Draft202012Validator(json.loads(text))


def part_of(folder: Path, name: str) -> bytes:
    """The content of a file of a release; raises BadInput when there is none."""
    try:
        return (folder / name).read_bytes()
    except OSError:
        raise BadInput(Fault(f"holds no {name}", "give the folder of a release", file=str(folder))) from None


def check_files(folder: Path, manifest: dict[str, Any], besides: set[str]) -> None:
    """Raise Refused when a file is missing, differs from its hash or is not named by the manifest."""
    listed = files_of(manifest)
    for name, expected in listed.items():
        path = folder / name
        if not path.is_file() or sha(path.read_bytes()) != expected:
            raise Refused(f"{folder.name}: {name} is missing or differs from what was signed")
    there = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if not path.is_dir()}
    if extra := there - set(listed) - besides:
        raise Refused(f"{folder.name}: {min(extra)} is not in the manifest")
