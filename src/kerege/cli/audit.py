"""`kerege audit`: verification of the audit log."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from kerege.base.errors import Refused
from kerege.cli.load_django import setup

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, no_args_is_help=True)


@app.callback()
def audit_group() -> None:
    """The audit chain."""


@app.command("verify")
def verify(
    roots: Annotated[list[Path] | None, typer.Option(help="A copy of audit/roots.jsonl from another machine.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Walk the whole chain; exit 1 names the first broken row."""
    setup()
    from kerege.core import audit

    result = audit.verify(roots or ())
    if as_json:
        print(json.dumps(vars(result)))
    elif result.ok:
        print(f"{result.rows} events, the chain is unbroken")
    if not result.ok:
        raise Refused(f"the chain is broken at event {result.first_broken}: {result.reason}")
