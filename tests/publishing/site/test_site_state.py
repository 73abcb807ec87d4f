"""State of the site: kept while the releases are the same, new at once when one of them changes."""

from __future__ import annotations

import json
import os
import shutil
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from django.test import Client
from django.utils import timezone

from kerege.base.files import file_hash
from kerege.publishing.releases import public_clock
from kerege.publishing.releases.models import Release
from kerege.publishing.site import site_state
from kerege.vocabulary import corrections
from kerege.vocabulary.confirmations import digest_of
from kerege.vocabulary.corrections import Correction
from kerege.vocabulary.profile import active
from tests.publishing import made
from tests.publishing.site.files.test_figure_views import REASON, replace_manifest, row

pytestmark = pytest.mark.django_db
LANGUAGES = ("kk", "ru", "en")
MINUTE = datetime(2026, 7, 30, 5, 0, tzinfo=UTC)


def answer(path: str) -> tuple[int, str]:
    """Return status and text of a public page."""
    response = Client(HTTP_HOST="localhost").get(path, secure=True)
    return response.status_code, response.content.decode()


def test_the_releases_are_read_once_while_nothing_changes(house: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made.make(house)
    read = []
    monkeypatch.setattr(site_state, "state_at", lambda moment, real=site_state.state_at: read.append(1) or real(moment))
    pages = [answer("/en/f/origin/")[1] for _ in range(3)]
    assert len(read) == 1
    assert len(set(pages)) == 1


def test_a_withdrawn_number_is_gone_from_the_next_answer(house: Path) -> None:
    made.make(house)
    published: Release = row("annual-2025", state="published", published_at=timezone.now())
    assert "944" in answer("/en/f/origin/")[1]
    published.state, published.withdrawn_at, published.withdrawn_reason = "withdrawn", timezone.now(), REASON
    published.save()
    for path in ("/en/f/origin/", "/en/", "/en/f/", "/en/f/origin/by/UZ/", "/api/v1/indicators/origin.json"):
        assert "944" not in answer(path)[1], path
    assert answer("/en/f/origin/annual-2025/")[0] == 410


def test_a_release_appears_at_its_minute_and_not_one_second_before(house: Path) -> None:
    folder = made.make(house)
    replace_manifest(folder, embargo=MINUTE.isoformat())
    for moment, is_public in ((MINUTE - timedelta(seconds=1), False), (MINUTE, True)) * 2:
        with public_clock.fixed_at(moment):
            assert ("944" in answer("/en/f/origin/")[1]) is is_public


def test_a_broken_signature_hides_the_numbers_of_the_next_answer(house: Path) -> None:
    folder = made.make(house)
    assert "944" in answer("/en/f/origin/")[1]
    manifest = folder / "manifest.json"
    manifest.write_text(manifest.read_text().replace("annual", "Annual").replace("Release of", "Release off"))
    os.utime(manifest, ns=(1, 1))
    assert "944" not in answer("/en/f/origin/")[1]


@pytest.mark.parametrize("kept", ["nothing", "files without a manifest"])
def test_a_lost_folder_hides_the_numbers_of_older_releases_too(house: Path, kept: str) -> None:
    made.make(house, name="annual-2024", period="2024", created="2024-07-29T09:00:00Z")
    newer = made.make(house)
    row(newer.name, state="published", published_at=MINUTE)
    assert answer("/en/f/origin/")[0] == 200
    if kept == "nothing":
        shutil.rmtree(newer)
    else:
        (newer / "manifest.json").unlink()
    for path in ("/en/", "/en/f/origin/", "/en/report/2025/"):
        assert "944" not in answer(path)[1], path
    assert newer.name in answer("/en/f/origin/")[1]


def test_a_corrected_hotline_number_is_on_the_next_report_and_page(house: Path) -> None:
    made.make(house)
    page = answer("/en/report/2025/")[1]
    hotline = active().hotline
    assert hotline.number in page
    values = corrections.values_of(hotline) | {"number": "116 000", "hours": dict.fromkeys(LANGUAGES, "on workdays")}
    corrections.write([Correction("hotline", digest_of(hotline), json.dumps(values), "letter", date(2026, 1, 1))])
    page = answer("/en/report/2025/")[1]
    assert "116 000" in page
    assert "on workdays" in page
    assert hotline.number not in page
    assert "on workdays" in answer("/en/f/origin/")[1]


def test_a_printed_page_names_its_address_and_the_hash_of_the_release_that_it_states(house: Path) -> None:
    older = made.make(house, name="annual-2024", period="2024", created="2024-07-29T09:00:00Z")
    newer = made.make(house)
    for path, folder in (
        ("/en/f/origin/", newer),
        ("/en/f/origin/annual-2024/", older),
        ("/en/r/annual-2024/", older),
        ("/en/report/2024/", older),
        ("/en/method/", newer),
    ):
        foot = answer(path)[1].partition('<p class="printed">')[2].partition("</p>")[0]
        assert foot == f"https://localhost{path} · {folder.name}, sha256:{file_hash(folder / 'manifest.json')}", path
