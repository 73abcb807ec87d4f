"""The moment whose state the public pages show: now, or the moment that an export asks for."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime

from django.utils import timezone

_fixed: ContextVar[datetime | None] = ContextVar("moment of the public pages", default=None)


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
