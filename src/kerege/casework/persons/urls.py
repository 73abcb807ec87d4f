"""URLs of the persons app."""

from __future__ import annotations

from django.urls import path

from kerege.casework.persons.views import merge, quality, review, unmerge

app_name = "persons"
urlpatterns = [
    path("work/matches/", review.queue, name="queue"),
    path("work/matches/quality/", quality.quality_board, name="quality"),
    path("work/matches/<uuid:pk>/", review.review, name="review"),
    path("work/matches/<uuid:pk>/answered/", review.answered, name="answered"),
    path("work/matches/<uuid:pk>/reopen/", review.ask_again, name="ask-again"),
    path("work/cases/<uuid:pk>/same/", merge.find_twin, name="find-twin"),
    path("work/merges/", unmerge.history, name="merges"),
    path("work/merges/new/<uuid:pk>/<uuid:twin>/", merge.merge, name="merge"),
    path("work/merges/<uuid:pk>/undo/", unmerge.undo, name="undo"),
]
