"""Configuration of the app of commissions."""

from __future__ import annotations

from kerege.core.apps import RoomConfig


class CommissionsConfig(RoomConfig):
    """Interagency commission and regional commissions: sessions, decisions, minutes."""

    name = "kerege.coordination.commissions"
    default = True
