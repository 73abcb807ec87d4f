"""Corrections, feed and calendar on the site."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from django.test import Client
from django.utils import timezone

from kerege.core.accounts.models import User
from kerege.publishing.releases.calendar_models import AnnouncedRelease
from kerege.publishing.releases.models import Release
from tests.publishing import made
from tests.publishing.site.files.test_atom import ATOM
from tests.publishing.site.files.test_figure_views import REASON, replace_manifest, row

pytestmark = pytest.mark.django_db
NOTE = {"kk": "Қате түзетілді", "ru": "Исправлена ошибка", "en": "An error was mended"}
CORRECTED = {"origin": {("UZ",): 950, ("KG",): None}}


def text_of(path: str) -> str:
    """Return the text of a public page."""
    return Client(HTTP_HOST="localhost").get(path, secure=True).content.decode()


def correct(house: Path) -> None:
    """Publish a release and its correction, which withholds a number that was published."""
    made.make(house)
    folder = made.make(house, name="annual-2025-2", changes=CORRECTED, created="2025-08-29T09:00:00Z")
    replace_manifest(folder, revision_of="annual-2025", revision_note=NOTE)


def test_a_correction_keeps_the_old_page_with_a_link_to_the_new_one(house: Path) -> None:
    correct(house)
    for path in ("/en/r/annual-2025/", "/en/f/origin/annual-2025/", "/en/f/origin/annual-2025.csv"):
        answer = Client(HTTP_HOST="localhost").get(path, secure=True)
        assert answer.status_code == 200
        assert 'rel="successor-version"' in answer["Link"], path
        assert "annual-2025-2" in answer["Link"], path
    assert "Corrected since" in text_of("/en/embed/origin/annual-2025/")
    assert b"950" in Client(HTTP_HOST="localhost").get("/en/f/origin.csv", secure=True).content


def test_the_page_of_corrections_says_what_changed_and_repeats_no_number_that_is_withheld_now(house: Path) -> None:
    correct(house)
    page = text_of("/en/corrections/")
    assert NOTE["en"] in page
    assert "944" in page
    assert "950" in page
    assert "<td>72</td>" not in page  # KG, published before and withheld by the correction
    for lang in ("kk", "ru"):
        assert NOTE[lang] in text_of(f"/{lang}/corrections/")


def entries_of(path: str) -> dict[str, ElementTree.Element]:
    tree = ElementTree.fromstring(text_of(path))
    return {entry.findtext(f"{ATOM}id", ""): entry for entry in tree.findall(f"{ATOM}entry")}


@pytest.mark.parametrize(("lang", "word"), [("kk", "Бағалау бойынша"), ("ru", "По оценке"), ("en", "Estimated")])
def test_an_estimate_in_the_feed_is_called_one_with_range_period_and_condition(
    lang: str, word: str, house: Path
) -> None:
    made.make(house, estimate=made.estimated())
    [entry] = entries_of(f"/{lang}/feed.xml").values()
    summary = (entry.findtext(f"{ATOM}summary") or "").replace("\xa0", " ")
    assert word in summary
    for part in ("2021–2025", "2,200" if lang == "en" else "2 200", "3,100" if lang == "en" else "3 100"):
        assert part in summary
    assert made.estimated()["assumptions"][lang] in summary


def test_a_withdrawn_entry_keeps_its_id_and_loses_its_numbers(house: Path) -> None:
    made.make(house, estimate=made.estimated())
    release: Release = row("annual-2025", state="published", published_at=timezone.now())
    [before] = entries_of("/en/feed.xml")
    release.state, release.withdrawn_at, release.withdrawn_reason = "withdrawn", timezone.now(), REASON
    release.save()
    [(after, entry)] = entries_of("/en/feed.xml").items()
    assert after == before
    assert REASON["en"] in (entry.findtext(f"{ATOM}summary") or "")
    text = ElementTree.tostring(entry, encoding="unicode")
    assert "2,200" not in text
    assert REASON["en"] in text_of("/en/corrections/")


def announced(**fields: Any) -> AnnouncedRelease:
    """Return a row of the calendar."""
    at = timezone.now() + timedelta(days=20)
    title = {"kk": "Жылдық", "ru": "Годовой", "en": "Annual"}
    plain = {"title": title, "period": "2026", "at": at, "month": timezone.localtime(at).date().replace(day=1)}
    user = User.objects.create(username="coordinator")
    return AnnouncedRelease.objects.create(**plain | fields, announced_by=user)


def test_the_calendar_shows_the_minute_with_its_zone_the_moved_date_and_who_sees_it_early(house: Path) -> None:
    moved = {"month": "2026-01", "at": None, "why": NOTE, "moved_at": timezone.now().isoformat()}
    announced(moves=[moved], early_sight=[{"name": "Minister", "hours": 24}])
    page = text_of("/en/r/calendar/")
    for words in ("(UTC+5)", "January 2026", NOTE["en"], "Minister: 24 hours before"):
        assert words in page
    assert "DTSTART;TZID=Asia/Almaty:" in text_of("/en/r/calendar.ics")
    [entry] = [entry for key, entry in entries_of("/ru/feed.xml").items() if "calendar/" in key]
    assert NOTE["ru"] in (entry.findtext(f"{ATOM}summary") or "")
