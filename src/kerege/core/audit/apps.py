"""Configuration of the audit app."""

from __future__ import annotations

from kerege.core.apps import RoomConfig


class AuditConfig(RoomConfig):
    """The app of the hash-chained audit log."""

    name = "kerege.core.audit"
    default = True
    plugin_packages = ("kerege.core.admin.audit",)
