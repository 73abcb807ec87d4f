"""Signing and verification of a release folder."""

from __future__ import annotations

import json
import shutil
from collections.abc import Set as AbstractSet
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from kerege.base import signing
from kerege.base.errors import Refused, place
from kerege.evidence.release import LABELS, MANIFEST, SIGNATURE
from kerege.evidence.release.manifest import FORMAT, Manifest, ReleaseContents, files_of, hash_content
from kerege.evidence.release.microdata.build import FOLDER as RECORDS
from kerege.evidence.release.prevalence.build import FOLDER as ESTIMATES
from kerege.evidence.release.signed_list import SignedList

LIST = SignedList(MANIFEST, SIGNATURE, "the manifest", "a release")


def sign(folder: Path, signed: Path, content: bytes, key: signing.SigningKey) -> None:
    """Copy the files of a draft to the folder `signed`.

    Add the manifest (`content`), signature and public key.
    """
    for name in ("tables", RECORDS, ESTIMATES):
        if (folder / name).is_dir():
            shutil.copytree(folder / name, signed / name)
    if (folder / LABELS).is_file():
        shutil.copyfile(folder / LABELS, signed / LABELS)
    LIST.write(signed, content, key)


def verify(folder: Path, *, public_key: bytes | None = None) -> Manifest:
    """Return the manifest of a release after checking its signature and hashes.

    `public_key` (PEM) is the publisher's key from an independent source. Without it the key in the folder is used,
    which reveals damage but not forgery. Raise BadInput if there is no release, and Refused if it was changed.
    """
    folder = Path(folder)
    manifest = _parsed(folder, json.loads(LIST.read(folder, public_key)))  # only bytes whose signature is valid
    check_files(folder, manifest, LIST.files)
    return manifest


def _parsed(folder: Path, tree: Any) -> Manifest:
    if not isinstance(tree, dict) or tree.get("format") != FORMAT:
        raise Refused(f"{folder.name}: the manifest is not of the format {FORMAT}")
    try:
        return Manifest.model_validate(tree)
    except ValidationError as error:
        raise Refused(f"{folder.name}: the manifest does not match its schema, at {json_path_of(error)}") from None


def json_path_of(error: ValidationError) -> str:
    """Return the JSON path of the first schema error; for a missing or unknown key the path of its object."""
    first = error.errors(include_url=False, include_input=False)[0]
    steps = first["loc"][:-1] if first["type"] in ("missing", "extra_forbidden") else first["loc"]
    return f"${'.' if steps else ''}{place(steps)}"


def read_file(folder: Path, name: str) -> bytes:
    """Return the content of a file of a release. Raise BadInput if there is none."""
    return LIST.read_file(folder, name)


def check_files(folder: Path, manifest: ReleaseContents, besides: AbstractSet[str]) -> None:
    """Raise Refused if a file is missing, differs from its hash, or is not named by the manifest.

    `besides` are further files that the folder may hold.
    """
    hashes = files_of(manifest)
    for name, expected in hashes.items():
        path = folder / name
        if not path.is_file() or hash_content(path.read_bytes()) != expected:
            raise Refused(f"{folder.name}: {name} is missing or differs from what was signed")
    present = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if not path.is_dir()}
    if extra := present - set(hashes) - besides:
        raise Refused(f"{folder.name}: {min(extra)} is not in the manifest")
