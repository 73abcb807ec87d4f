"""Parts of a case's page that the rooms above draw: each declares `PANELS` in its `panels.py`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from typing import Any

from django.apps import apps
from django.utils.module_loading import module_has_submodule

from kerege.casework.cases.models import Case
from kerege.core.access import Actor


@dataclass(frozen=True)
class Badge:
    """A short fact for the bar at the top of a case's page."""

    label: Any
    text: Any
    colour: str = "grey"


@dataclass
class Content:
    """What a panel's template shows, and what the bar says of it."""

    context: dict[str, Any] = field(default_factory=dict)
    badges: list[Badge] = field(default_factory=list)


@dataclass(frozen=True)
class Panel:
    """A template and what it reads; a lower `order` stands further up."""

    template: str
    read: Callable[[Actor, Case], Content]
    order: int = 50


@cache
def registered() -> tuple[Panel, ...]:
    """Every panel that an installed room declares, in the order shown."""
    found: list[Panel] = []
    for config in apps.get_app_configs():
        if (
            config.name.startswith("kerege.casework.")
            and config.module
            and module_has_submodule(config.module, "panels")
        ):
            found += getattr(import_module(f"{config.name}.panels"), "PANELS", [])
    return tuple(sorted(found, key=lambda panel: panel.order))
