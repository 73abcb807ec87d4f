"""Pages of the regions: what the releases hold about each, and nothing else."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.test import Client

from kerege.publishing.site_check.judge import judge_page
from kerege.publishing.site_check.signed_table import SignedTable, read_table
from kerege.vocabulary.region_tiles import read_tiles
from tests.publishing import made

pytestmark = pytest.mark.django_db
ALMATY, MANGYSTAU, PAVLODAR = "75", "47", "55"


def page_of(region: str, lang: str = "en") -> str:
    """Return the page of a region."""
    return Client(HTTP_HOST="localhost").get(f"/{lang}/p/{region}/", secure=True).content.decode()


def signed(folder: Path) -> dict[str, SignedTable]:
    """Return the signed tables of a release by name."""
    return {path.stem: read_table(path.read_bytes()) for path in (folder / "tables").glob("*.csv")}


def test_a_region_shows_its_numbers_by_year_with_their_signed_cells(house: Path) -> None:
    tables = signed(made.make(house))
    page = page_of(ALMATY)
    cells = dict(re.findall(r'<data value="([\d.]+)" data-cell="([^"]+)"', page))
    assert cells == {
        "430": "state_region/75",
        "1002": "contacts_by_region/2024/75",
        "640": "contacts_by_region/2025/75",
    }
    assert judge_page(page, tables).faults == []


def test_a_withheld_region_has_a_word_and_a_region_without_a_row_no_number(house: Path) -> None:
    made.make(house)
    assert "withheld" in page_of(MANGYSTAU)
    for page in (page_of(MANGYSTAU), page_of(PAVLODAR)):
        assert "data-cell" not in page


def test_a_table_that_an_unsigned_release_may_hold_newer_is_not_shown(house: Path) -> None:
    made.make(house)
    folder = made.make(house, name="annual-2026", period="2026", created="2026-07-29T09:00:00Z")
    (folder / "manifest.sig").write_text("broken")
    assert "data-cell" not in page_of(ALMATY)


def test_the_map_draws_every_region_in_each_language(house: Path) -> None:
    made.make(house)
    for lang in ("kk", "ru", "en"):
        page = Client(HTTP_HOST="localhost").get(f"/{lang}/f/state-regions/", secure=True).content.decode()
        wide = page.partition("<svg")[2].partition("</svg>")[0]
        assert wide.count("<title>") == len(read_tiles()), lang
