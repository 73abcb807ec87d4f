"""URLs of the exchange app."""

from __future__ import annotations

from django.urls import path

from kerege.casework.exchange import import_views, views

app_name = "exchange"
urlpatterns = [
    path("work/figures/", views.figures, name="figures"),
    path("work/import/", import_views.bring_in, name="import"),
]
