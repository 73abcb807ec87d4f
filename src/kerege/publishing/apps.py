"""The publishing room."""

from __future__ import annotations

from django.apps import AppConfig


class PublishingConfig(AppConfig):
    """Releases, their approval, and the public report."""

    name = "kerege.publishing"
    label = "publishing"
    default_auto_field = "django.db.models.BigAutoField"
