"""Base configuration of Kerege's apps: it imports an app's plug-in modules when Django starts."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module

from django.apps import AppConfig
from django.utils.module_loading import module_has_submodule

# An app has the modules that it needs. Django imports them in this order.
PLUGIN_MODULES = (
    "policies",
    "rules",
    "receivers",
    "jobs",
    "health_checks",
    "draft_middleware",
    "retention_rules",
    "restore_checks",
    "navigation",
    "dashboard",
    "case_panels",
    "alerts",
    "timeline_lines",
)


class RoomConfig(AppConfig):
    """An app whose plug-in modules fill the registries and connect to the signals of other apps.

    Each app sets `default = True`, because its `apps.py` holds two configurations: this class and its own.
    `plugin_packages` names further packages of the app that hold plug-in modules.
    """

    plugin_packages: tuple[str, ...] = ()

    def ready(self) -> None:
        """Import the plug-in modules. Django calls this once, in one thread, when all models are loaded."""
        for name in self.plugins():
            import_module(name)

    def plugins(self) -> Iterator[str]:
        """Yield the full names of the plug-in modules that the app has, in the order of PLUGIN_MODULES."""
        packages = [import_module(name) for name in (self.name, *self.plugin_packages)]
        for module in PLUGIN_MODULES:
            for package in packages:
                if module_has_submodule(package, module):
                    yield f"{package.__name__}.{module}"


class CoreConfig(RoomConfig):
    """Configuration of the core app."""

    name = "kerege.core"
    default = True
    plugin_packages = ("kerege.core.restore_drills",)
