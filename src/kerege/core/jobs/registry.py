"""The recurring jobs that rooms declare in their `hooks.py`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

Work = Callable[[datetime], None]


@dataclass(frozen=True)
class Job:
    """Work that comes round: it is given the time of its turn."""

    name: str
    period: timedelta
    work: Work


JOBS: dict[str, Job] = {}


def every(name: str, **period: float) -> Callable[[Work], Work]:
    """Declare a recurring job: `@every("referrals.expire", hours=1)`."""

    def declare(work: Work) -> Work:
        if name in JOBS:
            raise ValueError(f"two jobs are named {name!r}")
        JOBS[name] = Job(name, timedelta(**period), work)
        return work

    return declare
