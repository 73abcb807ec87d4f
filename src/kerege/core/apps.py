"""Collects what the rooms declare for the background."""

from __future__ import annotations

from typing import Any

from django.apps import AppConfig, apps
from django.db import connections
from django.db.models.signals import post_migrate
from django.utils.module_loading import autodiscover_modules


class CoreConfig(AppConfig):
    """The ground floor of both Django floors."""

    name = "kerege.core"

    def ready(self) -> None:
        """Load recurring jobs (`<room>/jobs.py`) and guard the task table."""
        from kerege.core.jobs import task_guard  # noqa: F401  connects the guard

        autodiscover_modules("jobs")
        # Django tells only apps with models; when it does, the tables of all of them are there
        post_migrate.connect(_build_wall, sender=apps.get_app_config("audit"))


def _build_wall(using: str, plan: Any = (), **kwargs: Any) -> None:
    """After the tables are as the code wants them, the wall around them is too."""
    from kerege.core.row_security import policies

    policies.build(connections[using])
