"""Public pages of the releases: list, one release, its files and its archive."""

from __future__ import annotations

import mimetypes

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse

from kerege.core import pages
from kerege.publishing.presenters import microdata, prevalence, privacy_budget, tables
from kerege.publishing.releases import catalogue
from kerege.publishing.site.files.gone_views import find_release, send_gone, show_gone
from kerege.publishing.site.files.open_answers import add_etag, name_successor, send_open
from kerege.publishing.site.indicator_page import compose_card
from kerege.publishing.site.indicator_versions import faulty_note
from kerege.publishing.site.indicators import list_counted
from kerege.publishing.site.site_frame import show_page
from kerege.publishing.site.site_state import SiteState, current_state
from kerege.publishing.site.site_words import current_language, read_words
from kerege.publishing.storage.release_files import ReleaseFiles
from kerege.vocabulary.languages import text_or

KINDS = {
    ".csv": "text/csv; charset=utf-8",
    ".json": "application/json",
    ".sig": "text/plain; charset=utf-8",
    ".pem": "text/plain; charset=utf-8",
    ".py": "text/x-python; charset=utf-8",
    ".parquet": "application/vnd.apache.parquet",
}


@pages.public
def list_releases(request: HttpRequest) -> HttpResponse:
    """Show all public and withdrawn releases."""
    state, lang = current_state(), current_language()
    title = read_words(lang)["page"]["releases"]
    notes = [faulty_note(release.name, lang) for release in state.faulty]
    context = {"releases": catalogue.list_releases(), "notes": notes}
    return show_page(request, "releases.html", title, state, context)


@pages.public
def release(request: HttpRequest, release_name: str) -> HttpResponseBase:
    """Show one release; a withdrawn one with its reason and status 410."""
    entry = find_release(release_name)
    if entry.files is None:
        return show_gone(request, entry)
    state, lang = current_state(), current_language()
    context: dict[str, object] = {
        "release": entry,
        "stated": entry.files,
        "cards": _cards(entry.files, state, lang),
        "texts": tables.present_texts(entry.files),
        "tables": tables.present_tables(entry.files),
        "records": microdata.present_microdata(entry.files),
        "estimates": prevalence.present_estimates(entry.files),
        "loss": privacy_budget.claimed_loss(entry.files.manifest.privacy),
        "outside": any(map(privacy_budget.is_outside_account, entry.files.manifest.tables)),
    }
    response = show_page(request, "release.html", text_or(entry.titles, lang, entry.name), state, context)
    if entry.corrected_by:
        name_successor(response, reverse("public:release", args=[entry.corrected_by.name]))
    return add_etag(request, response)


def _cards(files: ReleaseFiles, state: SiteState, lang: str) -> list[dict[str, object]]:
    """Return the figures of a release, each with its chart as this release stated it."""
    views = [state.pinned_view(indicator, files) for indicator in list_counted()]
    return [vars(compose_card(view, lang)) for view in views if view.values]


@pages.public
def moved(request: HttpRequest, rest: str = "") -> HttpResponse:
    """Lead from an address of an earlier version to the one of today."""
    return redirect(reverse("public:releases") + rest, permanent=True)


@pages.public
def release_file(request: HttpRequest, release_name: str, part: str) -> HttpResponseBase:
    """Send one file of a release, byte for byte as signed; 410 for one of a withdrawn release."""
    entry = find_release(release_name)
    files = entry.files
    if files is None:
        return send_gone(request, entry, is_json=part.endswith(".json"))
    content = catalogue.read_file(files, part)
    if content is None:
        raise Http404
    filename = part.rpartition("/")[2]
    kind = (
        KINDS.get(f".{filename.rpartition('.')[2]}") or mimetypes.guess_type(filename)[0] or "application/octet-stream"
    )
    if files.invented and filename.endswith(".csv"):  # the signed file itself stays
        filename = f"{filename.removesuffix('.csv')}.invented-data.csv"
    return send_open(request, content, kind, name=filename)


@pages.public
def archive(request: HttpRequest, release_name: str) -> HttpResponseBase:
    """Send the whole release as one ZIP archive; 410 for a withdrawn one."""
    entry = find_release(release_name)
    if entry.files is None:
        return send_gone(request, entry)
    mark = "-invented-data" if entry.files.invented else ""
    name = f"release-{release_name}{mark}.zip"
    return send_open(request, catalogue.build_archive(entry.files), "application/zip", name=name)
