"""Public addresses; each stays the same from year to year."""

from __future__ import annotations

from django.urls import include, path

from kerege.publishing.site import indicator_urls, indicator_views, page_urls, release_views, report_views
from kerege.publishing.site.files import file_urls

app_name = "public"
urlpatterns = [
    path("", include(file_urls)),
    path("", include(page_urls)),
    path("", include(indicator_urls)),
    path("r/", release_views.list_releases, name="releases"),
    path("r/<slug:release_name>/", release_views.release, name="release"),
    path("r/<slug:release_name>/release.zip", release_views.archive, name="release-archive"),
    path("r/<slug:release_name>/<path:part>", release_views.release_file, name="release-part"),
    path("releases/", release_views.moved, name="releases-moved"),
    path("releases/<path:rest>", release_views.moved, name="release-moved"),
    path("<int:year>/", report_views.report, name="year"),
    path("<int:year>/figures/<slug:figure_id>/", indicator_views.old_figure, name="figure"),
    path("<int:year>/article/", report_views.article, name="article"),
    path("<int:year>/press-release/", report_views.press, name="press"),
    path("<int:year>/report.pdf", report_views.pdf, name="pdf"),
    path("<int:year>/press-release.docx", report_views.docx, name="docx"),
    path("<int:year>/data/<slug:table>.csv", report_views.data, name="data"),
    path("<int:year>/charts/<slug:figure_id>.svg", report_views.chart, name="chart"),
]
