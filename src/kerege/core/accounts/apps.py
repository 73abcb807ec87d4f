"""Configuration of the accounts app."""

from __future__ import annotations

from kerege.core.apps import RoomConfig


class AccountsConfig(RoomConfig):
    """App of agencies, users, roles, sessions and second factors."""

    name = "kerege.core.accounts"
    default = True
    plugin_packages = ("kerege.core.admin.accounts", "kerege.core.admin.law")
