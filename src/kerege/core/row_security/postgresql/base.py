"""Database connection that passes the session scope, and the time at which shares and emergencies end.

It never relies on a scope set by an earlier user. The time is that of the program's clock, which only moves forwards:
the clock of the database server, set back, would open shares again that have ended. The server gets by how much its
clock is behind, so that its time goes on within a transaction.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.db.backends.postgresql import base
from django.utils import timezone

from kerege.base import steady_clock
from kerege.core.authorization import session_scope

SET_SCOPE = (
    "SELECT set_config('kerege.agency', %s, false), set_config('kerege.user', %s, false),"
    " set_config('kerege.whole', %s, false),"
    " set_config('kerege.behind', %s, false), clock_timestamp()"
)
LASTS = 1.0  # seconds after which the difference of the clocks is measured again


def least_difference(low: timedelta, high: timedelta) -> timedelta:
    """Return the least difference of two clocks, given its limits before and after an answer.

    The time of the answer does not count as a difference; otherwise a share that has just begun would stay unseen.
    """
    return max(low, min(high, timedelta()))


class DatabaseWrapper(base.DatabaseWrapper):
    """A connection of one thread."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # the scope that the database session holds; None when it is unknown
        self._passed_scope: session_scope.SessionScope | None = None
        self._passed_at = 0.0  # seconds since the machine started
        self._behind = timedelta()  # delay of the server's clock
        self._is_rolling_back = False
        self.execute_wrappers.append(self._pass_scope)

    def _pass_scope(
        self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]
    ) -> Any:
        scope = session_scope.current()
        is_passed = scope == self._passed_scope and steady_clock.elapsed() - self._passed_at < LASTS
        if not is_passed and not self._is_rolling_back:
            if self._set_scope(scope) != self._behind:
                self._set_scope(scope)
            self._passed_scope, self._passed_at = scope, steady_clock.elapsed()
        return execute(sql, params, many, context)

    def _set_scope(self, scope: session_scope.SessionScope) -> timedelta:
        """Pass the scope and the known difference of the clocks; measure it again; return what was passed."""
        passed = self._behind
        before = steady_clock.CLOCK.now(timezone.now())
        with self.connection.cursor() as cursor:
            cursor.execute(SET_SCOPE, [*scope, f"{passed.total_seconds():f} seconds"])
            server = cursor.fetchone()[-1]
        self._behind = least_difference(before - server, steady_clock.CLOCK.now(timezone.now()) - server)
        return passed

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        """Return a connection, new or from the pool; the scope that it holds counts as unknown."""
        self._passed_scope = None
        return super().get_new_connection(conn_params)

    def _rollback(self) -> None:
        super()._rollback()  # type: ignore[misc]
        # the rollback also undoes a scope set inside the transaction
        self._passed_scope = None

    def _savepoint_rollback(self, sid: str) -> None:
        # in a failed transaction PostgreSQL accepts no other statement before this rollback
        self._is_rolling_back = True
        try:
            super()._savepoint_rollback(sid)  # type: ignore[misc]
        finally:
            self._is_rolling_back, self._passed_scope = False, None
