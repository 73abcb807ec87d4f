"""Time limits for searches that return the best solution found.

The limit counts the processor time of this thread, so that a search gives the same result on a busy machine as on an
idle one. Elapsed time limits only a thread that gets less than a fortieth of a processor: otherwise a protector on a
busy machine would stop early, and suppress far more cells than on an idle one.
"""

from __future__ import annotations

import time

SLOW = 40.0  # largest assumed ratio of elapsed time to processor time


class TimeLimit:
    """A limit in seconds from now on; infinity is allowed."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._work, self._started = time.thread_time(), time.monotonic()

    @property
    def used(self) -> float:
        """Return the seconds that are used."""
        return max(time.thread_time() - self._work, (time.monotonic() - self._started) / SLOW)

    @property
    def left(self) -> float:
        """Return the seconds that are left, negative after the limit."""
        return self.seconds - self.used

    @property
    def late(self) -> bool:
        """Return whether the limit is exceeded."""
        return self.left < 0

    def as_elapsed(self, seconds: float) -> float:
        """Return the elapsed time, in seconds, that gives a solver at least these seconds of processor time."""
        work, elapsed = time.thread_time() - self._work, time.monotonic() - self._started
        slow = min(max(elapsed / work, 1.0), SLOW) if work > 0.01 else 1.0
        return max(seconds, 0.1) * slow
