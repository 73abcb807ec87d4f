"""The configuration of this room."""

from __future__ import annotations

from kerege.core.apps import RoomConfig


class JobsConfig(RoomConfig):
    """The schedule of recurring jobs and the task queue."""

    name = "kerege.core.jobs"
    default = True
