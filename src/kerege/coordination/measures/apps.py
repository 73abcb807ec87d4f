"""Configuration of the app of the plan of measures."""

from __future__ import annotations

from kerege.core.apps import RoomConfig


class MeasuresConfig(RoomConfig):
    """Plan of measures: what the act asks, who reports, what is done."""

    name = "kerege.coordination.measures"
    default = True
