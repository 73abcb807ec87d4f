"""The configuration of this room."""

from __future__ import annotations

from kerege.core.apps import RoomConfig


class PersonsConfig(RoomConfig):
    """Matching, review and merging of records of one person."""

    name = "kerege.casework.persons"
    default = True
