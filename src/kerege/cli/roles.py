"""`kerege roles`: the operator is the second person for roles and tokens, marks national agencies."""

from __future__ import annotations

from importlib import import_module
from types import ModuleType
from typing import Annotated

import typer

from kerege.cli.load_django import setup
from kerege.cli.operator_account import operator_account

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, no_args_is_help=True)
RequestId = Annotated[str, typer.Argument(help="Id of the request, as kerege roles requests lists it.")]

TokenId = Annotated[str, typer.Argument(help="Id of the token, as kerege roles tokens lists it.")]


def _commands(app: str = "accounts") -> ModuleType:
    """Return the commands of an app of the core; they import models, so Django is set up first."""
    setup()
    return import_module(f"kerege.core.{app}.operator_commands")


@app.command("requests")
def requests() -> None:
    """List the requests for roles that wait for a second person."""
    for line in _commands().list_requests():
        print(line)


@app.command("confirm")
def confirm(request: RequestId) -> None:
    """Confirm a requested role as the second person."""
    print(_commands().decide(operator_account(), request, give=True))


@app.command("refuse")
def refuse(request: RequestId) -> None:
    """Refuse a requested role."""
    print(_commands().decide(operator_account(), request, give=False))


@app.command("tokens")
def tokens() -> None:
    """List the tokens of other systems that wait for a second person."""
    for line in _commands("integrations").list_waiting():
        print(line)


@app.command("confirm-token")
def confirm_token(token: TokenId) -> None:
    """Confirm a token of another system as the second person."""
    print(_commands("integrations").confirm(operator_account(), token))


@app.command("recover")
def recover(
    username: Annotated[str, typer.Argument(help="User name.")],
    reason: Annotated[str, typer.Option(help="Reason; the second person reads it.")],
) -> None:
    """Ask to remove the lost second factor of a user; an administrator or another operator confirms."""
    print(_commands().ask_reset(operator_account(), username, reason))


@app.command("national")
def national(
    agency: Annotated[str, typer.Argument(help="Short code of the agency.")],
    reason: Annotated[str, typer.Option(help="Reason; the audit log records it.")],
    remove: Annotated[bool, typer.Option("--remove", help="Remove the mark.")] = False,
) -> None:
    """Mark an agency as national: its users may hold roles with national rights."""
    print(_commands().mark_national(operator_account(), agency, national=not remove, reason=reason))


@app.command("check")
def check() -> None:
    """List the users who hold a role against the rules of the country profile."""
    print("\n".join(_commands().violations()) or "no role is held against the rules")
