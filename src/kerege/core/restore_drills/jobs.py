"""Scheduled drill: a process of its own, so that other jobs do not wait for it."""

from __future__ import annotations

import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings

from kerege.base import files, scratch_folders
from kerege.core.jobs.registry import Job, jobs
from kerege.core.restore_drills.drill import newest_backup
from kerege.core.restore_drills.report import read_report

COMMAND = "from kerege.cli import main; main(['backup', '--drill'])"
RETRY = timedelta(days=1)  # after a drill that failed or was killed

_started: list[subprocess.Popen[bytes]] = []  # at most one


def start_due_drill(now: datetime) -> None:
    """Remove scratch folders of killed processes; start a drill when one is due and there is a backup."""
    scratch_folders.remove_leftovers(files.home())
    _started[:] = [process for process in _started if process.poll() is None]
    is_running = _started or scratch_folders.is_in_use(files.home(), scratch_folders.DRILL)
    if not settings.BACKUPS or is_running or not is_due(now):
        return
    if newest_backup(Path(settings.BACKUPS)) is not None:
        _started.append(subprocess.Popen([sys.executable, "-c", COMMAND], stdin=subprocess.DEVNULL))


def is_due(now: datetime) -> bool:
    """Return whether the last drill is too old: a week by default, a day when it did not succeed."""
    report = read_report()
    if report is None:
        return True
    pause = timedelta(days=settings.DRILL_DAYS) if report.ok else RETRY
    # a clock that was set back makes a drill due
    return not report.began_at <= now < report.began_at + pause


jobs.add(Job("backup.drill", timedelta(minutes=5), start_due_drill, order=90))
