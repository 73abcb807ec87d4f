"""Restore drill on the register: run the restore with a time limit, and record the result."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from types import FrameType

from django.conf import settings
from django.db import connection
from django.utils import timezone

from kerege.base import files, scratch_folders
from kerege.base.daily_roots import read_lines
from kerege.base.errors import BadInput, Fault, Refused
from kerege.core import audit, authorization
from kerege.core.audit import daily_root
from kerege.core.audit.models import AuditEvent
from kerege.core.authorization import Actor
from kerege.core.backup import open_keys
from kerege.core.restore_drills.report import DrillReport, RestoredFacts, write_report
from kerege.core.restore_drills.scratch_database import scratch_database

DONE = "system.drill"  # action of the event that records a drill
PROCESS = """
from kerege.cli.load_django import setup; setup()
from kerege.cli import restored_register; restored_register.main()
"""
SPACE = 2  # free space for a drill, as a multiple of the size of the backup


def newest_backup(folder: Path) -> Path | None:
    """Return the newest OUT.tar of a folder; None when there is none."""
    return max(folder.glob("*.tar"), key=lambda path: (path.stat().st_mtime, path.name), default=None)


def run_drill(actor: Actor, archive: Path, passphrase: str = "") -> DrillReport:
    """Restore a backup into a scratch home folder, check it there, and record the result.

    With a passphrase, the keys come from the key file beside the backup; else from the key ring of this home. Raises
    Refused while another drill runs.
    """
    authorization.require(actor, "system.backup")
    scratch_folders.remove_leftovers(files.home())
    if scratch_folders.is_in_use(files.home(), scratch_folders.DRILL):
        raise Refused("another drill runs: wait until it has ended")
    report = DrillReport(began=timezone.now().isoformat(), backup=archive.name, with_key_file=bool(passphrase))
    write_report(report)
    start = time.monotonic()
    facts, reason = None, ""
    try:
        facts, megabytes = _restore(archive, passphrase)
        reason = facts.reason or _difference(facts, archive)
    except (BadInput, Refused) as refusal:
        reason, megabytes = str(refusal), 0.0
    ended = {"ended": timezone.now().isoformat(), "seconds": round(time.monotonic() - start, 1)}
    result = {"ok": not reason, "reason": reason, "facts": facts, "megabytes": megabytes}
    report = report.model_copy(update=ended | result)
    write_report(report)
    with audit.act(actor, DONE, reads=True) as event:
        event.note(ok=report.ok, backup=archive.name, reason=reason, seconds=int(report.seconds))
        if facts is not None:
            event.note(rows=facts.rows, seq=facts.seq, opened=facts.opened)
    return report


def _restore(archive: Path, passphrase: str) -> tuple[RestoredFacts, float]:
    """Run the restoring process; return its facts, and the most memory that it used in megabytes."""
    _require_space(archive)
    url = settings.DRILL_DATABASE_URL
    if connection.vendor == "postgresql" and not url:
        raise Refused("on PostgreSQL a drill needs an empty database of its own: set KEREGE_DRILL_DATABASE_URL")
    scratch = scratch_folders.scratch_folder(files.home(), scratch_folders.DRILL)
    with _ending_on_signal(), scratch as (home, lock), scratch_database(url) if url else nullcontext():
        if passphrase:
            open_keys(archive.with_suffix(".keys"), home / "keys", passphrase)
        else:
            (home / "keys").symlink_to(files.home() / "keys")
        environment = {name: value for name, value in os.environ.items() if name not in FOREIGN}
        environment |= {"KEREGE_HOME": str(home)} | ({"DATABASE_URL": url} if url else {})
        request = json.dumps({"archive": str(archive.resolve()), "main": os.getpid()})
        with subprocess.Popen(
            [sys.executable, "-c", PROCESS],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            pass_fds=[lock],  # the folder is in use as long as either process lives
            text=True,
        ) as process:
            try:
                answer, _ = process.communicate(request, timeout=60 * settings.DRILL_MINUTES)
            except subprocess.TimeoutExpired:
                raise Refused(f"it took longer than {settings.DRILL_MINUTES} minutes (KEREGE_DRILL_MINUTES)") from None
            finally:
                process.kill()
    return _read_answer(answer, process.returncode)


# settings of the register that must not reach the scratch folder
FOREIGN = {"DATABASE_URL", "KEREGE_MIGRATE_URL", "KEREGE_HOME", "KEREGE_AUDIT_FORWARD", "KEREGE_BACKUP_PASSPHRASE"}


def _read_answer(answer: str, code: int) -> tuple[RestoredFacts, float]:
    """Return facts and megabytes of the last line; raise Refused when the process failed."""
    try:
        tree = json.loads(answer.splitlines()[-1])
        if "refused" in tree:
            raise Refused(str(tree["refused"]))
        return RestoredFacts.model_validate(tree["facts"]), float(tree["megabytes"])
    except (IndexError, KeyError, TypeError, ValueError):  # also pydantic's
        raise Refused(f"the restoring process ended with exit code {code}") from None


def _require_space(archive: Path) -> None:
    try:
        size = archive.stat().st_size
    except OSError:
        raise BadInput(Fault("there is no such backup", "name an OUT.tar", file=str(archive))) from None
    if shutil.disk_usage(files.home()).free < SPACE * size:
        raise Refused(f"a drill needs {SPACE * size // 1024**2} MB free in {files.home()}")


@contextmanager
def _ending_on_signal() -> Iterator[None]:
    """Turn SIGTERM into an exception, so that the scratch folder is removed."""

    def end(number: int, frame: FrameType | None) -> None:
        raise Refused("it was stopped before it ended")

    before = signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _difference(facts: RestoredFacts, archive: Path) -> str:
    """Return why the backup does not fit this register and the known daily roots; '' when it does."""
    if facts.differing:
        return f"the number of rows differs from the manifest in {', '.join(facts.differing[:5])}"
    own = AuditEvent.objects.filter(seq=facts.seq).values_list("hash", flat=True).first()
    if facts.seq and own != facts.hash:
        return f"event {facts.seq} is another one in this register: the backup is foreign, or a log was rewritten"
    roots, known = set(read_lines(archive.with_suffix(".roots"))), set(read_lines(daily_root.path()))
    return "" if roots <= known else f"{archive.with_suffix('.roots').name} has daily roots that this register lacks"
