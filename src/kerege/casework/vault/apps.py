"""The configuration of this room."""

from __future__ import annotations

from kerege.core.apps import RoomConfig


class VaultConfig(RoomConfig):
    """Identities, encrypted."""

    name = "kerege.casework.vault"
    default = True
