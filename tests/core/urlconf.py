"""Walk of the URLconf: every view with its name and its declared action."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver

# allauth's own pages, which require the sign-in themselves
LIBRARIES = ("allauth.",)


@dataclass(frozen=True)
class Page:
    """A URL: its pattern, its name, its view and the action that the view declares ('' when none)."""

    pattern: str
    name: str
    view: Any
    action: str

    @property
    def of_library(self) -> bool:
        return str(getattr(self.view, "__module__", "")).startswith(LIBRARIES)


def pages() -> list[Page]:
    """Return all URLs of the system."""
    return list(_walk(get_resolver(), "", ""))


def _walk(resolver: URLResolver, prefix: str, namespace: str) -> Iterator[Page]:
    for item in resolver.url_patterns:
        pattern = prefix + str(item.pattern)
        if isinstance(item, URLResolver):
            inner = f"{namespace}{item.namespace}:" if item.namespace else namespace
            yield from _walk(item, pattern, inner)
        elif isinstance(item, URLPattern):
            action = getattr(item.callback, "access_action", "")
            yield Page(pattern, f"{namespace}{item.name}", item.callback, action)
