"""URLs of the justice app."""

from __future__ import annotations

from django.urls import path

from kerege.casework.justice import views

app_name = "justice"
urlpatterns = [
    path("work/crimes/", views.crime_list, name="crime-list"),
    path("work/crimes/new/", views.record, name="record"),
    path("work/crimes/figures/", views.figures, name="figures"),
    path("work/crimes/<uuid:pk>/", views.crime, name="crime"),
    *(path(f"work/crimes/<uuid:pk>/{what}/", views.step, {"what": what}, name=what) for what in views.STEPS),
    path("work/crimes/<uuid:pk>/unlink/<int:link>/", views.unlink, name="unlink"),
    path("work/suspects/<uuid:pk>/", views.suspect, name="change-suspect"),
    path("work/hearings/<uuid:pk>/", views.hearing, name="change-hearing"),
]
