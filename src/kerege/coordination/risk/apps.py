"""Configuration of the app of the regional risk assessment."""

from __future__ import annotations

from kerege.core.apps import RoomConfig


class RiskConfig(RoomConfig):
    """Regional risk assessment: factors by region, intervals of ranks, risk beside detection."""

    name = "kerege.coordination.risk"
    default = True
