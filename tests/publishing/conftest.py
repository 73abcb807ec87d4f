"""Fixtures of the publishing tests: a home folder, and editions built from made releases."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from kerege.publishing.storage import release_files
from kerege.publishing.storage.editions import Edition
from tests.publishing import made


@pytest.fixture(scope="session")
def chart_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of cached charts, shared so that the suite draws each chart once."""
    return tmp_path_factory.mktemp("drawn")


@pytest.fixture
def house(tmp_path: Path, chart_cache: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return an empty home folder."""
    monkeypatch.setenv("KEREGE_HOME", str(tmp_path))
    (tmp_path / "cache").symlink_to(chart_cache)
    return tmp_path


@pytest.fixture
def edition(house: Path) -> Callable[..., Edition]:
    """Return a function that makes a release, with changes, and returns the edition of 2025."""

    def build(**changes: object) -> Edition:
        made.make(house, **changes)  # type: ignore[arg-type]
        return Edition(2025, release_files.releases_of_year(2025))

    return build
