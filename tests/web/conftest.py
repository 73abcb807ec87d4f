"""Fixtures of the web tests: a test server and a browser page."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.web import browser as driver


@pytest.fixture(autouse=True)
def _in_english(in_english: None) -> None:
    """Run every test of this folder in English."""


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory, empty_home: Path) -> Iterator[str]:
    """Yield the address of a server with invented users and the gallery of components."""
    home = Path(shutil.copytree(empty_home, tmp_path_factory.mktemp("site") / "home"))
    with driver.served(home) as address:
        yield address


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """Yield the page of a new visitor in a wide window."""
    context = driver.visit(browser, viewport={"width": 1280, "height": 900})
    yield context.new_page()
    context.close()
