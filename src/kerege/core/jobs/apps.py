"""Collects what the rooms declare in their `receivers.py`: what rotates, reindexes and uses keys."""

from __future__ import annotations

from importlib import import_module

from django.apps import AppConfig, apps
from django.utils.module_loading import module_has_submodule


class JobsConfig(AppConfig):
    name = "kerege.core.jobs"

    def ready(self) -> None:
        for config in apps.get_app_configs():
            if config.name.startswith("kerege.") and config.module and module_has_submodule(config.module, "receivers"):
                import_module(f"{config.name}.receivers")
