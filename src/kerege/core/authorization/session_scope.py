"""Session scope: the agency, the user and the open tables.

The running code may read and write their rows.

The database connection passes the scope to PostgreSQL before each statement; the policies of row-level security read it
there. Without an actor the scope is closed. SQLite has no row-level security and ignores the scope.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from typing import NamedTuple


class Reach(NamedTuple):
    """The scope that a connection passes to the database: agency, user, and tables with all rows open."""

    agency: str = ""
    user: str = ""
    whole: str = ""


CLOSED, OPEN = Reach(), Reach(whole="*")

_outside = CLOSED
_reach: ContextVar[Reach | None] = ContextVar("session_scope", default=None)


def current() -> Reach:
    """Return the scope of the running code."""
    return _reach.get() or _outside


def open_process() -> None:
    """Open the scope of this process outside of audited actions.

    It belongs to the operator (a command, the worker).
    """
    global _outside
    _outside = OPEN


@contextmanager
def reach(scope: Reach) -> Iterator[None]:
    """Set the scope of the code inside."""
    token = _reach.set(scope)
    try:
        yield
    finally:
        _reach.reset(token)


def closed() -> AbstractContextManager[None]:
    """Close the scope of the code inside: no rows of guarded tables."""
    return reach(CLOSED)


@contextmanager
def beyond(why: str) -> Iterator[None]:
    """Bypass row-level security for a stated reason. Do not show the result to the user."""
    with reach(OPEN):
        yield
