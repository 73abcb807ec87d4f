"""Configuration of the persons app."""

from __future__ import annotations

from kerege.core.apps import RoomConfig


class PersonsConfig(RoomConfig):
    """App that matches, reviews, links and merges records of one person."""

    name = "kerege.casework.persons"
    default = True
