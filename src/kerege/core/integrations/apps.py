"""Configuration of the integrations app."""

from __future__ import annotations

from kerege.core.apps import RoomConfig


class SystemsConfig(RoomConfig):
    """The app of tokens and webhooks for other systems."""

    name = "kerege.core.integrations"
    label = "systems"  # prefix of its tables, name of its migrations
    default = True
