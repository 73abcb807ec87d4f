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


class SessionScope(NamedTuple):
    """The scope that a connection passes to the database: agency, user, and tables with all rows open."""

    agency: str = ""
    user: str = ""
    whole: str = ""


CLOSED, OPEN = SessionScope(), SessionScope(whole="*")

_outside = CLOSED
_scope: ContextVar[SessionScope | None] = ContextVar("session_scope", default=None)


def current() -> SessionScope:
    """Return the scope of the running code."""
    return _scope.get() or _outside


def open_process() -> None:
    """Open the scope of this process outside of audited actions.

    It belongs to the operator (a command, the worker).
    """
    global _outside
    _outside = OPEN


@contextmanager
def use_scope(scope: SessionScope) -> Iterator[None]:
    """Set the scope of the code inside."""
    token = _scope.set(scope)
    try:
        yield
    finally:
        _scope.reset(token)


def closed() -> AbstractContextManager[None]:
    """Close the scope of the code inside: no rows of guarded tables."""
    return use_scope(CLOSED)


@contextmanager
def bypass_row_security(why: str) -> Iterator[None]:
    """Bypass row-level security for a stated reason. Do not show the result to the user."""
    with use_scope(OPEN):
        yield
