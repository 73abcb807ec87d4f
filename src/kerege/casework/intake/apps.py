"""App configuration of intake."""

from __future__ import annotations

from kerege.core.apps import RoomConfig


class IntakeConfig(RoomConfig):
    """Signals, screening and identification."""

    name = "kerege.casework.intake"
    default = True
