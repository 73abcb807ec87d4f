"""The configuration of this room."""

from __future__ import annotations

from kerege.core.apps import RoomConfig


class CasesConfig(RoomConfig):
    """Cases and everything that is recorded about them."""

    name = "kerege.casework.cases"
    default = True
