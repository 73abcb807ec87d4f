"""Public addresses; each stays the same from year to year."""

from __future__ import annotations

from django.urls import include, path

from kerege.publishing.site import indicator_urls, indicator_views, page_urls, reader_urls, release_views, report_urls
from kerege.publishing.site.files import file_urls

app_name = "public"
urlpatterns = [
    path("", include(file_urls)),
    path("", include(page_urls)),
    path("", include(indicator_urls)),
    path("", include(reader_urls)),
    path("r/", release_views.list_releases, name="releases"),
    path("r/<slug:release_name>/", release_views.release, name="release"),
    path("r/<slug:release_name>/release.zip", release_views.archive, name="release-archive"),
    path("r/<slug:release_name>/<path:part>", release_views.release_file, name="release-part"),
    path("releases/", release_views.moved, name="releases-moved"),
    path("releases/<path:rest>", release_views.moved, name="release-moved"),
    path("<int:year>/figures/<slug:figure_id>/", indicator_views.old_figure, name="figure"),
    path("", include(report_urls)),
]
