"""Every page of staff: accessible, as wide as its window, and asking nobody else.

`make test` opens each page in one of the three languages, `make thorough` in all.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Error, Page

from tests.journeys.everything import PAGES
from tests.web import browser as driver

pytestmark = pytest.mark.journey
SHOWN = "text/html"
# each language at one width; a fault of the words shows where they are longest, one of the layout where it is narrow
SWEEPS = {"kk": 320, "ru": 1280, "en": 640}
# what depends on the words; the rest is the same in every language, and is asked once
OF_WORDS = (
    "html-has-lang",
    "valid-lang",
    "document-title",
    "page-has-heading-one",
    "label",
    "link-name",
    "button-name",
    "empty-heading",
    "empty-table-header",
    "select-name",
    "image-alt",
    "summary-name",
)


def sample(names: Sequence[str], language: str) -> Sequence[str]:
    """Return the pages to open in a language: each page has one language; in a thorough run it has all."""
    if os.environ.get("KEREGE_THOROUGH"):
        return names
    return names[list(SWEEPS).index(language) :: len(SWEEPS)]


@pytest.fixture(scope="module")
def everything(tmp_path_factory: pytest.TempPathFactory, empty_home: Path) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield the address of a server with one of everything, and the pages by name."""
    home = Path(shutil.copytree(empty_home, tmp_path_factory.mktemp("everything") / "home"))
    with driver.served(home, "tests.journeys.everything") as address:
        yield address, json.loads((home / PAGES).read_text())


@pytest.mark.parametrize("language", SWEEPS)
def test_every_page_is_accessible_fits_and_asks_nobody_else(
    browser: Browser, everything: tuple[str, dict[str, str]], language: str
) -> None:
    server, pages = everything
    viewport = {"width": SWEEPS[language], "height": 800}
    context = driver.visit(browser, sweeps=True, viewport=viewport, accept_downloads=False)
    page = context.new_page()
    seen = driver.watch(page)
    page.goto(f"{server}/{language}/account/login/")
    page.locator("button[name=role][value=caseworker]").click()
    rules = () if language == "en" else OF_WORDS
    names = sample(list(pages), language)
    faults_by_page = {name: faults(page, f"{server}/{language}/{pages[name]}", rules) for name in names}
    context.close()
    assert sum(page_faults is not None for page_faults in faults_by_page.values()) > 100 // len(SWEEPS)
    assert not any(faults_by_page.values()), driver.report(
        {name: page_faults for name, page_faults in faults_by_page.items() if page_faults}
    )
    assert not seen


def faults(page: Page, address: str, rules: Sequence[str]) -> list[str] | None:
    """Return what is wrong with a page; None for a file, and for what is no page to open."""
    try:
        answer = page.goto(address)
    except Error:  # a download
        return None
    if answer is None or answer.status != 200 or SHOWN not in answer.headers.get("content-type", ""):
        return None
    if "sandbox" in answer.headers.get("content-security-policy", ""):  # a file again: no script runs in it
        return None
    wide = driver.overflow(page)
    return [*driver.axe(page, rules), *([f"{wide} px too wide"] if wide else [])]
