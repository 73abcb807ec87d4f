"""URLs of the public form of an initial report."""

from __future__ import annotations

from django.urls import path

from kerege.casework.intake.views import outside_reports
from kerege.core.pages.public_host import PUBLIC_REPORT

app_name = PUBLIC_REPORT
urlpatterns = [
    path("initial-report/", outside_reports.public_report, name="form"),
    path("initial-report/paper/", outside_reports.paper, name="paper"),
]
