"""The configuration of this room."""

from __future__ import annotations

from kerege.core.apps import RoomConfig


class AuditConfig(RoomConfig):
    """The hash-chained record of acts."""

    name = "kerege.core.audit"
    default = True
    plugin_packages = ("kerege.core.admin.audit",)
