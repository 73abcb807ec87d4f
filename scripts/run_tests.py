#!/usr/bin/env python3
"""Run the whole suite: lint, tests without Django, on SQLite and on PostgreSQL, journeys in Chromium.

    scripts/run_tests.py [--plan] [--part NAME ...] [PATH ...]

`--plan` prints what would run and what this machine lacks, and ends. `--part` runs one part alone, and may be repeated.
Paths restrict the tests to these files and folders. The last line of the output counts the tests, `N passed, N failed,
N skipped`; a part that fails without a failed test (lint, a crash) counts as one failed test.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import queue
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BIN = Path(sys.executable).parent
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chromium-headless-shell")  # as in tests/web/browser.py
NAMES = ("libraries", "SQLite", "lint", "PostgreSQL", "Chromium")
# Folders and files of tests/ that run in processes of their own, where Django cannot be imported (tests/conftest.py).
WITHOUT_DJANGO = (
    *("base", "benchmarks", "evidence", "linkage", "vocabulary"),
    *("cli/test_attack.py", "cli/test_estimate.py", "cli/test_evaluate.py", "cli/test_evaluate_page.py"),
    *("cli/test_ledger.py", "cli/test_link.py", "cli/test_link_against.py", "cli/test_link_columns.py"),
    *("cli/test_release.py", "cli/test_synthesize.py", "cli/test_table.py", "cli/test_tokens.py"),
)
AT_A_TIME = 2  # parts
INTERVAL = 20.0  # seconds between two lines about the progress
PATIENCE = 15.0  # seconds that an interrupted part gets to stop its servers
NO_TESTS = 5  # exit code of pytest
# Each worker takes whole files, in the order of tests/conftest.py.
PYTEST = (
    str(BIN / "python"),
    "-m",
    "pytest",
    "-q",
    "--no-header",
    "--no-summary",
    "-p",
    "tests.progress",
    "-n",
    "2",
    "--dist",
    "loadfile",
    "--no-loadscope-reorder",
    # a thread for each test, which waits for the end of its time, takes a third of the time of a short test
    "-o",
    "timeout_method=signal",
)
# A process that may not keep its compiled bytecode compiles it again: half of its start. With settings in the
# environment, pytest-django loads Django for every test.
UNSET = ("DATABASE_URL", "DJANGO_SETTINGS_MODULE", "KEREGE_DEMO", "PYTHONDONTWRITEBYTECODE")
# Two workers use both processors; threads of a library that wait for one another cost a tenth of the processor time.
ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "POLARS_MAX_THREADS")
# Files of the tests lie in memory where there is room: each write that waits for a disk (fsync) costs 3 ms.
IN_MEMORY = Path("/dev/shm")  # noqa: S108  each part makes a folder of its own there
ROOM = 4 * 2**30  # bytes of memory that must be free; a run writes less than one
PROGRESS = re.compile(r"progress: (\d+) of (\d+), (\d+) failed")


@dataclass
class Part:
    """One part of the suite, and its result."""

    name: str
    title: str
    command: list[str]
    lacks: str = ""  # why it does not run here
    code: int | None = None
    seconds: float = 0.0
    progress: str = "runs"
    passed: int = 0
    failed: list[str] = field(default_factory=list)
    skipped: dict[str, int] = field(default_factory=dict)

    def tests(self) -> str:
        """Return the counts of its tests in words."""
        return f"{self.passed} passed, {len(self.failed)} failed, {sum(self.skipped.values())} skipped"


def plan(paths: list[str], only: list[str]) -> list[Part]:
    """Return the parts in the order in which they begin; two run at a time."""
    has_postgres = not subprocess.run(["scripts/with_postgres"], cwd=ROOT, capture_output=True).returncode
    # Each test runs once; `make thorough` runs the register's tests on both databases.
    marker = "not journey and not db" if has_postgres else "not journey"
    alone = [path for path in paths if not needs_django(path)]
    # 13,000 short tests: the fixtures that pytest-django adds to each take a fifth of their time
    libraries = Part("libraries", "tests of the libraries, without Django", [*PYTEST, "-p", "no:django", "-m", marker])
    libraries.command += alone or [f"tests/{name}" for name in WITHOUT_DJANGO]
    rest = [path for path in paths if needs_django(path)]
    sqlite = Part("SQLite", "tests on SQLite", [*PYTEST, "-m", marker, *rest])
    sqlite.command += [f"--ignore=tests/{name}" for name in WITHOUT_DJANGO]
    lint = Part("lint", "lint: style, types, layers, common mistakes, translations, migrations", [])
    lint.command = ["scripts/run_lint", str(BIN)]
    postgres = Part("PostgreSQL", "tests marked db on PostgreSQL (a throw-away cluster)", [])
    postgres.command = ["scripts/with_postgres", *PYTEST, "-m", "db and not journey", *paths]
    if not has_postgres:
        postgres.lacks = "no initdb on this machine (install postgresql): these tests run on SQLite"
    chromium = Part("Chromium", "journeys in a browser (Chromium)", [*PYTEST, "-m", "journey", *paths])
    # A second worker would start each of the servers and sign each user in again.
    chromium.command[chromium.command.index("-n") + 1] = "1"
    # Playwright waits in a loop of its own, which a signal would leave in pieces.
    chromium.command[chromium.command.index("timeout_method=signal")] = "timeout_method=thread"
    if not any(map(shutil.which, BROWSERS)):
        chromium.lacks = "no Chromium on this machine (install chromium)"
    for part in (libraries, sqlite, lint, chromium, postgres):
        if only and part.name not in only:
            part.lacks = "not asked for"
    if paths:
        libraries.lacks = libraries.lacks or ("" if alone else "no path of it")
        sqlite.lacks = sqlite.lacks or ("" if rest else "no path of it")
    # Chromium and PostgreSQL take longest with one processor each; short parts fill the processors at the end.
    return [chromium, libraries, postgres, sqlite, lint]


def needs_django(path: str | Path) -> bool:
    """Return whether tests at or below a path need Django."""
    whole = Path(str(path).split("::")[0]).resolve()
    return not any(whole.is_relative_to(ROOT / "tests" / name) for name in WITHOUT_DJANGO)


def print_plan(parts: list[Part]) -> None:
    """Print which parts run, and which do not and why."""
    say("This run has these parts:")
    for part in parts:
        if not part.lacks:
            say(f"  {part.title}")
    lacking = [part for part in parts if part.lacks]
    say("It skips these parts:" if lacking else "It skips no part.")
    for part in lacking:
        say(f"  {part.title}: {part.lacks}")


def say(line: str) -> None:
    """Print a line at once."""
    print(line, flush=True)


class Run:
    """The running parts: their processes, and the lines that they print."""

    def __init__(self, parts: list[Part]) -> None:
        self.parts = [part for part in parts if not part.lacks]
        self.waiting = iter(self.parts)  # shared: each thread takes the next part
        self.lines: queue.Queue[tuple[Part, str]] = queue.Queue()
        self.processes: dict[str, subprocess.Popen[str]] = {}
        self.lock = threading.Lock()
        self.stopped = False
        self.began = time.monotonic()
        self.made_once = ""  # the folder of what the first part makes for all: a migrated register takes 13 s

    def wait(self) -> None:
        """Run all parts. Print their lines as they come, and their progress from time to time."""
        with temporary_directory() as self.made_once:
            self._wait()

    def _wait(self) -> None:
        threads = [threading.Thread(target=self._run_waiting, daemon=True) for _ in range(AT_A_TIME)]
        for thread in threads:
            thread.start()
        shown = time.monotonic()
        while any(thread.is_alive() for thread in threads) or not self.lines.empty():
            try:
                part, line = self.lines.get(timeout=1)
                say(f"{part.name:10} | {line}")
            except queue.Empty:
                pass
            if time.monotonic() - shown >= INTERVAL:
                shown = time.monotonic()
                self._show()

    def stop(self) -> None:
        """End every process of every part."""
        with self.lock:
            self.stopped = True
            running = [process for process in self.processes.values() if process.poll() is None]
        for number in (signal.SIGTERM, signal.SIGKILL):
            for process in running:
                _signal(process, number)
            deadline = time.monotonic() + PATIENCE
            while time.monotonic() < deadline and any(process.poll() is None for process in running):
                time.sleep(0.1)

    def _run_waiting(self) -> None:
        for part in self.waiting:
            self._run_part(part)

    def _run_part(self, part: Part) -> None:
        began = time.monotonic()
        environment = {key: value for key, value in os.environ.items() if key not in UNSET}
        with temporary_directory() as folder:
            Path(folder).chmod(0o711)  # the user of PostgreSQL must reach its own folder below
            totals = Path(folder) / "totals.json"
            environment |= {"KEREGE_TOTALS": str(totals), "PYTHONUNBUFFERED": "1", "TMPDIR": folder}
            environment |= dict.fromkeys(ONE_THREAD, "1") | {"KEREGE_MADE_ONCE": self.made_once}
            with self.lock:
                if self.stopped:
                    return
                # a session of its own, so that the part can be ended with all its children
                process = self.processes[part.name] = subprocess.Popen(
                    part.command,
                    cwd=ROOT,
                    env=environment,
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.STDOUT,
                    text=True,
                    errors="replace",
                    start_new_session=True,
                )
            self.lines.put((part, "starts"))
            for line in process.stdout or ():
                self._take(part, line.rstrip("\n"))
            part.code = process.wait()
            if totals.exists():
                outcome = json.loads(totals.read_text(encoding="utf-8"))
                part.passed, part.failed, part.skipped = outcome["passed"], outcome["failed"], outcome["skipped"]
        part.seconds = time.monotonic() - began
        self.lines.put((part, f"ends after {_minutes(part.seconds)}"))

    def _take(self, part: Part, line: str) -> None:
        if not (progress := PROGRESS.fullmatch(line)):
            if line and not line.startswith("bringing up nodes"):
                self.lines.put((part, line))
            return
        finished, total, failed = map(int, progress.groups())
        part.progress = f"{100 * finished // max(total, 1)}% ({finished} of {total} tests, {failed} failed)"

    def _show(self) -> None:
        for part in self.parts:
            if part.name in self.processes and part.code is None:
                say(f"{part.name:10} | {_minutes(time.monotonic() - self.began)}  {part.progress}")


def temporary_directory() -> tempfile.TemporaryDirectory[str]:
    """Return a new folder that is removed at the end of a block."""
    return tempfile.TemporaryDirectory(dir=temporary_folder(), ignore_cleanup_errors=True)


def temporary_folder() -> str | None:
    """Return the folder for the files of the tests: in memory, or None for the usual one."""
    if not os.access(IN_MEMORY, os.W_OK):
        return None
    memory = Path("/proc/meminfo").read_text(encoding="ascii")
    available = re.search(r"^MemAvailable: +(\d+) kB", memory, re.M)
    free = min(shutil.disk_usage(IN_MEMORY).free, int(available[1]) * 1024 if available else 0)
    return str(IN_MEMORY) if free >= ROOM else None


def _signal(process: subprocess.Popen[str], number: int) -> None:
    """Send a signal to a process and its children."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, number)


