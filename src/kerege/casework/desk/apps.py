"""App configuration of the home pages."""

from __future__ import annotations

from kerege.core.apps import RoomConfig


class DeskConfig(RoomConfig):
    """Home pages of the roles."""

    name = "kerege.casework.desk"
    default = True
