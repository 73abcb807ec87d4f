"""Path of the home page of a signed-in user; an app above the core adds the page."""

from __future__ import annotations

from django.utils.translation import get_language


def home_path(language: str = "") -> str:
    """Return the path of the home page in a language, by default the language of the current page."""
    return f"/{language or get_language()}/work/"
