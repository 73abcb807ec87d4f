"""A crisis centre with a morning's work, served for the journeys.

Start it by `python -m tests.journeys.centre PORT`.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.conftest import made_once, run
from tests.journeys.desk import Staff
from tests.journeys.programme import Programme
from tests.web import browser as driver


@pytest.fixture(scope="session")
def house_home(tmp_path_factory: pytest.TempPathFactory, empty_home: Path) -> Path:
    """Return a register in which three persons could be found; each server starts from a copy."""

    def furnish(home: Path) -> None:
        shutil.copytree(empty_home, home, dirs_exist_ok=True)
        run(home, "-m", "tests.journeys.house", "seed")

    return made_once(tmp_path_factory, "house", furnish)


@pytest.fixture(scope="session")
def centre(tmp_path_factory: pytest.TempPathFactory, empty_home: Path) -> Iterator[str]:
    """Yield the address of a server with the work of a morning."""
    home = Path(shutil.copytree(empty_home, tmp_path_factory.mktemp("centre") / "home"))
    with driver.served(home, "tests.journeys.centre") as address:
        yield address


@pytest.fixture(scope="session")
def programme(tmp_path_factory: pytest.TempPathFactory, empty_home: Path) -> Iterator[Programme]:
    """Yield the register of the whole programme before any case."""
    home = Path(shutil.copytree(empty_home, tmp_path_factory.mktemp("programme") / "home"))
    with driver.served(home, "tests.journeys.programme") as address:
        yield Programme(address, home)


@pytest.fixture(scope="session")
def everybody(browser: Browser, programme: Programme) -> Iterator[Staff]:
    """Everybody who works in the programme; a user who signed in stays at the desk until the end."""
    people = Staff(browser, programme)
    yield people
    people.leave()


@pytest.fixture
def staff(everybody: Staff) -> Iterator[Staff]:
    """Yield the staff for one story, and close their pages at its end."""
    yield everybody
    everybody.close_pages()
