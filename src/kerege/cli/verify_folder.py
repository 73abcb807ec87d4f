"""Checks of a signed folder in words: of a release, or of an exported site."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from kerege.base.message_text import count_noun
from kerege.cli.release import contents_in_words
from kerege.evidence.ledger.home_ledger import open_ledger
from kerege.evidence.release import signed_site
from kerege.evidence.release.build import made_from
from kerege.evidence.release.release_folder import verify as verify_release


def verify_folder(
    folder: Path, key: bytes | None, snapshots: list[Path], ledger: Path | None, *, as_json: bool
) -> None:
    """Check a folder and print the result. Raise Refused or BadInput for a fault."""
    if signed_site.is_site(folder):
        _verify_site(folder, key, as_json)
    else:
        _verify_release(folder, key, snapshots, ledger, as_json)


def _verify_site(folder: Path, key: bytes | None, as_json: bool) -> None:
    site = signed_site.verify(folder, public_key=key)
    if as_json:
        print(json.dumps({"ok": True, "files": len(site.files), "moment": site.moment}))
        return
    files, releases = count_noun(len(site.files), "file"), count_noun(len(site.releases), "release")
    print(f"{folder}: the signature fits, {files} of {releases} at {site.moment}, as signed")


def _verify_release(folder: Path, key: bytes | None, snapshots: list[Path], ledger: Path | None, as_json: bool) -> None:
    manifest = verify_release(folder, public_key=key)
    for path in snapshots:
        made_from(manifest, path, open_ledger(ledger))
    if as_json:
        result: dict[str, Any] = {"ok": True, "tables": len(manifest.tables), "microdata": len(manifest.microdata)}
        print(json.dumps(result | {"created": manifest.created}))
        return
    print(f"{folder}: the signature fits, {contents_in_words(manifest)}, as signed")
    for path in snapshots:
        print(f"{path.name}: the release was made from this file")
