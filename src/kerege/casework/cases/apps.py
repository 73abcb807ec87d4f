"""App configuration of cases."""

from __future__ import annotations

from kerege.core.apps import RoomConfig


class CasesConfig(RoomConfig):
    """Cases and everything recorded about them."""

    name = "kerege.casework.cases"
    default = True
