"""Addresses: everything under its language. `/` leads to the language of the reader."""

from __future__ import annotations

from importlib.util import find_spec

from django.conf import settings
from django.conf.urls.i18n import i18n_patterns
from django.urls import URLPattern, URLResolver, include, path

rooms = [path("", include(f"{room}.urls")) for room in settings.ROOMS if find_spec(f"{room}.urls")]
urlpatterns: list[URLPattern | URLResolver] = i18n_patterns(
    path("account/", include("kerege.core.accounts.urls")), *rooms
)
