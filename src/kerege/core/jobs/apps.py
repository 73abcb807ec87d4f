"""Configuration of the jobs app."""

from __future__ import annotations

from kerege.core.apps import RoomConfig


class JobsConfig(RoomConfig):
    """The app of the job schedule and the task queue."""

    name = "kerege.core.jobs"
    default = True
