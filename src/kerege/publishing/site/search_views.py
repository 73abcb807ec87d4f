"""Index of the search: name, other words and finding of each figure and page, by language."""

from __future__ import annotations

import csv
from dataclasses import asdict, dataclass
from functools import cache

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse

from kerege.core import pages
from kerege.publishing.site.indicator_views import finding_of
from kerege.publishing.site.indicators import THEMES, list_indicators
from kerege.publishing.site.site_frame import AGE, report_path
from kerege.publishing.site.site_state import SiteState, current_state
from kerege.publishing.site.site_words import TEXTS, current_language, read_words

PAGES = {"places": "p/", "corridors": "c/", "method": "method/", "privacy": "privacy/", "glossary": "glossary/"}


@cache
def read_search_words() -> dict[str, dict[str, str]]:
    """Return the words by which readers look for a theme, figure or page, by name.

    They are the words of readers, also those that our pages avoid.
    """
    with (TEXTS / "search_words.csv").open(encoding="utf-8", newline="") as file:
        return {row["name"]: row for row in csv.DictReader(file)}


@dataclass(frozen=True)
class SearchEntry:
    """One figure or page that a reader can find."""

    address: str
    name: str
    words: str
    finding: str = ""


@pages.public
def search_index(request: HttpRequest, code: str) -> HttpResponse:
    """Send the index of the language of the address."""
    lang = current_language()
    if code != lang:
        raise Http404
    entries = [asdict(entry) for entry in list_entries(lang, current_state())]
    response = JsonResponse({"language": lang, "entries": entries}, json_dumps_params={"ensure_ascii": False})
    response.headers["Cache-Control"] = AGE
    return response


def list_entries(lang: str, state: SiteState) -> list[SearchEntry]:
    """Return the entries of a language: figures, themes and other pages."""
    words = read_words(lang)
    also = {name: texts[f"words_{lang}"] for name, texts in read_search_words().items()}
    figures = [
        SearchEntry(
            f"/{lang}/f/{entry.id}/",
            words["indicator"][entry.id]["name"],
            f"{also[entry.theme]} {also.get(entry.id, '')}".strip(),
            "" if state.is_empty else str(finding_of(entry, state, lang)),
        )
        for entry in list_indicators()
    ]
    themes = [SearchEntry(f"/{lang}/t/{theme}/", words["theme"][theme]["name"], also[theme]) for theme in THEMES]
    others = [SearchEntry(f"/{lang}/{path}", words[name]["title"], also[name]) for name, path in PAGES.items()]
    return [*figures, *themes, *others, SearchEntry(f"/{lang}/{report_path(state)}", words["frame"]["report"], "")]
