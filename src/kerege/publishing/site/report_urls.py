"""Addresses of the World Day report, and those that it had in version 0.1."""

from __future__ import annotations

from django.urls import path

from kerege.publishing.site import report_views

urlpatterns = [
    path("report/", report_views.newest, name="report"),
    path("report/<int:year>/", report_views.front, name="report-year"),
    path("report/<int:year>/all/", report_views.whole, name="report-all"),
    path("report/<int:year>/press/", report_views.press, name="report-press"),
    path("report/<int:year>/article/", report_views.article, name="report-article"),
    path("report/<int:year>/report.pdf", report_views.pdf, name="report-pdf"),
    path("report/<int:year>/press-release.docx", report_views.docx, name="report-docx"),
    path("report/<int:year>/data/<slug:table>.csv", report_views.data, name="report-data"),
    path("report/<int:year>/charts/<slug:figure_id>.svg", report_views.chart, name="report-chart"),
    path("report/<int:year>/<slug:chapter_id>/", report_views.chapter, name="report-chapter"),
    path("<int:year>/", report_views.moved, {"name": "report-year"}, name="year"),
    path("<int:year>/article/", report_views.moved, {"name": "report-article"}, name="article"),
    path("<int:year>/press-release/", report_views.moved, {"name": "report-press"}, name="press"),
    path("<int:year>/report.pdf", report_views.moved, {"name": "report-pdf"}, name="pdf"),
    path("<int:year>/press-release.docx", report_views.moved, {"name": "report-docx"}, name="docx"),
    path("<int:year>/data/<slug:table>.csv", report_views.moved, {"name": "report-data"}, name="data"),
    path("<int:year>/charts/<slug:figure_id>.svg", report_views.moved, {"name": "report-chart"}, name="chart"),
]
