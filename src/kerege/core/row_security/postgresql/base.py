"""A connection that tells the database who acts. It believes nothing of what an earlier user of it may have told."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db.backends.postgresql import base

from kerege.core.authorization import session_scope
from kerege.core.authorization import session_scope as access_session_scope

TELL = (
    "SELECT set_config('kerege.agency', %s, false), set_config('kerege.user', %s, false),"
    " set_config('kerege.whole', %s, false)"
)


class DatabaseWrapper(base.DatabaseWrapper):
    """One connection of one thread."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # what the session was told last; None: nothing is known
        self._told: session_scope.Reach | None = None
        self._going_back = False
        self.execute_wrappers.append(self._tell)

    def _tell(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
        wanted = access_session_scope.current()
        if wanted != self._told and not self._going_back:
            with self.connection.cursor() as cursor:
                cursor.execute(TELL, wanted)
            self._told = wanted
        return execute(sql, params, many, context)

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        """A connection, new or from the pool: whatever it was told before does not count."""
        self._told = None
        return super().get_new_connection(conn_params)

    def _rollback(self) -> None:
        super()._rollback()  # type: ignore[misc]
        # what was told inside a transaction goes with it
        self._told = None

    def _savepoint_rollback(self, sid: str) -> None:
        # in a failed transaction nothing else may be said before this
        self._going_back = True
        try:
            super()._savepoint_rollback(sid)  # type: ignore[misc]
        finally:
            self._going_back, self._told = False, None
