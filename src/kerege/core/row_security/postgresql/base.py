"""Database connection that passes the session scope.

It never relies on a scope set by an earlier user.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db.backends.postgresql import base

from kerege.core.authorization import session_scope

SET_SCOPE = (
    "SELECT set_config('kerege.agency', %s, false), set_config('kerege.user', %s, false),"
    " set_config('kerege.whole', %s, false)"
)


class DatabaseWrapper(base.DatabaseWrapper):
    """A connection of one thread."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # the scope that the database session holds; None when it is unknown
        self._passed_scope: session_scope.SessionScope | None = None
        self._is_rolling_back = False
        self.execute_wrappers.append(self._pass_scope)

    def _pass_scope(
        self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]
    ) -> Any:
        scope = session_scope.current()
        if scope != self._passed_scope and not self._is_rolling_back:
            with self.connection.cursor() as cursor:
                cursor.execute(SET_SCOPE, scope)
            self._passed_scope = scope
        return execute(sql, params, many, context)

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
