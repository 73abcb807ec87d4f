"""Additions to the page of an indicator: data block, shared picture, and two lines to embed it."""

from __future__ import annotations

import json
import re
from html import unescape
from pathlib import Path

import pytest
from django.test import Client

from tests.publishing import made

pytestmark = pytest.mark.django_db


def page_of(path: str) -> str:
    """Return the text of a public page."""
    return Client(HTTP_HOST="localhost").get(path, secure=True).content.decode()


def test_the_page_has_its_dataset_its_shared_picture_and_two_lines_to_embed_it(house: Path) -> None:
    made.make(house)
    page = page_of("/en/f/origin/")
    [block] = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page)
    tree = json.loads(block)
    assert (tree["@type"], tree["version"]) == ("Dataset", "annual-2025")
    assert {part["contentUrl"].rpartition(".")[2] for part in tree["distribution"]} == {"csv", "ods", "json"}
    assert 'property="og:image" content="https://localhost/en/f/origin.png"' in page
    assert '<a href="/en/f/origin.png" download>' in page
    frames = re.findall(r'<iframe src="https://localhost(/[^"]*)"', unescape(page))
    assert frames == ["/en/embed/origin/annual-2025/", "/en/embed/origin/"]


def test_an_embed_is_small_runs_no_script_and_may_be_framed(house: Path) -> None:
    made.make(house)
    for path in ("/kk/embed/origin/", "/kk/embed/origin/annual-2025/"):
        answer = Client(HTTP_HOST="localhost").get(path, secure=True)
        assert len(answer.content) <= 25_000
        assert "<script" not in answer.content.decode()
        assert "frame-ancestors *" in answer["Content-Security-Policy"]
        assert "script-src 'none'" in answer["Content-Security-Policy"]
        assert "X-Frame-Options" not in answer
        assert answer["Cross-Origin-Resource-Policy"] == "cross-origin"


def test_home_and_report_are_shared_with_their_news_a_picture_and_the_whole_estimate(house: Path) -> None:
    made.make(house, estimate=made.estimated())
    for path, picture in (("", "f/helped-by-year.png"), ("report/2025/", "f/helped-by-year/annual-2025.png")):
        page = page_of(f"/kk/{path}")
        meta = dict(re.findall(r'<meta property="og:([\w:]+)" content="([^"]*)">', page))
        [heading] = re.findall(r"<h1[^>]*>(.*?)</h1>", page, re.S)
        assert meta["title"] == re.sub(r"<[^>]*>", "", heading).strip()
        assert meta["image"] == f"https://localhost/kk/{picture}"
        answer = Client(HTTP_HOST="localhost").get(f"/kk/{picture}", secure=True)
        assert (answer.status_code, answer["Content-Type"]) == (200, "image/png")
    assert re.search(r"[Бб]ағалау бойынша", meta["description"])
    assert re.search(r"2\s200.*3\s100", meta["description"])
    assert "2021–2025" in meta["description"]
