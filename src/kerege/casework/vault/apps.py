"""Configuration of the vault app."""

from __future__ import annotations

from kerege.core.apps import RoomConfig


class VaultConfig(RoomConfig):
    """App of the encrypted identities."""

    name = "kerege.casework.vault"
    default = True
