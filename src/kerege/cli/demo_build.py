"""Build of the demo: database, invented programme, snapshots and annual releases."""

from __future__ import annotations

import gc
import multiprocessing
import shutil
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.db import connection, transaction

from kerege.base import files
from kerege.base.errors import Refused
from kerege.cli import demo_releases
from kerege.core import health
from kerege.core.accounts.models import Agency, Installation
from kerege.core.authorization import Actor
from kerege.demo.programme.world import RELEASE_YEARS
from kerege.evidence.ledger.home_ledger import LAST_STATE
from kerege.vocabulary.languages import offered
from kerege.vocabulary.pack import active_pack

FAILED = "the process that builds the releases has ended: read its message above, and start again"
# folders that are derived from the register
DERIVED = ("releases", "ledger", "snapshots")
FOLDERS = ("releases", "ledger", "uploads", "snapshots", "audit", "cache")

TOUR = """
  Kerege, the demo programme. All people in it are invented.

  1. The public report, what everybody sees      {base}/en/
  2. Sign in with one button: Caseworker         {base}/en/account/login/
  3. A caseworker's day at a crisis centre         {base}/en/work/
  4. Open a case, record a service; search a name in any script or spelling
  5. Sign out, sign in as Coordinator or Justice officer: each role sees other pages

  The same pages in other languages: {languages}. Figures: kerege figures
{releases}"""
WAITING = """
  The releases are still assessed for disclosure risk. Each appears on the pages when it is published.
"""


def tour(port: int) -> str:
    """Return five steps through the system, and whether releases are still being built."""
    from kerege.demo import release

    waiting = "" if release.ready(files.home()) else WAITING
    others = ", ".join(f"/{tag}/" for tag in offered() if tag != "en")
    return TOUR.format(base=f"http://localhost:{port}", languages=others, releases=waiting)


def build(*, fresh: bool = False, wait: bool = False) -> None:
    """Build the demo unless it exists. Raise Refused for a register of real people.

    The releases are assessed while the demo is already served, unless `wait` is set.
    """
    if fresh:
        throw_away()
    with _second_process() as second:
        if not connection.introspection.table_names():
            second.start()  # the longest task starts first
        if health.pending():
            _say("building the database")
            call_command("migrate", verbosity=0, interactive=False)
        if Installation.is_demo():
            _require_the_same_country()
            _build_missing_releases(second)
        else:
            _fill(second)
        if wait:
            second.join()


def _require_the_same_country() -> None:
    if not Agency.objects.filter(country=active_pack().country).exclude(kind="consulate").exists():
        raise Refused(f"{files.home()} holds the demo of another country: add --fresh, or set KEREGE_HOME")


def _fill(second: _SecondProcess) -> None:
    """Fill the register while the second process builds the releases."""
    if Installation.objects.exists() or Agency.objects.exists():
        raise Refused(f"{files.home()} holds a production register: set KEREGE_HOME to another folder for the demo")
    from kerege.demo.loading.load import load

    _say("inventing the programme (about a minute, once):")
    _remove(DERIVED)  # left over from an interrupted build
    (files.home() / LAST_STATE).unlink(missing_ok=True)
    second.start()

    def publish() -> None:
        _say("taking the snapshots")
        _send_snapshots(second)

    with _no_collection(), transaction.atomic():
        # all or nothing: an interrupted demo starts again from an empty register
        Installation.mark(demo=True)
        load(invent=second.receive, progress=_say, counted=publish)
    second.is_filled.set()
    _say("the releases of the years are assessed for disclosure risk")


def _build_missing_releases(second: _SecondProcess) -> None:
    """Let the second process build the releases that an earlier start did not publish."""
    from kerege.demo import release

    release.discard_unassessed(files.home())
    if not release.ready(files.home()):
        _say("building the missing releases")
        second.start(generates=False)
        second.is_filled.set()
        _send_snapshots(second)


def _send_snapshots(second: _SecondProcess) -> None:
    for year in RELEASE_YEARS:
        second.send(year, _snapshots(year))


@contextmanager
def _no_collection() -> Iterator[None]:
    """Disable garbage collection: filling creates many objects that live to its end."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


class _SecondProcess:
    """The process that runs `demo_releases.work`, and the pipe to it."""

    def __init__(self) -> None:
        self.process: BaseProcess | None = None

    def start(self, *, generates: bool = True) -> None:
        """Start the process unless it has started. It ends with this process."""
        if self.process is not None:
            return
        # not forked: the process computes with threads, and would share the database connection
        context = multiprocessing.get_context("spawn")
        self.pipe, far_end = context.Pipe()
        self.is_filled = context.Event()
        self.process = context.Process(
            target=demo_releases.work,
            args=(far_end, self.is_filled),
            kwargs={"generates": generates},
            daemon=True,
        )
        self.process.start()
        far_end.close()  # so that `receive` notices the end of the process

    def send(self, *message: Any) -> None:
        """Send a message. Raises Refused when the process has ended."""
        with _refused_at_end():
            self.pipe.send(message)

    def receive(self) -> Any:
        """Wait for the next message. Raises Refused when the process has ended."""
        with _refused_at_end():
            return self.pipe.recv()

    def join(self) -> None:
        """Wait for the end of the process. Raises Refused when it has failed."""
        if self.process is not None:
            self.process.join()
            if self.process.exitcode:
                raise Refused(FAILED)

    def stop(self) -> None:
        """End the process."""
        if self.process is not None:
            self.process.terminate()
            self.process.join()


@contextmanager
def _refused_at_end() -> Iterator[None]:
    try:
        yield
    except (EOFError, BrokenPipeError):
        raise Refused(FAILED) from None


@contextmanager
def _second_process() -> Iterator[_SecondProcess]:
    """Yield the second process, not yet started; end it when the build fails."""
    second = _SecondProcess()
    try:
        yield second
    except BaseException:
        second.stop()
        raise


def _snapshots(year: int) -> list[Path]:
    """Write the snapshots of the last day of a year; return the files, one for each unit."""
    from kerege.casework.exchange.snapshots import freeze as snapshots
    from kerege.vocabulary.snapshot_columns import units

    folder = files.home() / "snapshots"
    folder.mkdir(exist_ok=True)
    suffix = "" if year == RELEASE_YEARS[-1] else f"-{year}"
    paths = {unit: folder / f"{unit}{suffix}.parquet" for unit in units()}
    for unit, path in paths.items():
        snapshots.write(Actor.system("demo"), unit, path, date(year, 12, 31))
    return list(paths.values())


def throw_away() -> None:
    """Remove a demo from its home folder; raise Refused unless the register is marked as a demo or empty."""
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
    """Return whether the database is a demo or empty; its tables may be older than the code."""
    tables = connection.introspection.table_names()
    if "accounts_installation" in tables and Installation.is_demo():
        return True
    return not tables or ("accounts_agency" in tables and not Agency.objects.exists())


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
