"""JSON API v1 as files: lasting addresses, no query strings, schemas beside."""

from __future__ import annotations

from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase

from kerege.core import pages
from kerege.publishing.releases import catalogue
from kerege.publishing.site.files.api_models import (
    MODELS,
    ApiChange,
    ApiChanges,
    ApiIndex,
    ApiModel,
    IndicatorLink,
    schema,
    tree_of,
)
from kerege.publishing.site.files.figure_file import LICENCE
from kerege.publishing.site.files.figure_views import build_bundle, find_counted
from kerege.publishing.site.files.gone_views import find_release, send_gone
from kerege.publishing.site.files.json_text import KIND, write_json
from kerege.publishing.site.files.open_answers import base_of, send_open
from kerege.publishing.site.files.release_files_of import describe_release, pages_of, release_link
from kerege.publishing.site.files.site_events import SiteEvent, list_events
from kerege.publishing.site.indicators import SiteIndicator
from kerege.publishing.site.publisher import get_publisher
from kerege.publishing.site.series import View
from kerege.publishing.site.site_state import SiteState, current_state
from kerege.publishing.site.site_words import read_words
from kerege.vocabulary import languages

SCHEMA_KIND = "application/schema+json"


def _send(request: HttpRequest, model: ApiModel) -> HttpResponseBase:
    return send_open(request, write_json(tree_of(model)), KIND)


@pages.public
def index(request: HttpRequest) -> HttpResponseBase:
    """Send the index: every indicator with a value, and every release."""
    base, state = base_of(request), current_state()
    model = ApiIndex(
        version="1",
        title={lang: read_words(lang)["frame"]["title"] for lang in languages.offered()},
        publisher={lang: get_publisher(lang).name for lang in languages.offered()},
        license=LICENCE,
        changes=f"{base}/api/v1/changes.json",
        schemas={name: f"{base}/api/v1/schema/{name}.schema.json" for name in MODELS},
        indicators=[_link(indicator, view, state, base) for indicator, view in state.views_with_values()],
        releases=[release_link(entry, base) for entry in catalogue.list_releases()],
    )
    return _send(request, model)


def _link(indicator: SiteIndicator, view: View, state: SiteState, base: str) -> IndicatorLink:
    days = [state.published_on(release) for release in view.releases]
    return IndicatorLink(
        id=indicator.id,
        title={lang: read_words(lang)["indicator"][indicator.id]["name"] for lang in languages.offered()},
        kind=indicator.kind,
        updated=max(days).isoformat() if days else None,
        url=f"{base}/api/v1/indicators/{indicator.id}.json",
        page=pages_of(base, f"f/{indicator.id}/"),
    )


@pages.public
def changes(request: HttpRequest) -> HttpResponseBase:
    """Send every release, correction, withdrawal and moved date, newest first, without any figure."""
    base = base_of(request)
    return _send(request, ApiChanges(version="1", changes=[_change(event, base) for event in list_events()]))


def _change(event: SiteEvent, base: str) -> ApiChange:
    entry = event.entry
    corrected_by = entry.corrected_by.name if entry and entry.corrected_by else ""
    return ApiChange(
        id=event.key,
        kind=event.kind,
        at=event.at.isoformat(),
        release=entry.name if entry else "",
        title=dict(event.titles),
        reason={lang: reason for lang, reason in event.reasons.items() if reason},
        replaces=entry.corrects if entry and event.kind == "correction" else "",
        replaced_by=(entry.replacement or corrected_by) if entry else "",
        page=pages_of(base, f"r/{entry.name}/" if entry else "r/calendar/"),
    )


@pages.public
def indicator(request: HttpRequest, indicator_id: str) -> HttpResponseBase:
    """Send one indicator with all its values."""
    return send_open(request, build_bundle(request, find_counted(indicator_id)).json(), KIND)


@pages.public
def release(request: HttpRequest, release_name: str) -> HttpResponseBase:
    """Send one release; a withdrawn one with status 410 and without tables."""
    entry = find_release(release_name)
    if entry.files is None:
        return send_gone(request, entry, is_json=True)
    return _send(request, describe_release(entry, base_of(request)))


@pages.public
def json_schema(request: HttpRequest, schema_name: str) -> HttpResponseBase:
    """Send the JSON Schema of a kind of file."""
    if schema_name not in MODELS:
        raise Http404
    return send_open(request, write_json(schema(schema_name)), SCHEMA_KIND)
