"""Pages of the report: proved sentences, a heading that is the news, old addresses that lead on."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
from django.test import Client

from kerege.evidence.release.manifest import Manifest
from kerege.publishing.report.chapters import CHAPTERS
from kerege.publishing.report.document import compose
from kerege.publishing.report.formats.press import compose_press_release
from kerege.publishing.site import site_frame
from kerege.publishing.site.publisher import get_publisher
from kerege.publishing.site_check.declared_words import declare
from kerege.publishing.site_check.judge import judge_page
from kerege.publishing.site_check.page_tree import read_page
from kerege.publishing.site_check.signed_estimate import read_estimate
from kerege.publishing.site_check.signed_table import SignedTable, read_table
from kerege.publishing.storage import release_files
from kerege.publishing.storage.year_releases import YearReleases
from kerege.vocabulary import profile
from tests.publishing import made

pytestmark = pytest.mark.django_db
LANGUAGES = ("kk", "ru", "en")
PAGES = ("", *(f"{chapter}/" for chapter, _ in CHAPTERS), "all/", "press/", "article/")


@pytest.fixture
def visitor() -> Client:
    """Return the browser of a visitor without sign-in."""
    return Client(HTTP_HOST="localhost")


def get(visitor: Client, path: str) -> str:
    """Return a public page."""
    response = visitor.get(path, secure=True)
    assert response.status_code == 200, path
    return response.content.decode()


def signed_tables(release: Path) -> dict[str, SignedTable]:
    """Return the tables of a release as the judge reads them."""
    return {
        path.stem: read_table(path.read_bytes(), None, ["service_kinds"]) for path in (release / "tables").glob("*.csv")
    }


def read_manifest(release: Path) -> Manifest:
    """Return the manifest of a release."""
    return Manifest.model_validate_json((release / "manifest.json").read_bytes())


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_claim_and_number_of_every_page_is_true(house: Path, visitor: Client, lang: str) -> None:
    release = made.make(house, estimate=made.estimated())
    tables = signed_tables(release) | {"detected": read_table(b"count,status\n1343,ok\n")}
    estimates = {"undetected": read_estimate((release / "estimates" / "undetected.json").read_bytes())}
    declared = declare([read_manifest(release)])
    claims, numbers = 0, 0
    for page in PAGES:
        judgement = judge_page(get(visitor, f"/{lang}/report/2025/{page}"), tables, estimates, declared)
        assert judgement.faults == [], page
        claims, numbers = claims + judgement.claims, numbers + judgement.numbers
    assert claims > 100
    assert numbers > 500


def test_the_number_of_a_sentence_of_the_article_is_taken_for_no_figure(house: Path, visitor: Client) -> None:
    release = made.make(house, changes={"origin": {("UZ",): 777}})
    page = get(visitor, "/en/report/2025/article/")
    assert 'href="#sentence-11">11.</a> Uzbekistan: <data value="777"' in page
    assert judge_page(page, signed_tables(release), {}, declare([read_manifest(release)])).faults == []


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_heading_of_the_front_and_of_the_press_release_is_the_news(house: Path, visitor: Client, lang: str) -> None:
    made.make(house)
    front, press = (get(visitor, f"/{lang}/report/2025/{page}") for page in ("", "press/"))
    heading = re.compile(r"<h1[^>]*data-claim=.diff.[^>]*>.*?</h1>", re.DOTALL)
    assert heading.findall(front) == heading.findall(press)
    assert len(heading.findall(front)) == 1
    assert 'data-cell="state_assisted_by_year/2024"' in heading.findall(front)[0]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_page_needs_no_script_and_names_the_hotline_and_the_exit(house: Path, visitor: Client, lang: str) -> None:
    made.make(house)
    for page in PAGES:
        text = get(visitor, f"/{lang}/report/2025/{page}")
        assert profile.active().hotline.number in text
        assert 'class="exit"' in text
        assert " style=" not in text
        assert "<h1" in text


def test_a_chapter_has_at_most_five_figures(house: Path, visitor: Client) -> None:
    made.make(house, estimate=made.estimated())
    for chapter, _ in CHAPTERS:
        assert 1 <= get(visitor, f"/en/report/2025/{chapter}/").count("<figure ") <= 5


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("2025/", "report/2025/"),
        ("2025/article/", "report/2025/article/"),
        ("2025/press-release/", "report/2025/press/"),
        ("2025/report.pdf", "report/2025/report.pdf"),
        ("2025/press-release.docx", "report/2025/press-release.docx"),
        ("2025/data/origin.csv", "report/2025/data/origin.csv"),
        ("2025/charts/origin.svg", "report/2025/charts/origin.svg"),
        ("2025/figures/origin/", "f/origin/annual-2025/"),
    ],
)
def test_an_old_address_leads_to_the_new_one(house: Path, visitor: Client, old: str, new: str) -> None:
    made.make(house)
    response = visitor.get(f"/kk/{old}", secure=True)
    assert (response.status_code, response["Location"]) == (301, f"/kk/{new}")


def test_downloads_are_the_signed_bytes(house: Path, visitor: Client) -> None:
    made.make(house)
    table = visitor.get("/en/report/2025/data/origin.csv", secure=True)
    assert table.content == made.to_csv(["origin"], made.tables()["origin"][3])
    assert "invented-data" in table["Content-Disposition"]
    assert visitor.get("/ru/report/2025/charts/origin.svg", secure=True)["Content-Type"] == "image/svg+xml"
    assert visitor.get("/kk/report/2025/press-release.docx", secure=True).content.startswith(b"PK")


@pytest.mark.parametrize("path", ["2024/", "2025/nothing/", "2025/data/nothing.csv", "2025/charts/nothing.svg"])
def test_unpublished_addresses_are_not_found(house: Path, visitor: Client, path: str) -> None:
    made.make(house)
    assert visitor.get(f"/en/report/{path}", secure=True).status_code == 404
    assert visitor.get("/en/2024/", secure=True).status_code == 404


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_press_release_has_at_most_250_words(house: Path, lang: str) -> None:
    made.make(house, estimate=made.estimated())
    doc = compose(YearReleases(2025, release_files.releases_of_year(2025)), lang)
    release = compose_press_release(doc, embargo="30 July, 10:00, Asia/Almaty")
    assert 60 < release.words <= 250
    assert "10:00" in release.status


@pytest.mark.parametrize("lang", LANGUAGES)
def test_search_engines_read_the_news_that_the_heading_states(house: Path, visitor: Client, lang: str) -> None:
    made.make(house)
    page = get(visitor, f"/{lang}/report/2025/")
    block = json.loads(page.partition('<script type="application/ld+json">')[2].partition("</script>")[0])
    heading = read_page(page.partition("<h1")[2].partition("</h1>")[0].partition(">")[2]).text
    assert " ".join(block["headline"].split()) == heading
    assert block["@type"] == "Report"
    assert {"name", "url", "license", "publisher", "datePublished", "spatialCoverage", "isBasedOn"} <= block.keys()
    for part in (*block["hasPart"], *block["isBasedOn"]):
        get(visitor, part["url"].partition("localhost")[2])


def test_releases_and_reports_name_the_contact_of_the_profile_and_else_the_way_to_ask(
    house: Path, visitor: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    made.make(house)
    pages = ("/en/r/annual-2025/", "/en/report/2025/", "/en/report/2025/press/", "/en/report/2025/help/")
    for page in pages:
        assert 'href="/en/method/#contact"' in get(visitor, page), page
    named = replace(get_publisher("en"), contact="press@stat.example.kz")
    monkeypatch.setattr(site_frame, "get_publisher", lambda lang: named)
    for page in pages:
        assert "mailto:press@stat.example.kz" in get(visitor, page), page
