"""Addresses of who is the same person."""

from __future__ import annotations

from django.urls import path

from kerege.casework.persons.views import board, merging, restoring, reviewing

app_name = "persons"
urlpatterns = [
    path("work/matches/", reviewing.queue, name="queue"),
    path("work/matches/quality/", board.quality_board, name="quality"),
    path("work/matches/<uuid:pk>/", reviewing.review, name="review"),
    path("work/matches/<uuid:pk>/answered/", reviewing.answered, name="answered"),
    path("work/matches/<uuid:pk>/reopen/", reviewing.ask_again, name="ask-again"),
    path("work/cases/<uuid:pk>/same/", merging.find_twin, name="find-twin"),
    path("work/merges/", restoring.history, name="merges"),
    path("work/merges/new/<uuid:pk>/<uuid:twin>/", merging.merge, name="merge"),
    path("work/merges/<uuid:pk>/undo/", restoring.undo, name="undo"),
]
