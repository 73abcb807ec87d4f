"""Registry of the recurring jobs that apps add in their `jobs.py`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from kerege.base.registry import DEFAULT_ORDER, Entry, Registry

Work = Callable[[datetime], None]


@dataclass(frozen=True)
class Job:
    """A recurring job. `work` gets the time of the run; a lower `order` runs first."""

    name: str
    period: timedelta
    work: Work
    order: int = DEFAULT_ORDER


jobs: Registry[Job] = Registry("jobs")
# work that each worker does at each turn on its own machine; each app adds its own in its `jobs.py`
local_work: Registry[Entry[Callable[[], None]]] = Registry("local work")
