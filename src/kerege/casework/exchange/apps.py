"""The configuration of this room."""

from __future__ import annotations

from kerege.core.apps import RoomConfig


class ExchangeConfig(RoomConfig):
    """Files and the interface for other systems."""

    name = "kerege.casework.exchange"
    default = True
