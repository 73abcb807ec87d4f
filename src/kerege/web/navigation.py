"""Staff navigation: apps add items, the page frame shows those that the actor's roles allow.

An app writes `navigation.add(NavItem("cases:list", _("Cases"), {"caseworker"}, order=20))` in its `navigation.py`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Any

from django.urls import NoReverseMatch, reverse

from kerege.base.registry import DEFAULT_ORDER, Registry

# In characters: the width of the menu, of the entry *More*, and of the gap between two entries.
ROW, MORE, GAP = 122, 10, 3


@dataclass(frozen=True)
class NavItem:
    """Item of the navigation. Empty `roles` means every role; a lower `order` comes further left.

    `start`: the address is a prefix of all others, so a page below it does not mark this item.
    """

    url_name: str
    label: Any
    roles: frozenset[str] | set[str] = field(default_factory=frozenset, hash=False)
    order: int = DEFAULT_ORDER
    start: bool = False

    @property
    def name(self) -> str:
        """Return the URL name, which is unique in the navigation."""
        return self.url_name

    def open_to(self, roles: Iterable[str]) -> bool:
        """Return whether one of these roles may see the item."""
        return not self.roles or bool(set(self.roles) & set(roles))


@dataclass(frozen=True)
class NavLink:
    """Item of the navigation as the template shows it."""

    url: str
    label: str
    current: bool
    active: bool


# Each app adds its items in its `navigation.py`.
navigation: Registry[NavItem] = Registry("places in the navigation")


def links(roles: Iterable[str], view_name: str = "", path: str = "") -> list[NavLink]:
    """Return the links for these roles; at most one is marked.

    `view_name` and `path` are those of the current page.
    """
    roles = set(roles)
    visible = [(item, url) for item in navigation.all() if item.open_to(roles) and (url := _address(item))]
    marked = _marked(visible, view_name, path)
    return [
        NavLink(url, str(item.label), current=item.url_name == view_name, active=item.url_name == marked)
        for item, url in visible
    ]


def in_a_row(shown: list[NavLink]) -> tuple[list[NavLink], list[NavLink]]:
    """Return the links that fit into one line of a desktop screen, and those under *More*."""
    lengths = list(accumulate(len(link.label) + GAP for link in shown))
    if not shown or lengths[-1] <= ROW:
        return shown, []
    fitting = sum(length <= ROW - MORE for length in lengths)
    return shown[:fitting], shown[fitting:]


def _address(item: NavItem) -> str:
    try:
        return reverse(item.url_name)
    except NoReverseMatch:
        return ""


def _marked(visible: list[tuple[NavItem, str]], view_name: str, path: str) -> str:
    """Return the URL name to mark: the page's own, else the nearest item above its path, else of its app."""
    names = [item.url_name for item, _url in visible]
    app_name = view_name.rpartition(":")[0]
    if view_name in names or not app_name:
        return view_name
    above = [(len(url), item.url_name) for item, url in visible if not item.start and path.startswith(url)]
    return max(above)[1] if above else next((name for name in names if name.startswith(f"{app_name}:")), "")
