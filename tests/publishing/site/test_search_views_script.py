"""The script of the search finds figures by the beginnings of words, in three languages."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from django.contrib.staticfiles import finders

from kerege.publishing.site.search_views import list_entries
from kerege.publishing.site.site_state import SiteState

pytestmark = pytest.mark.journey
FIND = "async ([source, entries, query]) => (await import(source)).find(entries, query).map((entry) => entry.address)"
QUERIES = {
    "en": [
        ("labour", "exploitation"),
        ("CHILD", "state-age"),
        ("nationalities", "origin"),
        ("hotline", "hotline-contacts"),
        ("unseen estimate", "hidden-figure"),
        ("withheld", "privacy"),
    ],
    "ru": [
        ("осужденных", "convicted-by-sex"),
        ("детей", "state-age"),
        ("гражданства", "origin"),
        ("горячей линии", "hotline-contacts"),
        ("торговцам", "convicted-by-sex"),
        ("оценки", "hidden-figure"),
    ],
    "kk": [
        ("балаларға", "state-age"),
        ("қылмыстар", "offences"),
        ("кылмыс", "offences"),
        ("құлдықта", "exploitation-forms"),
        ("жедел желіге", "hotline-contacts"),
        ("өңірлерде", "p/"),
        ("онир", "p/"),
    ],
}


def entries_of(lang: str) -> list[dict[str, str]]:
    """Return the entries of a language without findings."""
    return [asdict(entry) for entry in list_entries(lang, SiteState(datetime(2026, 7, 30, tzinfo=UTC), []))]


@pytest.fixture(scope="module")
def search(browser: Any) -> Iterator[Callable[[list[dict[str, str]], str], list[str]]]:
    """Return a function that searches by the script of the site, in a browser."""
    source = Path(str(finders.find("publishing/search.js"))).read_text()
    page = browser.new_page()
    yield lambda entries, query: page.evaluate(FIND, [f"data:text/javascript,{quote(source)}", entries, query])
    page.close()


@pytest.mark.parametrize("lang", list(QUERIES))
def test_words_with_other_endings_and_without_special_letters_find_the_figure(
    search: Callable[..., list[str]], lang: str
) -> None:
    listed = entries_of(lang)
    for query, expected in QUERIES[lang]:
        addresses = search(listed, query)
        assert any(expected in address for address in addresses), (query, addresses)


def test_two_letters_and_foreign_words_find_nothing(
    search: Callable[..., list[str]],
) -> None:
    listed = entries_of("en")
    assert search(listed, "la") == []
    assert search(listed, "zebra") == []
    assert search(listed, "labour zebra") == []
