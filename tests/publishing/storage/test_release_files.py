"""Release folders: only those whose signature and hashes hold are published."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kerege.base.errors import Refused
from kerege.publishing.storage import release_files
from kerege.publishing.storage.year_releases import YearReleases
from tests.publishing import made


def test_a_release_of_the_year_is_found_and_read(house: Path) -> None:
    made.make(house)
    made.make(house, name="annual-2024", period="2024")
    releases = release_files.releases_of_year(2025)
    assert [release.path.name for release in releases] == ["annual-2025"]
    cell = releases[0].tables["origin"].cell("UZ")
    assert cell is not None
    assert cell.count == 944
    assert release_files.list_years() == [2025, 2024]


def test_a_changed_table_is_refused(house: Path) -> None:
    path = made.make(house) / "tables" / "origin.csv"
    path.write_text(path.read_text().replace("944", "943"))
    with pytest.raises(Refused):
        release_files.releases_of_year(2025)


def test_a_changed_manifest_is_refused(house: Path) -> None:
    path = made.make(house) / "manifest.json"
    manifest = json.loads(path.read_text())
    manifest["invented"] = False
    path.write_text(json.dumps(manifest))
    with pytest.raises(Refused):
        release_files.releases_of_year(2025)


def test_a_manifest_that_cannot_be_read_is_refused_in_one_sentence(house: Path) -> None:
    (made.make(house) / "manifest.json").write_text("{")
    with pytest.raises(Refused, match="annual-2025"):
        release_files.releases_of_year(2025)


def test_the_newer_release_of_a_table_wins(house: Path) -> None:
    made.make(house)
    made.make(house, name="correction", created="2025-08-10T00:00:00Z", changes={"origin": {("UZ",): 945}})
    table = YearReleases(2025, release_files.releases_of_year(2025)).table("origin")
    assert table is not None
    assert table.along()[0] == ("UZ", table.cell("UZ"))
    assert table.cell("UZ").count == 945  # type: ignore[union-attr]


def test_without_a_release_the_year_is_empty(house: Path) -> None:
    assert release_files.releases_of_year(2025) == ()
    assert release_files.list_years() == []
