"""Configuration of the awareness app."""

from __future__ import annotations

from kerege.core.apps import RoomConfig


class AwarenessConfig(RoomConfig):
    """Campaigns and the hotline."""

    name = "kerege.casework.awareness"
    default = True
