"""Changes a registry for one test."""

from __future__ import annotations

from typing import Any

import pytest

from kerege.standard.registry import Registry


def with_items(monkeypatch: pytest.MonkeyPatch, registry: Registry[Any], *items: Any) -> None:
    """Add items until the test ends."""
    monkeypatch.setattr(registry, "_items", dict(registry._items))
    registry.add(*items)


def with_only(monkeypatch: pytest.MonkeyPatch, registry: Registry[Any], *items: Any) -> None:
    """Replace all items until the test ends."""
    monkeypatch.setattr(registry, "_items", {})
    registry.add(*items)
