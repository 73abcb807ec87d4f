"""The moment whose state the public pages show: now, or the moment that an export asks for."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from typing import TypeVar, cast

from django.utils import timezone

Result = TypeVar("Result")
_fixed: ContextVar[datetime | None] = ContextVar("moment of the public pages", default=None)
_memory: ContextVar[dict[tuple[Hashable, ...], object] | None] = ContextVar("what one export computed", default=None)


def now() -> datetime:
    """Return the moment whose state the public pages show."""
    return _fixed.get() or timezone.now()


@contextmanager
def fixed_at(moment: datetime) -> Iterator[None]:
    """Show the state of one moment inside the block, whatever the clock says."""
    if moment.tzinfo is None:
        raise ValueError("a moment needs a time zone offset")
    token = _fixed.set(moment)
    try:
        yield
    finally:
        _fixed.reset(token)


@contextmanager
def remembering() -> Iterator[None]:
    """Compute once, inside the block, what depends on the moment and on files that do not change."""
    token = _memory.set({})
    try:
        yield
    finally:
        _memory.reset(token)


def remember(key: tuple[Hashable, ...], compute: Callable[[], Result]) -> Result:
    """Return the result that was computed under this key inside `remembering`, otherwise compute it."""
    memory = _memory.get()
    if memory is None:
        return compute()
    if key not in memory:
        memory[key] = compute()
    return cast("Result", memory[key])
