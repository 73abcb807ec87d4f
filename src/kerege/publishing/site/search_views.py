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
from kerege.publishing.site.site_words import TEXTS, current_language, fill, read_words
from kerege.vocabulary import codes
from kerege.vocabulary.profile import active

PAGES = {"places": "p/", "corridors": "c/", "method": "method/", "privacy": "privacy/", "glossary": "glossary/"}


@cache
def read_search_words() -> dict[str, dict[str, str]]:
    """Return the words by which readers look for a theme, figure or page, by name.

    They are the words of readers, also those that our pages avoid. `{hotline}` and `{regions}` are filled by
    `list_entries`.
    """
    with (TEXTS / "search_words.csv").open(encoding="utf-8", newline="") as file:
        return {row["name"]: row for row in csv.DictReader(file)}


def _own_words(lang: str) -> dict[str, str]:
    """Return the country's number and the names of its regions, by which readers look for pages."""
    regions = " ".join(region.labels[lang] for region in codes.code_list("region").codes.values())
    return {"hotline": active().hotline.number, "regions": regions}


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
    also = {name: fill(texts[f"words_{lang}"], _own_words(lang)) for name, texts in read_search_words().items()}
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
