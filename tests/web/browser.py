"""Driving Chromium: start it, look for accessibility faults, for overflow, for requests to elsewhere."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

ROOT = Path(__file__).resolve().parents[2]
AXE = next((Path(__file__).parent / "vendor").glob("axe-core-*/axe.min.js"))
# the same engine without windows, tabs and their drawing takes half the time
NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
WIDTHS = (320, 1280)
LANGUAGES = ("kk", "ru", "en")
PATIENCE = 60_000  # milliseconds: a loaded machine is slow, not wrong
expect.set_options(timeout=PATIENCE)


def chromium() -> str | None:
    """The path of a browser on this machine."""
    return next((path for name in NAMES if (path := shutil.which(name))), None)


@contextmanager
def launched() -> Iterator[Browser]:
    """A headless browser."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium(), args=["--no-sandbox", "--disable-background-networking"]
        )
        yield browser
        browser.close()


def visit(browser: Browser, **options: Any) -> BrowserContext:
    """A visitor with cookies of her own, who is patient."""
    context = browser.new_context(**options)
    context.set_default_timeout(PATIENCE)
    return context


@contextmanager
def served(home: Path, module: str = "tests.web.server", port: int = 0) -> Iterator[str]:
    """A test server in a process and home folder of its own; gives its address."""
    port = port or free_port()
    environment = {key: value for key, value in os.environ.items() if key != "DATABASE_URL"}
    environment |= {"KEREGE_HOME": str(home), "KEREGE_DEMO": "1"}
    command = [sys.executable, "-m", module, str(port)]
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline().strip() == "ready", "the test server did not start"
            yield f"http://127.0.0.1:{port}"
        finally:
            process.kill()


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def axe(page: Page, rules: Sequence[str] = ()) -> list[str]:
    """Every accessibility fault of the page, one line each, when it has come and nothing moves on it.

    `rules` asks for these alone. What is found is looked for again: half a dialog is wrong for a moment only.
    """
    if _axe(page, rules):
        page.wait_for_timeout(500)
        return _axe(page, rules)
    return []


def _axe(page: Page, rules: Sequence[str]) -> list[str]:
    page.wait_for_load_state()
    page.evaluate("() => Promise.allSettled(document.getAnimations().map(moving => moving.finished))")
    page.evaluate(AXE.read_text(encoding="utf-8"))
    # what was found right is neither described nor sent: that took four fifths of the time
    asked = {"resultTypes": ["violations"]} | ({"runOnly": list(rules)} if rules else {})
    found: list[dict[str, Any]] = page.evaluate("asked => axe.run(asked).then(told => told.violations)", asked)
    return [f"{fault['id']}: {node['html'][:120]}" for fault in found for node in fault["nodes"]]


def overflow(page: Page) -> int:
    """How many pixels the page is wider than its window."""
    return int(page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))


def watch(page: Page) -> list[str]:
    """Collects what should not happen: errors of the console (a broken content policy is one), requests elsewhere."""
    seen: list[str] = []
    page.on("console", lambda message: seen.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: seen.append(str(error)))
    page.on("request", lambda request: seen.append(request.url) if not _here(request.url) else None)
    return seen


def _here(url: str) -> bool:
    return url.startswith(("http://127.0.0.1:", "data:"))


def weight(page: Page, address: str) -> int:
    """Bytes of a first visit as they cross the wire, compressed."""
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    sizes: list[float] = []
    session.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
    page.goto(address, wait_until="networkidle")
    return int(sum(sizes))


def report(faults: dict[str, list[str]]) -> str:
    """Faults by page, for the message of a failed test."""
    return json.dumps({page: found for page, found in faults.items() if found}, indent=1, ensure_ascii=False)
