"""Other systems of the agencies."""

from __future__ import annotations

from django.apps import AppConfig


class SystemsConfig(AppConfig):
    """Tokens and webhooks."""

    name = "kerege.core.integrations"
    label = "systems"  # names its tables and migrations
