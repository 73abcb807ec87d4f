"""Temporary changes of registries and signals for one test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.dispatch import Signal

from kerege.base.registry import Registry


def with_items(monkeypatch: pytest.MonkeyPatch, registry: Registry[Any], *items: Any) -> None:
    """Add items until the test ends."""
    monkeypatch.setattr(registry, "_items", dict(registry._items))
    registry.add(*items)


def with_only(monkeypatch: pytest.MonkeyPatch, registry: Registry[Any], *items: Any) -> None:
    """Replace all items until the test ends."""
    monkeypatch.setattr(registry, "_items", {})
    registry.add(*items)


@contextmanager
def connected(signal: Signal, receiver: Callable[..., Any]) -> Iterator[None]:
    """Connect one more receiver to a signal."""
    signal.connect(receiver)
    try:
        yield
    finally:
        signal.disconnect(receiver)
