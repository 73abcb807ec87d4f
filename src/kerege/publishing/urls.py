"""Public addresses; each stays the same from year to year."""

from __future__ import annotations

from django.urls import path

from kerege.publishing import views

app_name = "public"
urlpatterns = [
    path("", views.report, name="report"),
    path("<int:year>/", views.report, name="year"),
    path("<int:year>/figures/<slug:figure_id>/", views.figure, name="figure"),
    path("<int:year>/article/", views.article, name="article"),
    path("<int:year>/press-release/", views.press, name="press"),
    path("<int:year>/report.pdf", views.pdf, name="pdf"),
    path("<int:year>/press-release.docx", views.docx, name="docx"),
    path("<int:year>/data/<slug:table>.csv", views.data, name="data"),
    path("<int:year>/charts/<slug:figure_id>.svg", views.chart, name="chart"),
]
