"""The configuration of this room."""

from __future__ import annotations

from kerege.core.apps import RoomConfig


class AccountsConfig(RoomConfig):
    """Agencies, users, roles, sessions, second factor."""

    name = "kerege.core.accounts"
    default = True
    plugin_packages = ("kerege.core.admin.accounts",)
