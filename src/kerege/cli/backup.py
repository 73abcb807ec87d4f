"""`kerege backup` and `kerege restore`."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path
from typing import Annotated

import typer
from django.core.management import call_command

from kerege.base import files, scratch_folders, secret_command
from kerege.base.errors import BadInput, Fault, Refused
from kerege.base.message_text import count_noun
from kerege.cli.load_django import setup
from kerege.core import backup as core
from kerege.core.backup import database_copy
from kerege.core.security.keyring import keyring

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
# entries of a home folder in use
OURS = ("keys", "kerege.sqlite3", "uploads", "releases", "ledger", "snapshots", "packs", "audit", "erasures")

VARIABLE = "KEREGE_BACKUP_PASSPHRASE"
PassphraseFile = Annotated[Path | None, typer.Option(help=f"File with the passphrase; else {VARIABLE}, else a prompt.")]


def say(text: str) -> None:
    """Print a message to stderr."""
    print(text, file=sys.stderr, flush=True)


def passphrase(source: Path | None, *, twice: bool) -> str:
    """Return the passphrase of the key file, from a file, a command, the environment or a prompt."""
    if source is not None:
        try:
            return source.read_text().strip()
        except OSError:
            raise BadInput(Fault("cannot be read", "give a file with the passphrase", file=str(source))) from None
    secret = secret_command.read_secret(secret_command.PASSPHRASE) or os.environ.get(VARIABLE)
    return secret or str(
        typer.prompt("Passphrase of the key file", hide_input=True, confirmation_prompt=twice, err=True)
    )


@app.command("backup")
def backup(
    out: Annotated[
        Path | None, typer.Argument(help="OUT.tar; the keys go to OUT.keys beside it. For --drill also a folder.")
    ] = None,
    check: Annotated[bool, typer.Option("--verify", help="Only check that OUT.tar is complete and unchanged.")] = False,
    drill: Annotated[
        bool, typer.Option("--drill", help="Restore OUT.tar, or the newest backup, into a scratch folder; check it.")
    ] = False,
    passphrase_file: PassphraseFile = None,
) -> None:
    """Back up database, uploads, releases and ledger to OUT.tar, and the keys to OUT.keys, encrypted.

    The log of erasures goes to OUT.erasures: kept beside older backups, it lets a restore repeat later erasures.
    """
    if drill:
        setup()
        from kerege.cli import drill as drill_command

        drill_command.run(out, passphrase(passphrase_file, twice=False) if passphrase_file else "", say)
        return
    if out is None or out.suffix != ".tar":
        raise BadInput(Fault("the name of a backup ends in .tar", "call it OUT.tar", file=str(out or "")))
    if check:
        _verify(out)
        return
    secret = passphrase(passphrase_file, twice=True)
    setup()
    from kerege.casework.vault.services import erasure_log
    from kerege.core import audit, authorization
    from kerege.core.audit import daily_root
    from kerege.core.authorization import Actor

    key_file = out.with_suffix(".keys")
    # before the copy, so that the copy contains the audit event of its own backup
    with audit.act(Actor.system(), "system.backup") as event:
        authorization.require(event.actor, "system.backup")
    erasure_log.ready()
    scratch_folders.remove_leftovers(files.home())
    # not in /tmp: it is plain text
    with scratch_folders.scratch_folder(files.home(), scratch_folders.BACKUP) as (folder, _lock):
        dump = folder / "database"
        copied = database_copy.dump(dump)
        # keys last: a key newer than the copy is harmless, a missing one makes data unreadable
        contents = core.pack(files.home(), dump, copied.vendor, out, keyring().current("backup"), copied.rows)
        keys = core.seal_keys(files.home() / "keys", key_file, secret)
    erasure_log.write()
    for source, suffix, sentence in (
        (erasure_log.path(), ".erasures", "the log of erasures. Keep the newest log beside every older backup."),
        (daily_root.path(), ".roots", "the daily roots. Keep a copy on another machine."),
    ):
        if source.exists():
            with files.atomic_file(out.with_suffix(suffix)) as part:
                shutil.copyfile(source, part)
            say(f"{out.with_suffix(suffix)}: {sentence}")
    say(f"{out}: database ({copied.vendor}) and {len(contents.sha256) - 1} files")
    say(f"{key_file}: {keys} keys, encrypted. Keep it, and its passphrase, in another place: without it no name")
    say("can be read again.")


def _verify(archive: Path) -> None:
    """Decrypt a backup with the key ring of this home and check every hash; write nothing."""
    contents = core.verify(archive, lambda key_id: keyring().get("backup", key_id))
    say(f"{archive}: complete and unchanged, made {contents.created}, {len(contents.sha256)} files")


@app.command("restore")
def restore(
    archive: Annotated[Path, typer.Argument(help="OUT.tar of a backup.")],
    keys: Annotated[Path | None, typer.Option(help="Its OUT.keys; by default beside it.")] = None,
    unsealed: Annotated[
        bool, typer.Option("--unsealed", help="Accept an archive of version 0.1, in which no change shows.")
    ] = False,
    without_keys: Annotated[
        bool, typer.Option("--without-keys", help="With --unsealed: codes only, no name can be read.")
    ] = False,
    roots: Annotated[
        list[Path] | None, typer.Option(help="Daily roots of later days; by default every OUT.roots beside it.")
    ] = None,
    older: Annotated[bool, typer.Option("--older", help="Restore although later daily roots are known.")] = False,
    erasures: Annotated[
        list[Path] | None, typer.Option(help="A newer log of erasures; by default every OUT.erasures beside it.")
    ] = None,
    passphrase_file: PassphraseFile = None,
) -> None:
    """Restore a backup into an empty home folder, and erase again what was erased since it was made."""
    home, key_file = files.home(), keys or archive.with_suffix(".keys")
    scratch_folders.remove_leftovers(home)  # left by a restore that was killed; it left other files too
    if any((home / name).exists() for name in OURS):
        raise Refused(f"{home} is not empty: set KEREGE_HOME to an empty folder")
    if without_keys and not unsealed:
        raise Refused("a backup is encrypted: without its key file nothing of it can be read")
    if not without_keys and not key_file.exists():
        raise Refused(
            f"the key file {key_file} does not exist. Without it nothing of the backup can be read, and the "
            "names of all persons are lost. Give it with --keys"
        )
    secret = "" if without_keys else passphrase(passphrase_file, twice=False)
    home.mkdir(parents=True, exist_ok=True)
    with scratch_folders.scratch_folder(home, scratch_folders.RESTORE) as (scratch, _lock):
        unpacked = scratch / "unpacked"
        try:
            contents = _unpack(archive, unpacked, None if without_keys else key_file, secret, unsealed=unsealed)
            _refuse_older(archive, unpacked, roots, older=older)
            _restore(contents, unpacked)
            if not without_keys:
                _erase_again(erasures, archive.parent)
        except OlderBackup:
            _clear(home)
            raise
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


class OlderBackup(Refused):
    """A known daily root is newer than the backup: nothing is restored."""


def _refuse_older(archive: Path, unpacked: Path, chosen: list[Path] | None, *, older: bool) -> None:
    """Raise OlderBackup when a known daily root names a later event than the newest root in the archive."""
    from kerege.core.audit import daily_root

    newest = daily_root.newest_seq(unpacked / "audit" / "roots.jsonl")
    for copy in chosen if chosen is not None else sorted(archive.parent.glob("*.roots")):
        if (known := daily_root.newest_seq(copy)) <= newest:
            continue
        what = f"this backup is older than {copy}: its newest daily root names event {newest}, that file event {known}"
        if not older:
            raise OlderBackup(f"{what}. Take a newer backup, or add --older")
        say(f"{what}: what happened since is lost")


def _unpack(archive: Path, folder: Path, key_file: Path | None, secret: str, *, unsealed: bool) -> core.BackupManifest:
    """Open the keys and the archive, and set Django up; the database is not touched."""
    if key_file is not None:
        say(f"{core.open_keys(key_file, files.home() / 'keys', secret)} keys opened")
    key_of = None if unsealed else lambda key_id: keyring().get("backup", key_id)
    contents = core.unpack(archive, folder, key_of)
    # after the keys: loading the settings creates a key if there is none
    setup()
    return contents


def _restore(contents: core.BackupManifest, folder: Path) -> None:
    """Restore the database and move the files in; raise Refused when the audit chain is broken."""
    from kerege.core import audit, health
    from kerege.core.security import key_events

    database_copy.restore(folder / "database", contents.database)
    core.move_in(folder, files.home())
    say(f"restored the backup of {contents.created}")
    if pending := health.pending():
        # repeating erasures needs the tables of this version
        call_command("migrate", verbosity=0, interactive=False)
        say(f"an older version made it: {count_noun(len(pending), 'migration')} applied")
    missing_keys = key_events.missing()
    if missing_keys:
        say(f"THE PERSONS ARE LOST: {len(missing_keys)} keys are missing, no name of this register can be read")
    result = audit.verify()
    is_whole = result.ok or result.is_outside
    say(f"audit: {result.rows} events, {'unbroken' if is_whole else f'BROKEN at {result.first_broken}'}")
    if not result.ok:
        raise Refused(f"the backup is not complete: {result.fault}")


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
