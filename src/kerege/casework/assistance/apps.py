"""Configuration of the assistance app."""

from __future__ import annotations

from kerege.core.apps import RoomConfig


class AssistanceConfig(RoomConfig):
    """Consents, plans, services, referrals and handovers."""

    name = "kerege.casework.assistance"
    default = True
