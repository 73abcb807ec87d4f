"""Addresses of the pages around the indicators."""

from __future__ import annotations

from django.urls import path

from kerege.publishing.site import page_views

urlpatterns = [
    path("", page_views.home, name="home"),
    path("t/<slug:theme_name>/", page_views.theme, name="theme"),
    path("p/", page_views.places, name="places"),
    path("p/<slug:region>/", page_views.place, name="place"),
    path("c/", page_views.corridors, name="corridors"),
    path("method/", page_views.method, name="method"),
    path("privacy/", page_views.privacy, name="privacy"),
    path("law/", page_views.law, name="law"),
    path("glossary/", page_views.glossary, name="glossary"),
]
