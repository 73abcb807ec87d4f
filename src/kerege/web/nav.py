"""The staff navigation: rooms declare their places, the shell shows those that the actor's roles allow.

A room writes `NAV = [NavItem("cases:list", _("Cases"), {"caseworker", "supervisor"})]` in its `nav.py` (or `urls.py`).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from typing import Any

from django.apps import apps
from django.urls import NoReverseMatch, reverse
from django.utils.module_loading import module_has_submodule

PLACES = ("nav", "urls")


@dataclass(frozen=True)
class NavItem:
    """One place in the navigation; `roles` empty means every role; a lower `order` stands further left."""

    url_name: str
    label: Any
    roles: frozenset[str] | set[str] = field(default_factory=frozenset, hash=False)
    order: int = 50

    def open_to(self, roles: Iterable[str]) -> bool:
        """Whether one of these roles may see the place."""
        return not self.roles or bool(set(self.roles) & set(roles))


@dataclass(frozen=True)
class NavLink:
    """A place as the template shows it."""

    url: str
    label: str
    current: bool
    active: bool


@cache
def registered() -> tuple[NavItem, ...]:
    """Every place that an installed room of Kerege declares, in the order shown."""
    found = [item for app in apps.get_app_configs() if app.name.startswith("kerege.") for item in _declared(app.module)]
    return tuple(sorted(found, key=lambda item: item.order))


def _declared(package: Any) -> list[NavItem]:
    for place in PLACES:
        if module_has_submodule(package, place):
            items = getattr(import_module(f"{package.__name__}.{place}"), "NAV", None)
            if items:
                return list(items)
    return []


def links(roles: Iterable[str], view_name: str = "") -> list[NavLink]:
    """The links for these roles; `view_name` is that of the page being shown."""
    roles = set(roles)
    shown = [item for item in registered() if item.open_to(roles)]
    here = _here(shown, view_name)
    return [link for item in shown if (link := _link(item, view_name, item is here))]


def _here(shown: list[NavItem], view_name: str) -> NavItem | None:
    """The place a page belongs to: itself, else the first place of its room."""
    exact = [item for item in shown if item.url_name == view_name]
    room = view_name.rpartition(":")[0]
    return next(iter(exact + [item for item in shown if room and item.url_name.startswith(f"{room}:")]), None)


def _link(item: NavItem, view_name: str, active: bool) -> NavLink | None:
    try:
        url = reverse(item.url_name)
    except NoReverseMatch:
        return None
    return NavLink(url, str(item.label), current=view_name == item.url_name, active=active)
