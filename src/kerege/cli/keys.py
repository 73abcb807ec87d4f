"""`kerege keys`: key rotation and rebuilding of the blind index."""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Annotated, Literal

import typer

from kerege.cli.load_django import setup

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, no_args_is_help=True)


def _commands() -> ModuleType:
    """Return the commands; they import models, so Django is set up first."""
    setup()
    from kerege.core import key_commands

    return key_commands


@app.command("rotate")
def rotate(
    purpose: Annotated[Literal["kek", "release", "django"], typer.Option(help="Which key to renew.")] = "kek",
) -> None:
    """Make a new key; with the key-encryption key, wrap every data key again under it. Then make a backup."""
    key_id, count = _commands().rotate(purpose)
    print(f"{key_id}: {count} keys wrapped again")
    print("the older keys stay in the ring; make a backup of it now", file=sys.stderr)


@app.command("reindex")
def reindex(
    new_key: Annotated[bool, typer.Option("--new-key", help="Under a new index key.")] = False,
) -> None:
    """Rebuild the search index under the current index key and spelling rules."""
    count = _commands().reindex(with_new_key=new_key)
    print(f"{count} records indexed again")
