"""Addresses of cases: random ids and nothing else about a person."""

from __future__ import annotations

from django.urls import path

from kerege.casework.cases.views import case, changes, lists, registering

app_name = "cases"
urlpatterns = [
    path("work/cases/", lists.case_list, name="list"),
    path("work/search/", lists.search, name="search"),
    path("work/register/", registering.register, name="register"),
    path("work/cases/<uuid:pk>/", case.case_page, name="case"),
    path("work/cases/<uuid:pk>/person/", changes.edit_identity, name="edit-identity"),
    path("work/cases/<uuid:pk>/exploitation/", changes.exploitation, name="exploitation"),
    path("work/cases/<uuid:pk>/exploitation/<uuid:episode>/", changes.exploitation, name="exploitation-change"),
    path("work/cases/<uuid:pk>/decide/", changes.decide, name="decide"),
    path("work/cases/<uuid:pk>/note/", changes.note, name="note"),
    path("work/cases/<uuid:pk>/task/", changes.task, name="task"),
    path("work/cases/<uuid:pk>/move/", changes.move, name="move"),
    path("work/cases/<uuid:pk>/assign/", changes.assign, name="assign"),
    path("work/tasks/<uuid:pk>/done/", changes.task_done, name="task-done"),
]
