"""The data page: every file of the site, the API, and how to cite."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse

from kerege.core import pages
from kerege.publishing.releases import catalogue
from kerege.publishing.site.files.api_models import MODELS
from kerege.publishing.site.files.citation import sentence
from kerege.publishing.site.files.describe_view import describe
from kerege.publishing.site.files.figure_bundle import WRITERS
from kerege.publishing.site.files.file_words import get_words
from kerege.publishing.site.files.json_ld import data_block, data_catalogue
from kerege.publishing.site.files.open_answers import base_of
from kerege.publishing.site.publisher import get_publisher
from kerege.publishing.site.site_frame import show_page
from kerege.publishing.site.site_state import current_state
from kerege.publishing.site.site_words import current_language, read_words

FIRST = (".csv", ".ods", ".json", ".zip")  # suffixes that the page links for each figure; the others are named once


@dataclass(frozen=True)
class DataRow:
    """A figure with its address, without a suffix."""

    id: str
    name: str
    address: str


@pages.public
def data(request: HttpRequest) -> HttpResponse:
    """Show all files, the API and how to cite."""
    lang, state, base = current_language(), current_state(), base_of(request)
    words, views = get_words(lang), state.views_with_values()
    rows = [
        DataRow(indicator.id, read_words(lang)["indicator"][indicator.id]["name"], f"/{lang}/f/{indicator.id}")
        for indicator, _ in views
    ]
    publisher = get_publisher(lang)
    block = data_catalogue(
        f"{base}/{lang}/data/",
        words["data"]["title"],
        publisher.name,
        [(f"{base}{row.address}/", row.name) for row in rows],
    )
    context: dict[str, object] = {
        "text": words["data"],
        "statuses": [(name, words.status(name), meaning) for name, meaning in words["meaning"].items()],
        "rows": rows,
        "first": FIRST,
        "suffixes": list(WRITERS),
        "releases": [entry for entry in catalogue.list_releases() if entry.files],
        "api": ["index.json", "changes.json"],
        "schemas": list(MODELS),
        "json_ld": data_block(block),
    }
    if views:
        indicator, view = views[0]
        newest = view.releases[0]
        pinned = state.pinned_view(indicator, newest)
        context["citation"] = sentence(describe(pinned, state, lang, base, pinned=newest.path.name))
    return show_page(request, "data.html", words["data"]["title"], state, context)
