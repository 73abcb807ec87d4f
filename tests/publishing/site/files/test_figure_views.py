"""Files of the indicators on the site: types, open headers, cache, and the state of a release."""

from __future__ import annotations

import hashlib
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from kerege.core.accounts.models import User
from kerege.publishing.releases import public_clock
from kerege.publishing.releases.models import Release
from kerege.publishing.site.files.figure_bundle import WRITERS
from kerege.publishing.site_check.declared_words import declare
from kerege.publishing.site_check.judge import judge_page
from tests.publishing import made
from tests.publishing.site.test_report_views import read_manifest, signed_tables

pytestmark = pytest.mark.django_db
REASON = {"kk": "Кестеде қате бар", "ru": "В таблице ошибка", "en": "A table had an error"}
TITLE = {"kk": "Шығарылым", "ru": "Выпуск", "en": "Release"}
MOMENT = timezone.now()


def ask(path: str, **headers: str) -> Any:
    """Return the answer of a public address."""
    return Client(HTTP_HOST="localhost").get(path, secure=True, **headers)


def row(name: str, **fields: Any) -> Release:
    """Return the row of a release; another person approved it."""
    number = User.objects.count()
    preparer, approver = (User.objects.create(username=f"{role}-{number}") for role in ("preparer", "approver"))
    return Release.objects.create(
        title="Release",
        spec={"title": TITLE},
        period="2025",
        directory=name,
        manifest_sha256="0" * 64,
        prepared_by=preparer,
        approved_by=approver,
        approved_at=MOMENT,
        **fields,
    )


def test_every_file_is_open_to_other_sites_and_is_asked_for_again_after_five_minutes(house: Path) -> None:
    made.make(house)
    for suffix, writer in WRITERS.items():
        answer = ask(f"/en/f/origin{suffix}")
        assert (answer.status_code, answer["Content-Type"]) == (200, writer.kind), suffix
        assert answer["Access-Control-Allow-Origin"] == "*"
        assert answer["Cross-Origin-Resource-Policy"] == "cross-origin"
        assert answer["Cache-Control"] == "max-age=300, must-revalidate"
    again = ask("/en/f/origin.csv", HTTP_IF_NONE_MATCH=ask("/en/f/origin.csv")["ETag"])
    assert (again.status_code, again.content) == (304, b"")


def test_a_pinned_picture_has_the_same_bytes_before_and_after_a_later_release(house: Path) -> None:
    made.make(house)
    addresses = ["/en/f/helped-by-year/annual-2025.svg", "/en/f/helped-by-year/annual-2025.csv"]
    before = [ask(address).content for address in addresses]
    later = {"state_assisted_by_year": {("2025",): 175, ("_T",): 978}}
    made.make(house, name="annual-2026", period="2026", changes=later, created="2026-07-29T09:00:00Z")
    assert [ask(address).content for address in addresses] == before
    assert ask("/en/f/helped-by-year.csv").content != before[1]


def test_numbers_of_a_framed_picture_are_proved_as_on_its_page(house: Path) -> None:
    out = made.make(house)
    for path in ("/en/embed/helped-by-year/", "/kk/embed/helped-by-year/annual-2025/"):
        text = ask(path).content.decode()
        judgement = judge_page(text, signed_tables(out), None, declare([read_manifest(out)]))
        assert (judgement.claims, judgement.faults) == (1, []), path
        assert judgement.numbers >= 2, path


def test_files_picture_embed_and_api_of_a_withdrawn_release_are_gone_with_its_reason(house: Path) -> None:
    made.make(house)
    row("annual-2025", state="withdrawn", published_at=MOMENT, withdrawn_at=MOMENT, withdrawn_reason=REASON)
    pinned = [f"/ru/f/origin/annual-2025{suffix}" for suffix in WRITERS]
    others = ["/ru/embed/origin/annual-2025/", "/ru/r/annual-2025/", "/ru/r/annual-2025/tables/origin.csv"]
    others += ["/ru/r/annual-2025/release.zip", "/api/v1/releases/annual-2025.json"]
    for path in [*pinned, *others]:
        answer = ask(path)
        assert answer.status_code == 410, path
        text = answer.content.decode()
        assert REASON["ru"] in text, path
        assert "944" not in text, path
    assert ask("/ru/r/annual-2025.datacite.json").status_code == 410
    for path in ("/ru/f/origin.csv", "/api/v1/indicators/origin.json"):
        assert ask(path).status_code == 404, path


def test_nothing_of_a_release_under_embargo_is_in_any_file_until_its_minute(house: Path) -> None:
    made.make(house)
    row("annual-2025", state="approved", embargo_at=MOMENT)
    paths = ["/api/v1/index.json", "/api/v1/changes.json", "/en/feed.xml", "/en/data/", "/en/corrections/"]
    with public_clock.fixed_at(MOMENT - timedelta(seconds=1)):
        for path in paths:
            text = ask(path).content.decode()
            assert not any(words in text for words in ("annual-2025", "Release of 2025", "944")), path
        assert ask("/en/f/origin.csv").status_code == 404
        assert ask("/api/v1/releases/annual-2025.json").status_code == 404
    with public_clock.fixed_at(MOMENT):
        for path in ["/api/v1/index.json", "/api/v1/changes.json", "/en/feed.xml", "/en/data/"]:
            assert "annual-2025" in ask(path).content.decode(), path
        assert ask("/en/f/origin.csv").status_code == 200


def test_a_table_that_lost_a_year_shows_no_older_number_in_any_file(house: Path) -> None:
    years = {("2021",): 172, ("2022",): 181, ("2023",): 203, ("2024",): 247, ("2025",): 171}
    made.make(house, name="annual-2024", period="2024", created="2024-07-29T09:00:00Z")
    folder = made.make(house)
    shorter = {keys: count for keys, count in years.items() if keys != ("2021",)}
    replace_table(folder, "state_assisted_by_year", shorter | {("_T",): 802})
    assert b"2021,state" in ask("/en/f/helped-by-year/annual-2024.csv").content
    assert b"2021,state,Paid by the state,172" not in ask("/en/f/helped-by-year.csv").content


def replace_table(folder: Path, name: str, cells: dict[Any, Any]) -> None:
    """Write another table into a release and sign it again."""

    content = made.to_csv(["year"], cells)
    (folder / f"tables/{name}.csv").write_bytes(content)
    manifest = json.loads((folder / "manifest.json").read_bytes())
    [entry] = [entry for entry in manifest["tables"] if entry["name"] == name]
    entry["sha256"] = hashlib.sha256(content).hexdigest()
    made.sign(folder, manifest)


def replace_manifest(folder: Path, **changes: Any) -> None:
    """Change the manifest of a release and sign it again."""
    manifest = json.loads((folder / "manifest.json").read_bytes())
    made.sign(folder, manifest | changes)
