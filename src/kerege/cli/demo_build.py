"""Builds the demo once: database, invented programme, snapshots and the annual release."""

from __future__ import annotations

import multiprocessing
import shutil
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from multiprocessing.process import BaseProcess
from pathlib import Path

from django.core.management import call_command
from django.db import connection, transaction

from kerege.base import files
from kerege.base.errors import Refused
from kerege.cli import demo_releases
from kerege.core import health
from kerege.core.accounts.models import Agency, Installation
from kerege.core.authorization import Actor

Snapshots = dict[int, list[Path]]
# what is made from a register, and is nothing without it
DERIVED = ("releases", "ledger", "snapshots")
FOLDERS = ("releases", "ledger", "uploads", "snapshots", "audit", "cache")

TOUR = """
  Kerege, the demo programme. All people in it are invented.

  1. The public report, what everybody sees      {base}/en/
  2. Sign in with one button: Caseworker         {base}/en/account/login/
  3. Her morning at the centre in Karaganda      {base}/en/work/
  4. Open a case, record a service; search a name in any script or spelling
  5. Sign out, sign in as Coordinator or Justice officer: each sees another house

  The same pages in Kazakh and Russian: /kk/ and /ru/. Figures: kerege figures
"""


def tour(port: int) -> str:
    """Five steps through the system."""
    return TOUR.format(base=f"http://localhost:{port}")


def build(*, fresh: bool = False) -> None:
    """Make sure that the demo exists; a register of real people is never touched."""
    if fresh:
        throw_away()
    if health.pending():
        _say("building the database")
        call_command("migrate", verbosity=0, interactive=False)
    snapshots = {} if Installation.is_demo() else _fill()
    _publish(snapshots)


def _fill() -> Snapshots:
    """Fill the register while a second process builds the releases; return the snapshots of each year."""
    if Installation.objects.exists() or Agency.objects.exists():
        raise Refused(f"{files.home()} holds a production register: set KEREGE_HOME to another folder for the demo")
    from kerege.demo.load import load

    _say("inventing the programme (one to two minutes, once):")
    _remove(DERIVED)  # of a demo that was interrupted
    with _beside() as beside, transaction.atomic():
        # all or nothing: an interrupted demo starts again from an empty register
        Installation.mark(demo=True)
        load(progress=_say, counted=beside.start)
    return beside.snapshots


@dataclass
class _Beside:
    """The process that builds the releases, and the snapshots that it reads."""

    snapshots: Snapshots = field(default_factory=dict)
    process: BaseProcess | None = None

    def start(self) -> None:
        """Take the snapshots and build the releases from them in a process that never opens the database."""
        self.snapshots = _take_snapshots()
        # not forked: the process computes with threads, and would share the database connection
        context = multiprocessing.get_context("spawn")
        self.process = context.Process(target=demo_releases.build, args=(self.snapshots,))
        self.process.start()


@contextmanager
def _beside() -> Iterator[_Beside]:
    """Wait for the releases when the register is filled; end their process when filling it fails."""
    beside = _Beside()
    try:
        yield beside
    except BaseException:
        if beside.process is not None:
            beside.process.terminate()
            beside.process.join()
        raise
    if beside.process is not None:
        _say("building and attacking the releases of the years")
        beside.process.join()


def _publish(snapshots: Snapshots) -> None:
    """Record the releases; build those that are not there yet, from fresh snapshots where none were taken."""
    from kerege.demo import release

    if release.ready(files.home()):
        return
    from kerege.demo import generate

    release.ensure(snapshots or _take_snapshots(), files.home(), generate.planted().victims)


def _take_snapshots() -> Snapshots:
    """Freeze the register as of the last day of each year with a release; return the files, one a unit."""
    from kerege.demo import release

    _say("taking the snapshots")
    last = release.YEARS[-1]
    return {year: _snapshots(date(year, 12, 31), year == last) for year in release.YEARS}


def _snapshots(day: date, newest: bool) -> list[Path]:
    """The register frozen as of a day, a file a unit."""
    from kerege.casework.exchange.snapshots import freeze as snapshots
    from kerege.vocabulary.snapshot_columns import units

    folder = files.home() / "snapshots"
    folder.mkdir(exist_ok=True)
    paths = {unit: folder / (f"{unit}.parquet" if newest else f"{unit}-{day.year}.parquet") for unit in units()}
    for unit, path in paths.items():
        snapshots.write(Actor.system("demo"), unit, path, day)
    return list(paths.values())


def throw_away() -> None:
    """Remove a demo from its home; refuses anything that is not marked as a demo."""
    if connection.vendor != "sqlite":
        raise Refused("--fresh works on SQLite only: drop and create the PostgreSQL database yourself")
    if (files.home() / "kerege.sqlite3").exists() and not _is_disposable():
        raise Refused(f"{files.home()} holds a production register: nothing was removed")
    connection.close()
    for name in ("kerege.sqlite3", "kerege.sqlite3-wal", "kerege.sqlite3-shm"):
        (files.home() / name).unlink(missing_ok=True)
    _remove(FOLDERS)


def _remove(folders: Iterable[str]) -> None:
    for name in folders:
        shutil.rmtree(files.home() / name, ignore_errors=True)


def _is_disposable() -> bool:
    """Whether the database is a demo or empty; asked of tables that may be older than the code."""
    tables = connection.introspection.table_names()
    if "accounts_installation" in tables and Installation.is_demo():
        return True
    return not tables or ("accounts_agency" in tables and not Agency.objects.exists())


def _say(words: str) -> None:
    print(words, file=sys.stderr, flush=True)
