"""Pictures that other sites frame: one that stays as it is, one that follows corrections.

No script, no cookie.
"""

from __future__ import annotations

from functools import wraps

from csp.decorators import csp_replace
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.clickjacking import xframe_options_exempt

from kerege.charts import draw_svg
from kerege.core import pages
from kerege.core.pages.decorators import View
from kerege.publishing.releases.catalogue import CatalogueEntry
from kerege.publishing.site.files.figure_bundle import FigureBundle
from kerege.publishing.site.files.figure_views import build_bundle, find_counted
from kerege.publishing.site.files.file_words import Words, get_words
from kerege.publishing.site.files.gone_views import find_release
from kerege.publishing.site.files.open_answers import OPEN, add_etag
from kerege.publishing.site.indicator_facts import write_finding, write_level
from kerege.publishing.site.indicators import SiteIndicator
from kerege.publishing.site.missing_numbers import NumbersMissing, missing_text
from kerege.publishing.site.site_words import current_language, join_sentences, read_words

WIDE, NARROW = 560, 340  # pixels; the page shows one of the two
MOST_BYTES = 21_000  # size of both drawings: the whole page stays below 25 kB
# a framed page runs nothing and asks nobody; every site may frame it
POLICY = {
    "default-src": ["'none'"],
    "style-src": ["'self'"],
    "img-src": ["'self'"],
    "base-uri": ["'none'"],
    "form-action": ["'none'"],
    "script-src": ["'none'"],
    "connect-src": ["'none'"],
    "frame-ancestors": ["*"],
}


def _framed(view: View) -> View:
    """Let every site frame a public page without a script, or the sentence that its numbers are missing."""

    @wraps(view)
    def answer(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        try:
            return view(request, *args, **kwargs)
        except NumbersMissing as error:
            return missing_text(error)

    return pages.public(xframe_options_exempt(csp_replace(POLICY)(answer)))


@_framed
def embed(request: HttpRequest, indicator_id: str) -> HttpResponseBase:
    """Show the picture of an indicator in its newest state."""
    return _show(request, build_bundle(request, find_counted(indicator_id)), None)


@_framed
def pinned_embed(request: HttpRequest, indicator_id: str, release_name: str) -> HttpResponseBase:
    """Show the picture of an indicator as one release told it.

    A correction adds a line with a link. A withdrawal leaves the reason alone, with status 410.
    """
    indicator, entry = find_counted(indicator_id), find_release(release_name)
    if entry.files is None:
        return _show_gone(request, indicator, entry)
    return _show(request, build_bundle(request, indicator, release_name), entry)


def _show(request: HttpRequest, bundle: FigureBundle, entry: CatalogueEntry | None) -> HttpResponseBase:
    words = get_words(bundle.lang)
    wide, narrow = _drawings(bundle)
    context = {
        "figure": bundle.figure,
        "finding": write_finding(bundle.view, bundle.lang),
        "level": write_level(bundle.view, bundle.lang),
        "wide": wide,
        "narrow": narrow,
        "source": _source_line(bundle, words),
        "correction": entry.corrected_by if entry else None,
        "text": words["embed"],
        "marks": words["marks"],
        "address": bundle.figure.address,
    }
    return _opened(request, render(request, "publishing/embed.html", context))


def _source_line(bundle: FigureBundle, words: Words) -> str:
    """Return release and day; of a pinned picture also that it stays as it is."""
    if not bundle.figure.releases:
        return ""
    newest = bundle.figure.releases[0]
    source = f"{newest.title}, {words.day(newest.day)}"
    return join_sentences(source, words["embed"]["note_fixed"]) if bundle.figure.pinned else source


def _drawings(bundle: FigureBundle) -> tuple[str, str]:
    """Return the drawing for wide and for narrow frames; a large picture comes only once."""
    if not bundle.has_picture:
        return "", ""
    wide, narrow = (draw_svg(bundle.chart, width) for width in (WIDE, NARROW))
    if len((wide + narrow).encode()) <= MOST_BYTES:
        return wide, narrow
    return "", min(narrow, wide, key=len)


def _show_gone(request: HttpRequest, indicator: SiteIndicator, entry: CatalogueEntry) -> HttpResponseBase:
    lang = current_language()
    words = get_words(lang)
    context = {
        "name": read_words(lang)["indicator"][indicator.id]["name"],
        "reason": entry.reasons.get(lang, ""),
        "withdrawn": words["banner"]["withdrawn"].format(day=words.day(entry.withdrawn_on or entry.since)),
        "text": words["embed"],
        "address": f"/{lang}/f/{indicator.id}/",
        "lang": lang,
    }
    return _opened(request, render(request, "publishing/embed_gone.html", context, status=410))


def _opened(request: HttpRequest, response: HttpResponse) -> HttpResponseBase:
    response["Cross-Origin-Resource-Policy"] = OPEN["Cross-Origin-Resource-Policy"]
    return add_etag(request, response) if response.status_code == 200 else response
