"""`kerege keys`: rotation and retirement of keys, and rebuilding of the blind index."""

from __future__ import annotations

import os
import sys
from types import ModuleType
from typing import Annotated, Literal

import typer

from kerege.base import key_seal
from kerege.cli.load_django import setup

Purpose = Literal["kek", "index", "record", "import", "release", "django", "backup"]

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, no_args_is_help=True)


def _commands() -> ModuleType:
    """Return the commands; they import models, so Django is set up first."""
    setup()
    from kerege.core import key_commands

    return key_commands


@app.command("rotate")
def rotate(
    purpose: Annotated[Purpose, typer.Option(help="Purpose of the key to rotate.")] = "kek",
    new_noise: Annotated[
        bool, typer.Option("--new-noise", help="With record: give the cells of later releases other noise.")
    ] = False,
) -> None:
    """Make a new key and encrypt the values of the older one under it. Then make a backup."""
    rotation = _commands().rotate(purpose, with_new_noise=new_noise)
    print(f"{rotation.key_id}: {rotation.count} values encrypted again")
    _print_unreadable()
    if rotation.is_resumed:
        print("this ended an earlier rotation; run it once more for a new key", file=sys.stderr)
    if purpose == "django":
        print("restart the server, so that it signs with the new key", file=sys.stderr)
    print("the older keys stay in the ring; make a backup of it now", file=sys.stderr)


@app.command("retire")
def retire(
    key_id: Annotated[str, typer.Argument(help="An older key, as kerege doctor --keys lists it.")],
) -> None:
    """Delete an older key that no stored value needs. Backups from before keep it in their own key file."""
    _commands().retire(key_id)
    print(f"{key_id}: deleted")


@app.command("reseal")
def reseal() -> None:
    """Encrypt all stored values again with the cipher of KEREGE_CIPHER. Then make a backup."""
    print(f"{_commands().reseal()} values encrypted again")
    _print_unreadable()


def _print_unreadable() -> None:
    """Print what no rotation can renew, on standard error."""
    for sentence in _commands().list_unreadable():
        print(sentence, file=sys.stderr)


@app.command("seal")
def seal(
    old_command: Annotated[
        str | None,
        typer.Option(
            "--old-command",
            envvar=key_seal.OLD_COMMAND,
            help="Command that prints the earlier master key. After an interruption, give it again.",
        ),
    ] = None,
) -> None:
    """Seal the key files under the master key that KEREGE_KEY_COMMAND prints."""
    if old_command:
        # the settings read keys, so both master keys are known before Django is set up
        os.environ[key_seal.OLD_COMMAND] = old_command
    count = _commands().seal()
    print(f"{count} keys sealed")
    print("make a backup now: its key file opens with the passphrase, without the master key", file=sys.stderr)


@app.command("reindex")
def reindex(
    new_key: Annotated[bool, typer.Option("--new-key", help="Create a new index key.")] = False,
) -> None:
    """Rebuild the search index under the current index key and spelling rules."""
    count = _commands().reindex(with_new_key=new_key)
    print(f"{count} records indexed again")