def _minutes(seconds: float) -> str:
    return f"{int(seconds) // 60}:{int(seconds) % 60:02}"


def report(parts: list[Part], paths: list[str]) -> bool:
    """Print the result of every part, what was skipped, and the totals. Return whether nothing failed."""
    say("")
    bad = []
    passed = failed = 0
    for part in parts:
        if part.lacks:
            continue
        # only a selection of paths may leave a part without tests
        good = part.code == 0 or (part.code == NO_TESTS and bool(paths))
        counts = f": {part.tests()}" if part.name != "lint" else ""
        say(f"{part.name:10} | {'passed' if good else 'FAILED'} in {_minutes(part.seconds)}{counts}")
        passed += part.passed
        failed += len(part.failed) or int(not good)
        for test in part.failed:
            say(f"{part.name:10} |   FAILED {test}")
        if not good:
            bad.append(part.name)
    lacking = [part for part in parts if part.lacks]
    for part in lacking:
        say(f"SKIPPED part: {part.title}: {part.lacks}")
    for part in parts:
        for reason, count in part.skipped.items():
            say(f"SKIPPED tests: {part.name}: {count}: {reason}")
    if bad:
        say(f"FAILED: {', '.join(bad)}")
    else:
        say("all that ran has passed" + (f"; skipped parts: {len(lacking)}, see above" if lacking else ""))
    say(f"{passed} passed, {failed} failed, {sum(sum(part.skipped.values()) for part in parts)} skipped")
    return not bad


def _interrupt(number: int, frame: object) -> None:
    raise KeyboardInterrupt


def main() -> int:
    """Run the suite. Return 0 if all that ran has passed, 1 if not, 130 after an interrupt."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--plan", action="store_true", help="print what would run, and end")
    parser.add_argument("--part", action="append", default=[], metavar="NAME", choices=NAMES, help=", ".join(NAMES))
    parser.add_argument("paths", nargs="*", metavar="PATH", help="files and folders of tests")
    options = parser.parse_args()
    parts = plan(options.paths, options.part)
    print_plan(parts)
    if options.plan:
        return 0
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _interrupt)
    run = Run(parts)
    try:
        run.wait()
    except KeyboardInterrupt:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        say("interrupted: ends all parts")
        run.stop()
        return 130
    return 0 if report(parts, options.paths) else 1


if __name__ == "__main__":
    sys.exit(main())
