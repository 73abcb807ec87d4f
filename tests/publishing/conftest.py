"""Releases made for the tests, in a home folder of their own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from kerege.publishing.storage import release_files
from kerege.publishing.storage.editions import Edition
from tests.publishing import made


@pytest.fixture(scope="session")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One folder for drawn charts, so that the suite draws each chart once."""
    return tmp_path_factory.mktemp("drawn")


@pytest.fixture
def house(tmp_path: Path, drawn: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty home folder."""
    monkeypatch.setenv("KEREGE_HOME", str(tmp_path))
    (tmp_path / "cache").symlink_to(drawn)
    return tmp_path


@pytest.fixture
def edition(house: Path) -> Callable[..., Edition]:
    """Makes a release, with changes, and reads the edition of 2025."""

    def build(**changes: object) -> Edition:
        made.make(house, **changes)  # type: ignore[arg-type]
        return Edition(2025, release_files.of_year(2025))

    return build
