"""`kerege audit`: verification of the audit log."""

from __future__ import annotations

import json
from pathlib import Path
from types import ModuleType
from typing import Annotated

import typer

from kerege.base.ed25519 import read_public_key
from kerege.base.errors import BadInput, Fault, Refused
from kerege.base.files import home
from kerege.cli.load_django import setup
from kerege.cli.operator_account import operator_account
from kerege.evidence.ledger.home_ledger import HomeLedger
from kerege.evidence.ledger.losses import describe_approval, list_approvals

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, no_args_is_help=True)


@app.callback()
def audit_group() -> None:
    """Verify the audit log, and find addresses in it."""


def _audit_log() -> ModuleType:
    """Set up Django and return the audit log module, which needs models."""
    setup()
    from kerege.core import audit

    return audit


@app.command("address")
def address(
    text: Annotated[str, typer.Argument(metavar="ADDRESS", help="An IP address.")],
) -> None:
    """Print the digests by which events name an IP address; the audit log records the request."""
    audit = _audit_log()
    places = audit.list_places(text)
    audit.record_address_search(operator_account())
    for key_id, place in places.items():
        print(f"{key_id}  {place}")


@app.command("verify")
def verify(
    roots: Annotated[list[Path] | None, typer.Option(help="A copy of audit/roots.jsonl from another machine.")] = None,
    witness: Annotated[Path | None, typer.Option(help="The log of a witness, countersigned.jsonl.")] = None,
    witness_key: Annotated[Path | None, typer.Option(help="The public key of the witness, witness.pem.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Verify the hash chain of the audit log; exit 1 when it is broken, with the first broken event."""
    if (witness is None) != (witness_key is None):
        raise BadInput(Fault("--witness and --witness-key are not both given", "give both", column="--witness-key"))
    audit = _audit_log()
    witnessed = (witness, read_public_key(witness_key)) if witness and witness_key else None
    result = audit.verify(roots or (), witnessed)
    if as_json:
        print(json.dumps(vars(result)))
    elif result.ok:
        print(f"{result.rows} events, the chain is unbroken")
        if result.clock_steps:
            print(
                f"time ran backwards {result.clock_steps} times, the last time before event {result.last_step}, "
                f"by {result.longest_step:.0f} seconds at most"
            )
        for entry in list_approvals(HomeLedger(home()).entries()) if roots else []:
            print(describe_approval(entry))
    if not result.ok:
        raise Refused(result.fault)
