"""`kerege backup` and `kerege restore`."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Annotated

import typer

from kerege.base import files
from kerege.base.errors import BadInput, Fault, Refused
from kerege.cli.load_django import setup

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
# entries of a home folder in use
OURS = ("keys", "kerege.sqlite3", "uploads", "releases", "ledger", "snapshots", "audit", "erasures")

VARIABLE = "KEREGE_BACKUP_PASSPHRASE"
PassphraseFile = Annotated[Path | None, typer.Option(help=f"File with the passphrase; else {VARIABLE}, else a prompt.")]


def say(text: str) -> None:
    """Print a message to stderr."""
    print(text, file=sys.stderr, flush=True)


def passphrase(source: Path | None, *, twice: bool) -> str:
    """Return the passphrase of the key file, from a file, the environment or a prompt."""
    if source is not None:
        try:
            return source.read_text().strip()
        except OSError:
            raise BadInput(Fault("cannot be read", "give a file with the passphrase", file=str(source))) from None
    secret = os.environ.get(VARIABLE)
    return secret or str(
        typer.prompt("Passphrase of the key file", hide_input=True, confirmation_prompt=twice, err=True)
    )


@app.command("backup")
def backup(
    out: Annotated[Path, typer.Argument(help="OUT.tar; the keys go to OUT.keys beside it.")],
    passphrase_file: PassphraseFile = None,
) -> None:
    """Back up database, uploads, releases and ledger to OUT.tar, the keys, sealed, to OUT.keys.

    The log of erasures goes to OUT.erasures: kept beside older backups, it lets a restore repeat what was erased since.
    """
    if out.suffix != ".tar":
        raise BadInput(Fault("the name of a backup ends in .tar", "call it OUT.tar", file=str(out)))
    secret = passphrase(passphrase_file, twice=True)
    setup()
    from kerege.casework.vault.services import erasure_log
    from kerege.core import audit, authorization
    from kerege.core import backup as core
    from kerege.core.authorization import Actor
    from kerege.core.backup import database_copy

    key_file = out.with_suffix(".keys")
    # before the copy, so that the copy contains the audit event of its own backup
    with audit.act(Actor.system(), "system.backup") as event:
        authorization.require(event.actor, "system.backup")
    erasure_log.ready()
    with tempfile.TemporaryDirectory() as folder:
        dump = Path(folder) / "database"
        vendor = database_copy.dump(dump)
        # keys last: a key newer than the copy is harmless, a missing one makes data unreadable
        contents = core.pack(files.home(), dump, vendor, out)
        keys = core.seal_keys(files.home() / "keys", key_file, secret)
    erasure_log.write()
    if erasure_log.path().exists():
        with files.atomic_file(out.with_suffix(".erasures")) as part:
            shutil.copyfile(erasure_log.path(), part)
            part.chmod(0o600)
        say(f"{out.with_suffix('.erasures')}: what was erased so far. Keep the newest one beside every older backup.")
    say(f"{out}: database ({vendor}) and {len(contents.sha256) - 1} files")
    say(f"{key_file}: {keys} keys, sealed. Keep it, and its passphrase, in another place: without it no name")
    say("can be read again.")


@app.command("restore")
def restore(
    archive: Annotated[Path, typer.Argument(help="OUT.tar of a backup.")],
    keys: Annotated[Path | None, typer.Option(help="Its OUT.keys; by default beside it.")] = None,
    without_keys: Annotated[bool, typer.Option("--without-keys", help="Codes only: no name can be read.")] = False,
    erasures: Annotated[
        list[Path] | None, typer.Option(help="A newer log of erasures; by default every OUT.erasures beside it.")
    ] = None,
    passphrase_file: PassphraseFile = None,
) -> None:
    """Restore a backup into an empty home folder, and erase again what was erased since it was made."""
    home, key_file = files.home(), keys or archive.with_suffix(".keys")
    if any((home / name).exists() for name in OURS):
        raise Refused(f"{home} is not empty: set KEREGE_HOME to an empty folder")
    if not without_keys and not key_file.exists():
        raise Refused(
            f"the key file {key_file} is not there. Without it the persons of this register are lost: no name, "
            "document or note can be read again, only codes. Give it with --keys, or accept the loss with "
            "--without-keys"
        )
    secret = "" if without_keys else passphrase(passphrase_file, twice=False)
    home.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=home) as folder:
        try:
            _restore(archive, Path(folder), None if without_keys else key_file, secret)
            if not without_keys:
                _erase_again(erasures, archive.parent)
        except Refused:
            raise  # keep the restored data for inspection
        except Exception:
            _clear(home)
            raise


def _clear(home: Path) -> None:
    """Remove what a failed restore wrote; the folder was empty before."""
    for name in OURS:
        path = home / name
        shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)


def _restore(archive: Path, folder: Path, key_file: Path | None, secret: str) -> None:
    from kerege.core.backup import archive as tar
    from kerege.core.backup import open_keys

    contents = tar.unpack(archive, folder)
    if key_file is not None:
        say(f"{open_keys(key_file, files.home() / 'keys', secret)} keys opened")
    # after the keys: loading the settings creates a key if there is none
    setup()
    from django.core.management import call_command

    from kerege.core import audit, health
    from kerege.core.backup import database_copy
    from kerege.core.security import key_events

    database_copy.restore(folder / "database", contents.database)
    tar.move_in(folder, files.home())
    say(f"restored the backup of {contents.created}")
    if pending := health.pending():
        # repeating erasures needs the tables of this version
        call_command("migrate", verbosity=0, interactive=False)
        say(f"an older version made it: {len(pending)} migrations applied")
    missing_keys = key_events.missing()
    if missing_keys:
        say(f"THE PERSONS ARE LOST: {len(missing_keys)} keys are missing, no name of this register can be read")
    result = audit.verify()
    say(f"audit: {result.rows} events, {'unbroken' if result.ok else f'BROKEN at {result.first_broken}'}")
    if not result.ok:
        raise Refused(f"the audit chain of the backup is broken at event {result.first_broken}: {result.reason}")


def _erase_again(chosen: list[Path] | None, folder: Path) -> None:
    """Repeat the erasures since the backup, so that erased persons do not return."""
    from kerege.casework.vault.services import erasure, erasure_log
    from kerege.core.authorization import Actor

    logs = chosen if chosen is not None else [path for path in sorted(folder.glob("*.erasures")) if _is_ours(path)]
    if not logs:
        say("erasures made since this backup are not known here: give the newest log with --erasures")
    own_logs = [erasure_log.path()] if erasure_log.path().exists() else []
    done = erasure.replay(Actor.system(), erasure_log.union([*own_logs, *logs]))
    erasure_log.write()
    say(f"erased again: {done.records} records, {done.files} files")


def _is_ours(log: Path) -> bool:
    """Return whether a log found beside the backup belongs to this register."""
    from kerege.casework.vault.services import erasure_log

    try:
        erasure_log.read(log)
    except BadInput:
        say(f"{log} is the log of another register: left out")
        return False
    return True
