"""Drill by hand: choose a backup, run the drill, and say the result; import it after Django is set up."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from django.conf import settings

from kerege.base.errors import BadInput, Fault, Refused
from kerege.core import restore_drills
from kerege.core.authorization import Actor


def run(chosen: Path | None, passphrase: str, say: Callable[[str], None]) -> None:
    """Run a drill of a backup or of the newest one in a folder; raise Refused when it cannot be restored."""
    archive = _archive(chosen)
    report = restore_drills.run_drill(Actor.system(), archive, passphrase)
    if not report.ok or report.facts is None:
        raise Refused(f"{archive} cannot be restored: {report.reason}")
    facts = report.facts
    say(f"{archive}: made {facts.created}, restored and checked in {report.seconds} s with {report.megabytes} MB")
    opened = ", ".join(f"{count} {name}" for name, count in facts.opened.items())
    keys = "the key file" if report.with_key_file else "the key ring of this home"
    say(f"{facts.rows} rows, audit chain unbroken up to event {facts.seq}; {keys} opened a sample: {opened}")


def _archive(chosen: Path | None) -> Path:
    source = chosen or (Path(settings.BACKUPS) if settings.BACKUPS else None)
    if source is None:
        raise BadInput(Fault("no backup is named", "name one or its folder, or set KEREGE_BACKUPS"))
    archive = restore_drills.newest_backup(source) if source.is_dir() else source
    if archive is None:
        raise BadInput(Fault("there is no backup in this folder", "make one with kerege backup", file=str(source)))
    return archive
