"""Numbers that cannot be shown: each address says why in one sentence, and shows no older number."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from django.test import Client

from kerege.evidence.release.manifest import as_bytes, hash_content
from kerege.vocabulary.kept_labels import KeptLabels
from tests.publishing import made

pytestmark = pytest.mark.django_db
OLDER = {"origin": {("UZ",): 777}, "assisted_by_year": {("2012",): 888}}
BROKEN = {
    "en": "The signature of annual-2025 does not hold. Numbers that it may replace are not shown.",
    "ru": "Подпись выпуска annual-2025 не сходится. Числа, которые он может заменить, не показаны.",
    "kk": "annual-2025 шығарылымының қолтаңбасы сәйкес емес. Ол алмастыруы мүмкін сандар көрсетілмейді.",
}
DIFFER = "Release of 2025 and Release of 2024 count different things under this name"


@pytest.fixture
def newest(house: Path) -> Path:
    """Return the newest of two releases; the older one has other numbers."""
    made.make(house, name="annual-2024", period="2024", created="2024-07-29T09:00:00Z", changes=OLDER)
    return made.make(house)


def answer(path: str) -> tuple[int, str]:
    """Return status and text of a public address."""
    response = Client(HTTP_HOST="localhost").get(path, secure=True)
    return response.status_code, b"".join(response).decode()


@pytest.mark.parametrize("lang", BROKEN)
def test_every_address_of_a_release_with_a_broken_signature_says_so(newest: Path, lang: str) -> None:
    table = newest / "tables/origin.csv"
    table.write_bytes(table.read_bytes().replace(b"944", b"945"))
    paths = ["f/origin/by/UZ/", "f/origin.csv", "f/origin/annual-2025/", "f/origin/annual-2025.ods", "r/annual-2025/"]
    paths += ["r/annual-2025/manifest.json", "r/annual-2025.bib", "report/2025/", "report/2025/all/"]
    paths += ["report/2025/report.pdf", "embed/origin/", "embed/origin/annual-2025/"]
    for path in paths:
        status, text = answer(f"/{lang}/{path}")
        assert status == 503, path
        assert BROKEN[lang] in text, path
        assert not any(number in text for number in ("777", "944", "945")), path
    assert BROKEN["kk"] in answer("/api/v1/indicators/origin.json")[1]
    for path in ("", "f/origin/", "r/"):
        status, text = answer(f"/{lang}/{path}")
        assert (status, BROKEN[lang] in text) == (200, True), path
    assert 'href="/en/report/2025/"' in answer("/en/")[1]


def keep_labels(release: Path) -> Path:
    """Give a release a signed file of labels; return the file."""
    labels = release / "labels.json"
    kept = KeptLabels(format="kerege-labels/1", units={}, columns={}, lists={"country": {"UZ": {"en": "Own label"}}})
    labels.write_bytes(as_bytes(kept.tree))
    manifest = json.loads((release / "manifest.json").read_text())
    made.sign(release, manifest | {"labels": {"file": labels.name, "sha256": hash_content(labels.read_bytes())}})
    return labels


def test_changed_labels_hide_the_numbers_of_a_release(newest: Path) -> None:
    labels = keep_labels(newest)
    labels.write_bytes(labels.read_bytes().replace(b"Own", b"Bad"))
    for path in ("f/origin/annual-2025/", "f/origin.csv", "r/annual-2025/", "report/2025/"):
        status, text = answer(f"/en/{path}")
        assert (status, BROKEN["en"] in text, "944" in text) == (503, True, False), path
    assert "Bad label" not in answer("/en/f/origin/")[1]


def test_labels_that_change_after_the_first_reader_are_never_shown(newest: Path) -> None:
    labels = keep_labels(newest)
    assert "Own label" in answer("/en/f/origin/")[1]
    labels.write_bytes(labels.read_bytes().replace(b"Own", b"Bad"))
    assert "Bad label" not in answer("/en/f/origin/")[1]


def test_a_manifest_that_cannot_be_read_hides_every_report_and_no_page_fails(newest: Path) -> None:
    (newest / "manifest.json").write_text("{")
    for path in ("/en/report/2024/", "/en/report/2025/", "/en/f/origin.csv", "/en/r/annual-2025/"):
        status, text = answer(path)
        assert (status, BROKEN["en"] in text) == (503, True), path
    for path in ("/en/", "/en/f/", "/en/f/origin/", "/en/p/", "/en/r/", "/en/t/help/"):
        status, text = answer(path)
        assert (status, "777" in text) == (200, False), path
    assert answer("/en/report/")[0] == 302


def test_two_definitions_of_one_series_are_named_wherever_its_numbers_were(newest: Path) -> None:
    years = made.tables()["assisted_by_year"][3]
    made.replace_table(newest, "assisted_by_year", ["year"], {key: n for key, n in years.items() if key != ("2012",)})
    manifest = json.loads((newest / "manifest.json").read_text())
    entry = next(entry for entry in manifest["tables"] if entry["name"] == "assisted_by_year")
    entry["where"] = {"programme": ["iom"], "sex": ["female"]}
    made.sign(newest, manifest)
    for path, expected in (
        *(("/en/", 200), ("/en/f/helped-by-year/", 200), ("/en/t/help/", 200), ("/en/f/helped-by-year.csv", 503)),
        ("/en/embed/helped-by-year/", 503),
    ):
        status, text = answer(path)
        assert (status, DIFFER in text) == (expected, True), path
        assert "888" not in text, path


def test_a_lost_year_keeps_its_empty_place_in_table_and_files(newest: Path) -> None:
    years = made.tables()["assisted_by_year"][3]
    made.replace_table(newest, "assisted_by_year", ["year"], {key: n for key, n in years.items() if key != ("2012",)})
    text = answer("/en/f/helped-by-year/")[1]
    assert 'id="v-2012-iom">–<' in text
    assert "888" not in text
    rows = answer("/en/f/helped-by-year.csv")[1].splitlines()
    assert [row.split(",")[3:7] for row in rows if row.startswith("2012,iom")] == [["", "", "", "absent"]]
