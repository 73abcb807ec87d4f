"""Budgets of time for searches that end with the best found.

Counted is the work of this thread, so that a search finds the same on a busy machine as on an idle one; only where the
thread gets less than a third of a processor, time passes on the wall all the same.
"""

from __future__ import annotations

import time

SLOW = 3.0


class Clock:
    """So many seconds from now on; infinitely many are allowed."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._work, self._wall = time.thread_time(), time.monotonic()

    @property
    def used(self) -> float:
        """Seconds gone."""
        return max(time.thread_time() - self._work, (time.monotonic() - self._wall) / SLOW)

    @property
    def left(self) -> float:
        """Seconds left, below nought when it is late."""
        return self.seconds - self.used

    @property
    def late(self) -> bool:
        """Whether nothing is left."""
        return self.left < 0

    def on_the_wall(self, seconds: float) -> float:
        """What a solver that looks at the wall is to be given for so many seconds of work."""
        work, wall = time.thread_time() - self._work, time.monotonic() - self._wall
        slow = min(max(wall / work, 1.0), SLOW) if work > 0.01 else 1.0
        return max(seconds, 0.1) * slow
