"""Addresses of the search and of the page for people who were trafficked."""

from __future__ import annotations

from django.urls import path

from kerege.publishing.site import help_views, search_views

urlpatterns = [
    path("help/", help_views.help_page, name="help"),
    path("help/<slug:code>/", help_views.help_page, name="help-in-language"),
    path("search.<slug:code>.json", search_views.search_index, name="search"),
]
