"""Files of the indicators, in their newest state and as one release told them."""

from __future__ import annotations

from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase

from kerege.core import pages
from kerege.publishing.site.files.figure_bundle import PICTURES, SHOWN, WRITERS, FigureBundle
from kerege.publishing.site.files.gone_views import find_release, send_gone
from kerege.publishing.site.files.open_answers import base_of, name_successor, send_open
from kerege.publishing.site.indicators import SiteIndicator, find_indicator
from kerege.publishing.site.missing_numbers import find_numbers
from kerege.publishing.site.site_state import current_state
from kerege.publishing.site.site_words import current_language
from kerege.publishing.storage.release_files import ReleaseFiles


def find_counted(name: str) -> SiteIndicator:
    """Return the indicator of this id or alias. Raises Http404 for an unknown or a quoted one."""
    indicator = find_indicator(name)
    if indicator is None or indicator.kind == "quoted":
        raise Http404
    return indicator


def build_bundle(request: HttpRequest, indicator: SiteIndicator, release_name: str = "") -> FigureBundle:
    """Return the bundle of an indicator; `release_name` fixes its state.

    Raises Http404 where nothing is published, and NumbersMissing where it cannot be shown.
    """
    state = current_state()
    view = state.pinned_view(indicator, _files(release_name)) if release_name else find_numbers(indicator, state)
    if view is None or not view.values:
        raise Http404
    return FigureBundle(view, state, current_language(), base_of(request), release_name)


def _files(release_name: str) -> ReleaseFiles:
    files = find_release(release_name).files
    if files is None:
        raise Http404
    return files


def send_file(request: HttpRequest, bundle: FigureBundle, suffix: str) -> HttpResponseBase:
    """Return one file of a bundle. Raises Http404 for a picture of an indicator without a drawing."""
    if suffix in PICTURES and not bundle.has_picture:
        raise Http404
    name = "" if suffix in SHOWN else f"{bundle.figure.name}-{bundle.lang}{_mark(bundle)}{suffix}"
    return send_open(request, bundle.write(suffix), WRITERS[suffix].kind, name=name)


def _mark(bundle: FigureBundle) -> str:
    """Return the mark of invented data in the name of a saved file."""
    return ".invented-data" if bundle.figure.invented else ""


@pages.public
def figure_file(request: HttpRequest, indicator_id: str, suffix: str) -> HttpResponseBase:
    """Send a file of an indicator in its newest state."""
    return send_file(request, build_bundle(request, find_counted(indicator_id)), suffix)


@pages.public
def pinned_file(request: HttpRequest, indicator_id: str, release_name: str, suffix: str) -> HttpResponseBase:
    """Send a file of an indicator as one release told it.

    That of a withdrawn release answers 410 with the reason.
    """
    indicator, entry = find_counted(indicator_id), find_release(release_name)
    if entry.files is None:
        return send_gone(request, entry, is_json=suffix.endswith("json"))
    response = send_file(request, build_bundle(request, indicator, release_name), suffix)
    if entry.corrected_by:
        newer = f"{base_of(request)}/{current_language()}/f/{indicator.id}/{entry.corrected_by.name}{suffix}"
        name_successor(response, newer)
    return response
