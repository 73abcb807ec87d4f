"""The configuration of this room."""

from __future__ import annotations

from kerege.core.apps import RoomConfig


class SystemsConfig(RoomConfig):
    """Tokens and webhooks of other systems."""

    name = "kerege.core.integrations"
    label = "systems"  # names its tables and migrations
    default = True
