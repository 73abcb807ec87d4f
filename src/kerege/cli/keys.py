"""`kerege keys`: key rotation and rebuilding of the blind index."""

from __future__ import annotations

import sys
from typing import Annotated, Literal

import typer

from kerege.cli.load_django import setup

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, no_args_is_help=True)


@app.command("rotate")
def rotate(
    purpose: Annotated[Literal["kek", "release", "django"], typer.Option(help="Which key to renew.")] = "kek",
) -> None:
    """Make a new key; with the key-encryption key, wrap every data key again under it. Then make a backup."""
    setup()
    from kerege.core import audit, authorization
    from kerege.core.authorization import Actor
    from kerege.core.security import key_events, keyring

    with audit.act(Actor.system(), "keys.rotate") as event:
        authorization.require(event.actor, "keys.rotate")
        key_id = keyring.keyring().rotate(purpose)
        count = key_events.rewrap() if purpose == "kek" else 0
        event.note(key=key_id, rewrapped=count)
    print(f"{key_id}: {count} keys wrapped again")
    print("the older keys stay in the ring; make a backup of it now", file=sys.stderr)


@app.command("reindex")
def reindex(
    new_key: Annotated[bool, typer.Option("--new-key", help="Under a new index key.")] = False,
) -> None:
    """Rebuild the search index under the current index key and spelling rules."""
    setup()
    from kerege.core import audit, authorization
    from kerege.core.authorization import Actor
    from kerege.core.security import key_events, keyring

    with audit.act(Actor.system(), "keys.reindex") as event:
        authorization.require(event.actor, "keys.reindex")
        if new_key:
            keyring.keyring().rotate("index")
        count = key_events.reindex()
        event.note(key=keyring.keyring().current("index")[0], records=count)
    print(f"{count} records indexed again")
