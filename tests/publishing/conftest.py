"""Fixtures of the publishing tests: a home folder, and releases of a year built from made releases."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from kerege.publishing.storage import release_files
from kerege.publishing.storage.year_releases import YearReleases
from tests.publishing import made


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return an empty home folder."""
    monkeypatch.setenv("KEREGE_HOME", str(tmp_path))
    return tmp_path


@pytest.fixture
def year_releases(house: Path) -> Callable[..., YearReleases]:
    """Return a function that makes a release, with changes, and returns the releases of 2025."""

    def build(**changes: object) -> YearReleases:
        made.make(house, **changes)  # type: ignore[arg-type]
        return YearReleases(2025, release_files.releases_of_year(2025))

    return build
