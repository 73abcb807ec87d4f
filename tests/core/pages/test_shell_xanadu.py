"""A country without a word of ours works: every page opens, from right to left in Persian.

Xanadu is invented: Tajik, Persian and English, a weekend on Friday and Saturday, a currency without decimals, a time
zone with a half hour, two regions, one offence.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from kerege.vocabulary import codes, languages, self_check
from kerege.vocabulary.pack import using
from kerege.vocabulary.pack.pack import read_pack
from kerege.vocabulary.profile import active
from tests.conftest import ROOT

FOLDER = ROOT / "tests" / "packs" / "xanadu"
XANADU = read_pack(FOLDER, "folder")
RIGHT_TO_LEFT = re.compile(r'lang="fa" dir="rtl"')
ASKS_FOR_MORE = {302, 301, 404, 405}  # what a small world has not, and pages that answer a sent form


def test_the_pack_of_xanadu_is_valid() -> None:
    with using(XANADU):
        assert self_check.validate() == []
        assert languages.offered() == ("tg", "fa", "en")
        assert [codes.label("region", "XX-N", tag) for tag in languages.offered()] == [
            "Вилояти Шимол",
            "استان شمال",
            "Northern Region",
        ]
        assert codes.label("sex", "female", "fa") == codes.label("sex", "female", "en")


def test_a_clock_of_xanadu_runs_over_sunday_and_stops_on_friday() -> None:
    with using(XANADU):
        profile = active()
    thursday = date(2026, 11, 26)
    assert profile.due("signal_triage", thursday) == date(2026, 11, 29)  # Sunday
    assert profile.due("referral_answer", thursday) == date(2026, 12, 1)
    zone = ZoneInfo(profile.time_zone)
    assert datetime(2026, 11, 29, 19, 45, tzinfo=UTC).astimezone(zone).date() == date(2026, 11, 30)


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory, empty_home: Path) -> dict[str, dict[str, dict[str, object]]]:
    """Return what a process of its own saw of every page, in two languages."""
    home = Path(shutil.copytree(empty_home, tmp_path_factory.mktemp("xanadu") / "home"))
    environment = {name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "KEREGE_COUNTRY"}}
    environment |= {"KEREGE_HOME": str(home), "KEREGE_DEMO": "1", "KEREGE_PACK": str(FOLDER)}
    crawl = [sys.executable, "-m", "tests.packs.crawl", "fa"]
    done = subprocess.run(crawl, env=environment, cwd=ROOT, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-3000:]
    pages: dict[str, dict[str, dict[str, object]]] = json.loads(done.stdout)
    return pages


def test_no_page_fails_and_most_of_them_open(seen: dict[str, dict[str, dict[str, object]]]) -> None:
    pages = seen["fa"]
    right = {200, *ASKS_FOR_MORE}
    # the release of the register has no folder: the pages about its numbers say so
    missing = {name for name, page in pages.items() if page["status"] == 503 and name.startswith("public:")}
    failed = {name: page for name, page in pages.items() if page["status"] not in right and name not in missing}
    assert failed == {}
    assert sum(page["status"] == 200 for page in pages.values()) > 200


def test_every_page_in_persian_is_written_from_right_to_left(seen: dict[str, dict[str, dict[str, object]]]) -> None:
    starts = {name: str(page["html"]) for name, page in seen["fa"].items() if page.get("html")}
    assert len(starts) > 200
    assert [name for name, start in starts.items() if not RIGHT_TO_LEFT.search(start)] == []
