"""Public addresses; each stays the same from year to year."""

from __future__ import annotations

from django.urls import path

from kerege.publishing import public_views, views

app_name = "public"
urlpatterns = [
    path("", views.report, name="report"),
    path("releases/", public_views.every, name="releases"),
    path("releases/<slug:release_name>/", public_views.release, name="release"),
    path("releases/<slug:release_name>/release.zip", public_views.archive, name="release-archive"),
    path("releases/<slug:release_name>/<path:part>", public_views.part, name="release-part"),
    path("<int:year>/", views.report, name="year"),
    path("<int:year>/figures/<slug:figure_id>/", views.figure, name="figure"),
    path("<int:year>/article/", views.article, name="article"),
    path("<int:year>/press-release/", views.press, name="press"),
    path("<int:year>/report.pdf", views.pdf, name="pdf"),
    path("<int:year>/press-release.docx", views.docx, name="docx"),
    path("<int:year>/data/<slug:table>.csv", views.data, name="data"),
    path("<int:year>/charts/<slug:figure_id>.svg", views.chart, name="chart"),
]
