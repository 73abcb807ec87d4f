"""What a role finds on its home page: rooms declare `HOME = [Part(...)]` in their `home.py`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import Any

from django.apps import apps
from django.utils.module_loading import module_has_submodule


@dataclass(frozen=True)
class Part:
    """A template for a role, and what it reads for an actor. A lower `order` stands further up."""

    role: str
    template: str
    read: Callable[[Any], dict[str, Any]]
    order: int = 50


@cache
def parts() -> tuple[Part, ...]:
    """Every part that an installed room declares, in the order shown."""
    found: list[Part] = []
    for app in apps.get_app_configs():
        if app.name.startswith("kerege.") and app.module and module_has_submodule(app.module, "dashboard"):
            found.extend(import_module(f"{app.name}.dashboard").HOME)
    return tuple(sorted(found, key=lambda part: part.order))
