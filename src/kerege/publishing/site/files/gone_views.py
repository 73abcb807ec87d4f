"""Releases by name, and answers of withdrawn ones: status 410, the reason, and no number of a table."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from kerege.publishing.releases import catalogue
from kerege.publishing.releases.catalogue import CatalogueEntry
from kerege.publishing.site.files.api_models import tree_of
from kerege.publishing.site.files.file_words import get_words
from kerege.publishing.site.files.json_text import KIND, write_json
from kerege.publishing.site.files.open_answers import base_of, send_open
from kerege.publishing.site.files.release_files_of import describe_release
from kerege.publishing.site.missing_numbers import require_whole
from kerege.publishing.site.site_frame import show_page
from kerege.publishing.site.site_state import current_state
from kerege.publishing.site.site_words import current_language
from kerege.vocabulary.languages import text_or


def find_release(name: str) -> CatalogueEntry:
    """Return the catalogue entry of a release, also of a withdrawn one. Raises Http404 and NumbersMissing."""
    entry = catalogue.get_release(name)
    if entry is None:
        require_whole(name)
        raise Http404
    return entry


def show_gone(request: HttpRequest, entry: CatalogueEntry) -> HttpResponse:
    """Return the page of a withdrawn release: title, period, both days, reason, and what to use instead."""
    lang, state = current_language(), current_state()
    words, replacement = get_words(lang), state.entries.get(entry.replacement)
    title = words["gone"]["title"].format(title=text_or(entry.titles, lang, entry.name))
    context: dict[str, object] = {
        "gone": words["gone"],
        "entry": entry,
        "reason": entry.reasons.get(lang, ""),
        "published": words.day(entry.since),
        "withdrawn": words.day(entry.withdrawn_on or entry.since),
        "replacement": replacement,
        "hidden": True,
    }
    return show_page(request, "gone.html", title, state, context, status=410)


def send_gone(request: HttpRequest, entry: CatalogueEntry, *, is_json: bool = False) -> HttpResponseBase:
    """Return the answer of a file of a withdrawn release, as JSON or as text."""
    if is_json:
        return send_open(request, write_json(tree_of(describe_release(entry, base_of(request)))), KIND, status=410)
    return send_open(request, write_gone(entry, current_language()).encode(), "text/plain; charset=utf-8", status=410)


def write_gone(entry: CatalogueEntry, lang: str) -> str:
    """Return title, period, both days, reason and replacement as text."""
    words = get_words(lang)
    text = words["gone"]
    lines = [
        text["title"].format(title=text_or(entry.titles, lang, entry.name)),
        text["lead"],
        f"{text['period']}: {entry.period}",
        f"{text['published']}: {words.day(entry.since)}",
        f"{text['withdrawn']}: {words.day(entry.withdrawn_on or entry.since)}",
        f"{text['why']}: {entry.reasons.get(lang, '')}",
        f"{text['instead']}: /{lang}/r/{entry.replacement}/" if entry.replacement else text["nothing"],
    ]
    return "\n".join(lines) + "\n"
