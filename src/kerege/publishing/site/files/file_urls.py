"""Addresses of the files of the site and of the pages that lead to them.

`api_urlpatterns` have no language.
"""

from __future__ import annotations

from django.urls import URLPattern, path

from kerege.publishing.site.files import (
    api_views,
    data_views,
    embed_views,
    event_views,
    figure_views,
    release_file_views,
)
from kerege.publishing.site.files.figure_bundle import WRITERS

LIVING, PINNED = "f/<slug:indicator_id>", "f/<slug:indicator_id>/<slug:release_name>"


def _twins(suffix: str) -> list[URLPattern]:
    """Return the addresses of a suffix: newest state, and the state of a release."""
    name, options = suffix[1:].replace(".", "-"), {"suffix": suffix}
    return [
        path(f"{LIVING}{suffix}", figure_views.figure_file, options, name=f"figure-{name}"),
        path(f"{PINNED}{suffix}", figure_views.pinned_file, options, name=f"pinned-{name}"),
    ]


urlpatterns = [
    *(pattern for suffix in WRITERS for pattern in _twins(suffix)),
    path("r/calendar/", event_views.calendar, name="calendar"),
    path("r/calendar.ics", event_views.calendar_file, name="calendar-file"),
    path("r/<slug:release_name>.datacite.json", release_file_views.release_datacite, name="release-datacite"),
    path("r/<slug:release_name>.bib", release_file_views.release_bibtex, name="release-bib"),
    path("r/<slug:release_name>.ris", release_file_views.release_ris, name="release-ris"),
    path("corrections/", event_views.corrections, name="corrections"),
    path("data/", data_views.data, name="data-page"),
    path("feed.xml", event_views.feed, name="feed"),
    path("embed/<slug:indicator_id>/", embed_views.embed, name="embed"),
    path("embed/<slug:indicator_id>/<slug:release_name>/", embed_views.pinned_embed, name="embed-pinned"),
]
api_urlpatterns = [
    path("index.json", api_views.index, name="index"),
    path("changes.json", api_views.changes, name="changes"),
    path("indicators/<slug:indicator_id>.json", api_views.indicator, name="indicator"),
    path("releases/<slug:release_name>.json", api_views.release, name="release"),
    path("schema/<slug:schema_name>.schema.json", api_views.json_schema, name="schema"),
]
