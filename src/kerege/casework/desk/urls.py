"""URLs of the home pages."""

from __future__ import annotations

from django.urls import path

from kerege.casework.desk import board_views, page_views, target_views, views

app_name = "desk"
urlpatterns = [
    path("work/", views.home, name="home"),
    path("work/team/", page_views.team, name="team"),
    path("work/quality/", page_views.quality, name="quality"),
    path("work/month/", page_views.month, name="month"),
    path("work/month/cases/", page_views.month_cases, name="month-cases"),
    path("work/month/sheet/", page_views.month_sheet, name="month-sheet"),
    path("work/board/agency/", board_views.supervisor_board, name="supervisor-board"),
    path("work/board/programme/", board_views.coordinator_board, name="coordinator-board"),
    path("work/board/ministry/", board_views.ministry_board, name="ministry-board"),
    path("work/targets/", target_views.show_targets, name="targets"),
    path("work/process/", page_views.process, name="process"),
]
