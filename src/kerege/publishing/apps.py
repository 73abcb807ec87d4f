"""Configuration of the publishing app."""

from __future__ import annotations

from kerege.core.apps import RoomConfig


class PublishingConfig(RoomConfig):
    """App of releases, their approval and the public report."""

    name = "kerege.publishing"
    label = "publishing"
    default_auto_field = "django.db.models.BigAutoField"
    default = True
    plugin_packages = ("kerege.publishing.releases", "kerege.publishing.composer")
