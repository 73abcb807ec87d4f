"""Configuration of the exchange app."""

from __future__ import annotations

from kerege.core.apps import RoomConfig


class ExchangeConfig(RoomConfig):
    """App for exchange files and the API for other systems."""

    name = "kerege.casework.exchange"
    default = True
