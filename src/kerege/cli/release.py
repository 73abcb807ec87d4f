"""`kerege release` and `kerege verify`: signed folders of protected tables."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from kerege.evidence import release as evidence
from kerege.evidence import spec as specs
from kerege.evidence.draw import needed
from kerege.evidence.ledger import Ledger
from kerege.evidence.protect.recordkeys import secret_of
from kerege.evidence.signing import release_key
from kerege.evidence.snapshot import read
from kerege.evidence.spec import units
from kerege.standard.faults import BadInput, Fault
from kerege.standard.files import home

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)

JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]


@app.command("release")
def release(
    snapshots: Annotated[list[Path], typer.Argument(help="Snapshots, one a unit.")],
    spec: Annotated[Path, typer.Option(help="SPEC.toml: title, period and tables.")],
    out: Annotated[Path, typer.Option(help="Folder of the release; it appears whole or not at all.")],
    prior: Annotated[
        list[Path] | None, typer.Option(help="What was public before, besides the ledger's releases; repeat for more.")
    ] = None,
    ledger: Annotated[Path | None, typer.Option(help="Folder of the ledger; else KEREGE_HOME/ledger.")] = None,
    created: Annotated[str | None, typer.Option(help="Time to state instead of now, ISO 8601.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Attack a release with all earlier ones and sign it; the same request returns what was published then."""
    if out.exists() and not (out / evidence.MANIFEST).exists() and any(out.iterdir() if out.is_dir() else [out]):
        raise BadInput(Fault("exists and is no release", "name another folder", file=str(out)))
    wanted, account = specs.read(spec), Ledger(ledger or home() / "ledger")
    if told := account.torn():
        print(told, file=sys.stderr)
    rows = [read(path) for path in snapshots]
    if wanted.rho and (asked := needed(units(rows), wanted.tables, account)):
        left = account.left(wanted.period)
        print(
            f"privacy budget of {wanted.period}: rho {left:.4g} left, this release takes {asked:.4g}", file=sys.stderr
        )
    try:
        manifest = evidence.build(
            rows, wanted, out, key=release_key(home()), prior=prior or [],
            created=created, ledger=account, secret=secret_of(home()),
        )  # fmt: skip
    except evidence.Disclosed as found:
        if as_json:
            print(json.dumps({"refused": True, "attack": found.report}, ensure_ascii=False))
        raise
    _report(manifest, out, as_json)


@app.command("verify")
def verify(
    folder: Annotated[Path, typer.Argument(help="Folder of a release.")],
    public_key: Annotated[Path | None, typer.Option(help="The publisher's key (PEM) as you know it.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Check the signature and the hash of every file."""
    manifest = evidence.verify(folder, public_key=_pem(public_key) if public_key else None)
    if as_json:
        print(json.dumps({"ok": True, "tables": len(manifest["tables"]), "created": manifest["created"]}))
    else:
        print(f"{folder}: the signature fits, {len(manifest['tables'])} tables are as they were signed")
    if public_key is None:
        print("checked with the key in the folder; --public-key checks who signed", file=sys.stderr)


def _pem(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        raise BadInput(Fault("cannot be read", "give the publisher's key in PEM", file=str(path))) from None


def _report(manifest: dict[str, Any], out: Path, as_json: bool) -> None:
    if as_json:
        print(json.dumps(manifest, ensure_ascii=False))
        return
    for entry in manifest["tables"]:
        cells = entry["cells"]
        rest = ", ".join(f"{cells[name]} {name}" for name in ("suppressed", "perturbed", "noised") if cells[name])
        print(f"{entry['name']}: {cells['published']} cells published{', ' if rest else ''}{rest}")
    print(f"{out}: {len(manifest['tables'])} tables, signed")
