"""An export is refused for two definitions of a series, and names the periods that a table lost."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kerege.base.errors import Refused
from kerege.publishing.export_site.build import export
from kerege.publishing.export_site.series_gaps import list_lost_periods
from tests.publishing import made
from tests.publishing.export_site.conftest import BASE, LEFT_OUT, MOMENT

pytestmark = pytest.mark.django_db
TABLE = "state_assisted_by_year"


def make_two(home: Path) -> Path:
    """Make two releases, and return the newer one, whose table lacks the year 2021."""
    made.make(home, name="annual-2024", period="2024", created="2024-07-29T09:00:00Z", leave_out=LEFT_OUT)
    newer = made.make(home, leave_out=LEFT_OUT)
    years = made.tables()[TABLE][3]
    made.replace_table(newer, TABLE, ["year"], {key: count for key, count in years.items() if key != ("2021",)})
    return newer


def test_a_lost_year_is_named_with_its_indicator_and_release(house: Path) -> None:
    make_two(house)
    assert list_lost_periods(MOMENT) == [
        "helped-by-year: Release of 2025 no longer holds these periods: 2021. Older numbers are not shown."
    ]


def test_two_definitions_without_a_break_stop_the_export_and_nothing_is_written(house: Path, tmp_path: Path) -> None:
    newer = make_two(house)
    manifest = json.loads((newer / "manifest.json").read_text())
    next(entry for entry in manifest["tables"] if entry["name"] == TABLE)["where"] = {"programme": ["iom"]}
    made.sign(newer, manifest)
    with pytest.raises(
        Refused, match="annual-2025 and annual-2024 define the table state_assisted_by_year differently"
    ):
        export(tmp_path / "out", MOMENT, BASE, ("en",))
    assert not [path for path in tmp_path.iterdir() if "out" in path.name]
