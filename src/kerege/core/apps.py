"""Collects what the rooms declare for the background."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class CoreConfig(AppConfig):
    """The ground floor of both Django floors."""

    name = "kerege.core"

    def ready(self) -> None:
        """Load recurring jobs (`<room>/jobs.py`) and guard the task table."""
        from kerege.core.jobs import tasks  # noqa: F401  connects the guard

        autodiscover_modules("jobs")
