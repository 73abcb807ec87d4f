"""Where a working day begins."""

from __future__ import annotations

from django.urls import path

from kerege.casework.desk import pages, views

app_name = "desk"
urlpatterns = [
    path("work/", views.home, name="home"),
    path("work/team/", pages.team, name="team"),
    path("work/quality/", pages.quality, name="quality"),
    path("work/month/", pages.month, name="month"),
    path("work/month/cases/", pages.month_cases, name="month-cases"),
    path("work/month/sheet/", pages.month_sheet, name="month-sheet"),
    path("work/process/", pages.process, name="process"),
]
