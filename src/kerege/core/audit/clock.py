"""Time of limits, sessions and retention terms, and faults of the machine's clock.

Limits do not use the machine's clock: setting it back would lengthen them. They use a clock that only moves forwards in
each process, and that starts no earlier than the newest audit event.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import connection
from django.db.models import Max
from django.utils import timezone

from kerege.base import clock_sync
from kerege.base.steady_clock import CLOCK
from kerege.core.audit.models import AuditEvent
from kerege.core.authorization import session_scope

TOLERANCE = timedelta(seconds=2)  # clocks of several machines differ by less
# an event that is further in the future is an error of the clock then, not now: it does not move the limits
FURTHEST = timedelta(days=31)

_started = {"done": False}


@dataclass(frozen=True)
class ClockState:
    """Differences of clocks: how far the machine's is behind the newest event and before the database's."""

    behind_log: timedelta
    before_database: timedelta


def now() -> datetime:
    """Return the time that counts for limits: it never runs backwards."""
    machine = timezone.now()
    if not _started["done"]:
        _start(machine)
    return CLOCK.now(machine)


def today() -> date:
    """Return the day that counts for retention terms."""
    return timezone.localdate(now())


def is_later_than(stored: datetime | float, moment: datetime) -> bool:
    """Return whether a stored time lies in the future of a moment: the clock was set back in between."""
    seconds = stored.timestamp() if isinstance(stored, datetime) else stored
    return seconds - moment.timestamp() > TOLERANCE.total_seconds()


def read_state() -> ClockState:
    """Compare the machine's clock with the newest event and with the clock of the database."""
    machine, newest = timezone.now(), newest_event()
    behind = max(newest - machine, timedelta()) if newest else timedelta()
    return ClockState(behind, timezone.now() - _database_time())


def is_right() -> bool:
    """Return whether a time service keeps the machine's clock, and the database has the same time."""
    return bool(clock_sync.is_synchronised()) and abs(timezone.now() - _database_time()) <= TOLERANCE


def newest_event() -> datetime | None:
    """Return the latest time of all events."""
    with session_scope.bypass_row_security("limits need the time of the newest event, not the event"):
        latest: datetime | None = AuditEvent.objects.aggregate(at=Max("at"))["at"]
    return latest


def restart() -> None:
    """Forget the time of this process and read the newest event at the next call."""
    CLOCK.reset()
    _started["done"] = False


def _start(machine: datetime) -> None:
    _started["done"] = True
    newest = newest_event()
    if newest is not None and machine < newest <= machine + FURTHEST:
        CLOCK.raise_to(newest)


def _database_time() -> datetime:
    """Return the time of the database server; with SQLite, the time of this machine."""
    if connection.vendor != "postgresql":
        return timezone.now()
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        moment: datetime = cursor.fetchone()[0]
    return moment
