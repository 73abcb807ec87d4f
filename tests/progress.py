"""The pytest plugin of `scripts/run_tests.py`.

It prints failures at once and progress as plain lines, and writes totals to a file.

The runner sets `KEREGE_TOTALS` to the file and loads this plugin with `-p tests.progress`.
"""

from __future__ import annotations

import json
import os
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

MARK = "progress: "
INTERVAL = 1.0  # seconds between two progress lines; the runner shows the latest one from time to time


@pytest.hookimpl(trylast=True)  # after pytest's own terminal reporter
def pytest_configure(config: pytest.Config) -> None:
    """Watch the run from the process that collects the reports, not from the workers of xdist."""
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(Progress(config.pluginmanager.get_plugin("terminalreporter")))


class Progress:
    """Counts of finished tests and of reasons to skip."""

    def __init__(self, reporter: Any) -> None:
        self.reporter = reporter
        self.total = 0
        self.finished = 0
        self.shown = 0.0
        self.passed: set[str] = set()
        self.failed: set[str] = set()
        self.skipped: Counter[str] = Counter()
        self.warnings: set[str] = set()

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Count the tests of a run without xdist."""
        self.total = max(self.total, len(session.items))

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_node_collection_finished(self, ids: list[str]) -> None:
        """Count the tests of a run with xdist."""
        self.total = len(ids)

    @pytest.hookimpl(tryfirst=True)
    def pytest_report_teststatus(self, report: Any) -> tuple[str, str, str] | None:
        """Print no dot for a test that passed or was skipped: two lanes would mix their dots."""
        if report.failed:
            return None
        return ("skipped" if report.skipped else "passed" if report.when == "call" else ""), "", ""

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Print at once why a file could not be read."""
        if report.failed:
            self._fail(report.nodeid, report.longreprtext)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Count a report, and print a failure at once."""
        if report.failed:
            self._fail(report.nodeid, report.longreprtext)
        elif report.skipped:
            self.skipped[_reason(report)] += 1
        elif report.when == "call":
            self.passed.add(report.nodeid)

    def pytest_runtest_logfinish(self) -> None:
        """Print how many tests are finished, at most once in an interval."""
        self.finished += 1
        if time.monotonic() - self.shown >= INTERVAL:
            self.shown = time.monotonic()
            self.reporter.write_line(f"{MARK}{self.finished} of {self.total}, {len(self.failed)} failed")

    def pytest_warning_recorded(self, warning_message: Any, nodeid: str) -> None:
        """Print a warning once."""
        text = f"warning: {warning_message.category.__name__}: {warning_message.message}"
        if text not in self.warnings:
            self.warnings.add(text)
            self.reporter.write_line(f"{text} ({nodeid or 'before the tests'})")

    def pytest_sessionfinish(self) -> None:
        """Write the totals."""
        totals = {
            "passed": len(self.passed - self.failed),
            "failed": sorted(self.failed),
            "skipped": dict(self.skipped),
        }
        Path(os.environ["KEREGE_TOTALS"]).write_text(json.dumps(totals), encoding="utf-8")

    def _fail(self, nodeid: str, text: str) -> None:
        self.failed.add(nodeid)
        self.reporter.write_line(f"FAILED {nodeid}")
        self.reporter.write_line(text)


def _reason(report: pytest.TestReport) -> str:
    """Return why a test was skipped, without the place in the code."""
    if isinstance(report.longrepr, tuple):
        return str(report.longrepr[2]).removeprefix("Skipped: ")
    return str(getattr(report, "wasxfail", "")) or "no reason given"
