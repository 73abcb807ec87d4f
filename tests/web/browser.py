"""Chromium for the tests: accessibility faults, overflow, external requests, page weight."""

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
# ends with the faults after all animations, or with null on a page without the checker
RUN_AXE = """async options => {
    if (!("axe" in window)) return null;
    await Promise.allSettled(document.getAnimations().map(moving => moving.finished));
    return (await axe.run(options)).violations;
}"""
# chromium comes first: it is the browser of a user. chromium-headless-shell draws no tabs, so it asks for no icon.
NAMES = ("chromium", "chromium-browser", "google-chrome", "chromium-headless-shell")
WIDTHS = (320, 1280)
LANGUAGES = ("kk", "ru", "en")
# A page lives for a second: machine code of high quality for its scripts takes longer than they gain by it. Without it
# the checker takes a quarter less processor time.
SHORT_LIVED = "--js-flags=--max-optimized-bytecode-size=0 --no-maglev"
PATIENCE = 180_000  # milliseconds; long, because a loaded machine checks a release within a request
expect.set_options(timeout=PATIENCE)


def chromium() -> str | None:
    """Return the path of an installed browser, None when there is none."""
    return next((path for name in NAMES if (path := shutil.which(name))), None)


@contextmanager
def launched() -> Iterator[Browser]:
    """Yield a headless browser."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium(), args=["--no-sandbox", "--disable-background-networking", SHORT_LIVED]
        )
        yield browser
        browser.close()


def visit(browser: Browser, *, sweeps: bool = False, **options: Any) -> BrowserContext:
    """Return a browser context with its own cookies and a long timeout.

    A context that sweeps checks the accessibility of every page: each page has the checker from its start. Sending it
    to a page that is open takes three times as long.
    """
    context = browser.new_context(**options)
    context.set_default_timeout(PATIENCE)
    if sweeps:
        context.add_init_script(AXE.read_text(encoding="utf-8"))
    return context


@contextmanager
def served(home: Path, module: str = "tests.web.server", port: int = 0) -> Iterator[str]:
    """Run a test server in its own process and home folder; yield its address."""
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
    """Return a free TCP port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def axe(page: Page, rules: Sequence[str] = ()) -> list[str]:
    """Return the accessibility faults of a page, one line each, after loading and animations.

    `rules` limits the check to these rules. A fault counts only when it is found twice: a dialog that is still opening
    is faulty for a moment.
    """
    if _axe(page, rules):
        page.wait_for_timeout(500)
        return _axe(page, rules)
    return []


def _axe(page: Page, rules: Sequence[str]) -> list[str]:
    page.wait_for_load_state()
    # Only violations are returned: describing the passed rules took four fifths of the time.
    options = {"resultTypes": ["violations"]} | ({"runOnly": list(rules)} if rules else {})
    violations: list[dict[str, Any]] | None = page.evaluate(RUN_AXE, options)
    if violations is None:
        page.evaluate(AXE.read_text(encoding="utf-8"))
        violations = page.evaluate(RUN_AXE, options)
    assert violations is not None, "the checker was not loaded"
    return [f"{fault['id']}: {node['html'][:120]}" for fault in violations for node in fault["nodes"]]


def overflow(page: Page) -> int:
    """Return how many pixels the page is wider than its window."""
    return int(page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))


def watch(page: Page) -> list[str]:
    """Return a list that collects console errors, page errors and requests to other hosts."""
    incidents: list[str] = []
    page.on("console", lambda message: incidents.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: incidents.append(str(error)))
    page.on("request", lambda request: incidents.append(request.url) if not _here(request.url) else None)
    return incidents


def _here(url: str) -> bool:
    return url.startswith(("http://127.0.0.1:", "data:"))


def weight(page: Page, address: str) -> int:
    """Return the compressed bytes of a first visit."""
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    sizes: list[float] = []
    session.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
    page.goto(address, wait_until="networkidle")
    return int(sum(sizes))


def report(faults: dict[str, list[str]]) -> str:
    """Return the faults by page, for the message of a failed test."""
    return json.dumps({page: lines for page, lines in faults.items() if lines}, indent=1, ensure_ascii=False)
