"""Builds the demo once: database, invented programme, snapshots and the annual release."""

from __future__ import annotations

import shutil
import sys
from datetime import date
from pathlib import Path

from django.core.management import call_command
from django.db import connection, transaction

from kerege.base import files
from kerege.base.errors import Refused
from kerege.core import health
from kerege.core.accounts.models import Agency, Installation
from kerege.core.authorization import Actor

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
    if not Installation.is_demo():
        _fill()
    _publish()


def _fill() -> None:
    if Installation.objects.exists() or Agency.objects.exists():
        raise Refused(f"{files.home()} holds a production register: set KEREGE_HOME to another folder for the demo")
    from kerege.demo.load import load

    _say("inventing the programme (about a minute, once):")
    # all or nothing: an interrupted demo starts again from an empty register
    with transaction.atomic():
        Installation.mark(demo=True)
        load(progress=_say)


def _publish() -> None:
    from kerege.demo import release

    if release.ready(files.home()):
        return
    from kerege.demo import generate
    from kerege.demo.assistance import LAST_DAY

    first, last = release.YEARS[0], release.YEARS[-1]
    _say(f"taking snapshots, building and attacking the releases of {first} to {last}")
    days = {year: LAST_DAY if year == last else date(year, 12, 31) for year in release.YEARS}
    snapshots = {year: _snapshots(day, year == last) for year, day in days.items()}
    release.ensure(snapshots, files.home(), generate.planted().victims)


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
    for name in FOLDERS:
        shutil.rmtree(files.home() / name, ignore_errors=True)


def _is_disposable() -> bool:
    """Whether the database is a demo or empty; asked of tables that may be older than the code."""
    tables = connection.introspection.table_names()
    if "accounts_installation" in tables and Installation.is_demo():
        return True
    return not tables or ("accounts_agency" in tables and not Agency.objects.exists())


def _say(words: str) -> None:
    print(words, file=sys.stderr, flush=True)
