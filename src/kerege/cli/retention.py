"""`kerege retention`: records whose retention period has ended."""

from __future__ import annotations

import json
from datetime import date
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from kerege.base.errors import BadInput, Fault
from kerege.cli.load_django import setup

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.command("retention")
def retention(
    run: Annotated[bool, typer.Option("--run", help="Remove what a coordinator approved.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only list what is due (the default).")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """List records due for disposal and the rule of each; with --run, remove the approved ones."""
    if run and dry_run:
        raise BadInput(Fault("--run and --dry-run cannot be combined", "give one of them"))
    setup()
    _run(as_json) if run else _list(as_json)


def _run(as_json: bool) -> None:
    from kerege.casework.cases.services.retention import run_approved
    from kerege.core.authorization import Actor

    removed = dict(run_approved(Actor.system()))
    if as_json:
        print(json.dumps(removed))
        return
    print("\n".join(f"{kind}: {count} removed" for kind, count in sorted(removed.items())) or "nothing is approved")


def _list(as_json: bool) -> None:
    from kerege.casework.cases.services import retention_rules as rules
    from kerege.core import authorization
    from kerege.core.audit import clock
    from kerege.core.authorization import Actor

    authorization.require(Actor.system(), "retention.view")
    today: date = clock.today()
    due_records = [row for rule in rules.retention_rules.all() for row in rules.due(rule.name, today)]
    if as_json:
        print(json.dumps([_row(row) for row in due_records]))
        return
    table = Table("kind", "what", "ended", "kept for", "due since", box=None)
    for row in due_records:
        table.add_row(row.kind, row.label, str(row.since), f"{rules.months(row.kind)} months", str(row.due_on))
    Console(width=None if due_records else 80).print(table if due_records else "nothing is due")


def _row(row: object) -> dict[str, str]:
    return {name: str(value) for name, value in vars(row).items()}
