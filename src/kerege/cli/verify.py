"""`kerege verify`: signature and hashes of a release, or of an exported site."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from kerege.base.errors import BadInput, Fault
from kerege.cli.release import JsonOption

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
    from kerege.cli.verify_folder import verify_folder

    key = _pem(public_key) if public_key else None
    verify_folder(folder, key, snapshot or [], ledger, as_json=as_json)
    if public_key is None:
        print("checked with the key in the folder; --public-key checks who signed", file=sys.stderr)


def _pem(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        raise BadInput(Fault("cannot be read", "give the publisher's key in PEM", file=str(path))) from None
