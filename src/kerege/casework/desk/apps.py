"""The configuration of this room."""

from __future__ import annotations

from kerege.core.apps import RoomConfig


class DeskConfig(RoomConfig):
    """The home pages of the roles."""

    name = "kerege.casework.desk"
    default = True
