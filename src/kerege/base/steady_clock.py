"""A clock of this process that never runs backwards, whatever the clock of the machine is set to.

It follows the machine's clock forwards. When that clock is set back, it goes on by the time since the machine started,
which nobody can set.
"""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime, timedelta

# CLOCK_BOOTTIME also counts while the machine sleeps
_SOURCE = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


class SteadyClock:
    """A time that only moves forwards; `now` takes the time of the machine's clock."""

    def __init__(self) -> None:
        """Create a clock that starts with the first time it is given."""
        self._lock = threading.Lock()
        self._moment: datetime | None = None
        self._ticks = 0.0

    def now(self, machine: datetime | None = None) -> datetime:
        """Return the later one of the machine's time and of the last time plus the time that has passed."""
        machine = machine or datetime.now(UTC)
        with self._lock:
            ticks = elapsed()
            if self._moment is not None:
                machine = max(machine, self._moment + timedelta(seconds=max(0.0, ticks - self._ticks)))
            self._moment, self._ticks = machine, ticks
            return machine

    def raise_to(self, moment: datetime) -> None:
        """Let the clock go on from a later moment, such as that of the newest stored event."""
        self.now(moment)

    def reset(self) -> None:
        """Clear the stored time, as in a new process."""
        with self._lock:
            self._moment = None


def elapsed() -> float:
    """Return the seconds since the machine started."""
    return time.clock_gettime(_SOURCE)


CLOCK = SteadyClock()
