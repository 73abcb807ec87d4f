"""Configuration of the rights app."""

from __future__ import annotations

from kerege.core.apps import RoomConfig


class RightsConfig(RoomConfig):
    """Rights of a person: the right to stay in the country."""

    name = "kerege.casework.rights"
    default = True
