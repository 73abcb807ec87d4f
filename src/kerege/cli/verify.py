"""`kerege verify`: signature and hashes of a release, or of an exported site."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from kerege.base.errors import BadInput, Fault
from kerege.base.message_text import count_noun
from kerege.cli.release import JsonOption, contents_in_words
from kerege.evidence.ledger.home_ledger import open_ledger
from kerege.evidence.release.build import made_from
from kerege.evidence.release.release_folder import verify as verify_release
from kerege.publishing.site_check import signed_site

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.command("verify")
def verify(
    folder: Annotated[Path, typer.Argument(help="Folder of a release, or of an exported site.")],
    public_key: Annotated[Path | None, typer.Option(help="The publisher's public key (PEM), from elsewhere.")] = None,
    snapshot: Annotated[
        list[Path] | None, typer.Option(help="Also check that it was made from this snapshot; needs the ledger.")
    ] = None,
    ledger: Annotated[Path | None, typer.Option(help="Folder of the ledger; default: KEREGE_HOME/ledger.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Check the signature and every hash; with snapshot and ledger, also the source of the release."""
    key = _pem(public_key) if public_key else None
    if signed_site.is_site(folder):
        _verify_site(folder, key, as_json)
    else:
        _verify_release(folder, key, snapshot or [], ledger, as_json)
    if public_key is None:
        print("checked with the key in the folder; --public-key checks who signed", file=sys.stderr)


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


def _pem(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        raise BadInput(Fault("cannot be read", "give the publisher's key in PEM", file=str(path))) from None
