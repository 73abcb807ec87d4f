"""`kerege witness`: countersign the daily roots of a register on another machine."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from kerege.base import key_file
from kerege.base.files import home

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.command("witness")
def witness(
    roots: Annotated[Path, typer.Argument(metavar="ROOTS", help="A copy of audit/roots.jsonl of the register.")],
    register_key: Annotated[
        list[Path] | None, typer.Option(help="Public key (PEM) of the register, as in its releases. Repeatable.")
    ] = None,
    folder: Annotated[
        Path | None, typer.Option(help="Folder of the witness: key, public key, log; default: KEREGE_HOME/witness.")
    ] = None,
) -> None:
    """Compare the roots with what was signed before, and sign the new ones; exit 1 if one changed."""
    # imported here: the help works without the extra
    from kerege.base import countersignatures, ed25519

    register_keys = [ed25519.read_public_key(path) for path in register_key or ()]
    place = folder or home() / "witness"
    key = key_file.read_or_create_key(place / "witness.key", "a key of the witness")
    pem, log = ed25519.public_pem(key), place / "countersigned.jsonl"
    (place / "witness.pem").write_bytes(pem)
    count = countersignatures.countersign(roots, log, key, datetime.now(UTC), register_keys)
    total = len(countersignatures.read_log(log, pem))
    print(f"{total} roots are unchanged; {count} of them are new and countersigned in {log}")
