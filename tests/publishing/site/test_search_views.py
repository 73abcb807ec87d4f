"""The index of the search is one small file for each language."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from django.test import Client

from kerege.publishing.site.indicators import list_indicators
from tests.publishing import made

pytestmark = pytest.mark.django_db
LIMIT = 15_000  # bytes of the file, compressed


@pytest.fixture
def entries(house: Path) -> Callable[[str], list[dict[str, str]]]:
    """Return a function that gives the entries of a language as the site sends them."""
    made.make(house)
    visitor = Client(HTTP_HOST="localhost")

    def read(lang: str) -> list[dict[str, str]]:
        answer = visitor.get(f"/{lang}/search.{lang}.json", secure=True)
        assert len(gzip.compress(answer.content)) <= LIMIT
        return list(json.loads(answer.content)["entries"])

    return read


@pytest.mark.parametrize("lang", ["kk", "ru", "en"])
def test_the_file_lists_every_figure_with_its_name_and_finding(
    entries: Callable[[str], list[dict[str, str]]], lang: str
) -> None:
    listed = {entry["address"]: entry for entry in entries(lang)}
    assert {f"/{lang}/f/{indicator.id}/" for indicator in list_indicators()} <= set(listed)
    assert "247" in listed[f"/{lang}/f/helped-by-year/"]["finding"]
    assert all(entry["name"] for entry in listed.values())


def test_the_file_of_another_language_has_another_address(house: Path) -> None:
    assert Client(HTTP_HOST="localhost").get("/en/search.ru.json", secure=True).status_code == 404
