"""Configuration of the justice app."""

from __future__ import annotations

from kerege.core.apps import RoomConfig


class JusticeConfig(RoomConfig):
    """Crimes and proceedings."""

    name = "kerege.casework.justice"
    default = True
