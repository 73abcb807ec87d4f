"""Addresses of the indicators."""

from __future__ import annotations

from django.urls import path

from kerege.publishing.site import indicator_views

urlpatterns = [
    path("f/", indicator_views.list_page, name="indicators"),
    path("f/<slug:indicator_id>/", indicator_views.page, name="indicator"),
    path("f/<slug:indicator_id>/by/<str:code>/", indicator_views.facet, name="indicator-facet"),
    path("f/<slug:indicator_id>/<slug:release_name>/", indicator_views.pinned, name="indicator-pinned"),
]
